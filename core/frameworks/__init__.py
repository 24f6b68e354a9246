"""Versioned rubrics that calls are scored by."""
