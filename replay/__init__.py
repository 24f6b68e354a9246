"""What runs the rules again: decision replay, what-if, verification, and the `ssp` program."""
