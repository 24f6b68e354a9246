"""Panels, rankings, proposals and their approval."""
