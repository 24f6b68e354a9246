"""Monitoring: what became of a project, who checked it, and what was done about it."""
