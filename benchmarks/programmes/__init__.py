"""Programmes that never were, of any size: what is measured must be as long as years of work.

All chance comes from a seed, so the same size gives the same bytes wherever it is made.
"""
