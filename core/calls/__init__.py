"""Calls for applications and their stages."""
