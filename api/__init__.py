"""The HTTP surface: routes, problems, access and the console."""
