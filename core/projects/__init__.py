"""Projects: what a city and Seoul agreed, delivered, and led to."""
