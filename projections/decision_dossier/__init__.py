"""Everything that a decision rested on, as of that decision, with what proves it."""
