"""Evaluators, their conflicts of interest, and the scores they give."""
