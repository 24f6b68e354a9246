"""The append-only log: the only place that knows the database."""
