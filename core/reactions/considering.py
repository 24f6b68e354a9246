"""Whom reactions ask to consider something, and how long those have.

A reaction decides nothing that is a person's to decide: it recommends to consider.
"""

from __future__ import annotations

from datetime import date, timedelta

from core.vocabulary import Instant, seoul_day

MANAGERS = "Programme managers"
OFFICERS = "Programme officers"
_TIME = timedelta(days=30)


def by(at: Instant) -> date:
    """Return the day by which what was found at an instant is to be considered."""
    today = seoul_day(at)
    return min(today, date.max - _TIME) + _TIME
