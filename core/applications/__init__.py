"""A city's application to a call."""
