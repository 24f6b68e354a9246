"""Whom reactions ask to consider something, and how long those have.

A reaction decides nothing that is a person's to decide: it recommends to consider.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from core.monitoring.recommendations import AUTOMATIC
from core.results import Dimension
from core.vocabulary import Instant, RecommendationId, seoul_day

MANAGERS = "Programme managers"
OFFICERS = "Programme officers"
_TIME = timedelta(days=30)


def by(at: Instant) -> date:
    """Return the day by which what was found at an instant is to be considered."""
    today = seoul_day(at)
    return min(today, date.max - _TIME) + _TIME


def on_account_of(number: int) -> RecommendationId:
    """Name the recommendation that follows from what is late, by its number in the project."""
    return RecommendationId(f"{AUTOMATIC}late-{number}")


def of(indicator: str, dimensions: Sequence[Dimension]) -> str:
    """Name an indicator, or one breakdown of it."""
    shown = ", ".join(f"{dimension.name}: {dimension.value}" for dimension in dimensions)
    return f"{indicator} ({shown})" if shown else indicator
