"""Partner cities and the pool they wait in."""
