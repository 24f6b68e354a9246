"""What follows by itself when a fact of one slice calls for a command of another."""
