"""How each project stands: milestones, indicators against their path, risks, ratings."""
