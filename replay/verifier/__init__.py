"""The verifier in one file, which travels in every bundle and imports nothing of ours."""
