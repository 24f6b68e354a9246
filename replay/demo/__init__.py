"""The demo: a reconstruction of the 2024 Seoul ODA Challenge from its published facts."""
