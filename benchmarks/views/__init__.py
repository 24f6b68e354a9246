"""The views measured: how fast they catch up, how far they lag, what it costs to look back.

Beside them run the stock library's own projection and a plain loop that folds the same rows.
"""
