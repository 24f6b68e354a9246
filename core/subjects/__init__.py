"""People whom the log holds personal data about, each by a pseudonym, and their erasure."""
