"""Which streams each command reads and writes."""
