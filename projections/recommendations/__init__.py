"""What was recommended, to whom and by when, and what became of it."""
