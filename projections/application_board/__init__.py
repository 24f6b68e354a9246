"""Each application with the instant of every transition."""
