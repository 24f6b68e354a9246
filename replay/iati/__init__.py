"""Projects as donors publish them: activities of the IATI standard 2.03, with their results."""
