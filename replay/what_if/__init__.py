"""What would have been selected, had some of what a decision rested on been otherwise."""
