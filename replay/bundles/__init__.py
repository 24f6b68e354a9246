"""What leaves the house and is checked elsewhere: bundles of decisions, exported logs."""
