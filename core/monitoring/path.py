"""The path of an indicator: from its baseline on the project's first day, target by target.

A plan promises a value by the end of a period and says nothing of the days before. Between two
promises the path is a straight line, unless the indicator moves in steps: a rank or a category
is where it was until the next one is due.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from core.results import Dimension, Direction, Indicator, Measure, Target

_IN_STEPS = {Measure.NOMINAL, Measure.ORDINAL}


@dataclass(frozen=True, slots=True)
class Expected:
    """Where the path is on a day: `value`, on the way to `target`, which asks for `change` more.

    `change` is the planned difference between the two points that the day lies between.
    """

    value: Fraction
    target: Target
    change: Fraction


def expected(
    indicator: Indicator, since: date, dimensions: Iterable[Dimension], on: date
) -> Expected | None:
    """Return where an indicator should be on a day; None where nothing was promised of it.

    The baseline is known for the whole only, so a breakdown has no path before its first
    target is due. After the last target the path goes on at its height.
    """
    whole = not (breakdown := frozenset(dimensions))
    targets = sorted(
        (t for t in indicator.targets if frozenset(t.dimensions) == breakdown),
        key=lambda target: target.period.end,
    )
    if not targets:
        return None
    points = [(target.period.end, Fraction(target.value)) for target in targets]
    if whole:
        points.insert(0, (since, Fraction(indicator.baseline.value)))
    ahead = next((t for t in targets if t.period.end >= on), targets[-1])
    before = [point for point in points if point[0] < ahead.period.end]
    if not before:
        due = whole or on >= ahead.period.end
        return Expected(Fraction(ahead.value), ahead, Fraction(0)) if due else None
    day, value = before[-1]
    change = Fraction(ahead.value) - value
    if on >= ahead.period.end:
        return Expected(Fraction(ahead.value), ahead, change)
    if indicator.measure not in _IN_STEPS:
        value += change * Fraction(max((on - day).days, 0), (ahead.period.end - day).days)
    return Expected(value, ahead, change)


def behind(indicator: Indicator, path: Expected, observed: Fraction, tolerance: Fraction) -> bool:
    """Whether what was observed lies further on the wrong side of the path than is tolerated."""
    upwards = 1 if indicator.direction is Direction.INCREASING else -1
    return upwards * (path.value - observed) > tolerance * abs(path.change)
