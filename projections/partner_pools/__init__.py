"""Each city of the pool: its tier, needs, applications, engagements, next opportunity."""
