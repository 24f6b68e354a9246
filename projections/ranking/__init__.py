"""The ranking of each stage as it stands now, with the trace of every number."""
