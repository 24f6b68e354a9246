"""What a project is to change, and how that is measured: the words of plan and monitoring.

A plan promises it, monitoring observes it, and neither slice knows the other, so the
words stand beside them. They follow the IATI standard 2.03 (result, indicator, baseline,
period, target, dimension), which the published activity files are made of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from core.errors import Violation, broken, refuse, require
from core.vocabulary import IndicatorId, ResultId, Text, filled, quantity


class ResultKind(StrEnum):
    """How far a result lies from what the project does itself."""

    OUTPUT = "output"
    OUTCOME = "outcome"
    IMPACT = "impact"


class Measure(StrEnum):
    """What the numbers of an indicator are."""

    UNIT = "unit"
    PERCENTAGE = "percentage"
    NOMINAL = "nominal"
    ORDINAL = "ordinal"


class Direction(StrEnum):
    """Which way is better."""

    INCREASING = "increasing"
    DECREASING = "decreasing"


@dataclass(frozen=True, slots=True)
class Period:
    """Days from the first to the last, both of them included."""

    start: date
    end: date

    def holds(self, other: Period) -> bool:
        """Whether no day of the other lies outside."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Period) -> bool:
        """Whether the two share a day."""
        return self.start <= other.end and other.start <= self.end

    def __str__(self) -> str:
        """Write it as ISO 8601 does."""
        return f"{self.start}/{self.end}"


@dataclass(frozen=True, slots=True)
class Dimension:
    """One way in which a number is broken down, such as sex: female."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the indicator was before the project, and in which year."""

    year: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class Target:
    """What the indicator is to be in a period, for all or for one breakdown."""

    period: Period
    value: Decimal
    dimensions: tuple[Dimension, ...] = ()


@dataclass(frozen=True, slots=True)
class Indicator:
    """How one result is measured."""

    id: IndicatorId
    result: ResultId
    title: Text
    unit: str
    measure: Measure
    direction: Direction
    baseline: Baseline
    targets: tuple[Target, ...]


def period(value: Period, field: str) -> Period:
    """Return `value` if its last day is not before its first."""
    require(
        value.start <= value.end,
        "period-reversed",
        "a period ends on the day it begins or later",
        field=field,
        value=value,
    )
    return value


def past(value: Period, today: date, field: str) -> Period:
    """Return `value` if it is over: what has not happened was not observed."""
    require(
        period(value, field).end <= today,
        "period-in-future",
        f"what is recorded has happened, so its last day is {today} or before",
        field=field,
        value=value,
    )
    return value


def breakdown(value: Sequence[Dimension], field: str) -> tuple[Dimension, ...]:
    """Return dimensions in the order of their names, each name once."""
    for i, dimension in enumerate(value):
        filled(dimension.name, f"{field}.{i}.name")
        filled(dimension.value, f"{field}.{i}.value")
    names = [dimension.name for dimension in value]
    require(
        len(set(names)) == len(names),
        "dimension-repeated",
        "a number is broken down once by each dimension",
        field=field,
        value=", ".join(names),
    )
    return tuple(sorted(value, key=lambda dimension: dimension.name))


def apart(
    new: tuple[Period, Sequence[Dimension]],
    others: Iterable[tuple[Period, Sequence[Dimension]]],
    field: str,
) -> None:
    """Refuse a number for days that have one already, for the same breakdown."""
    days, dimensions = new
    for other, theirs in others:
        if set(theirs) == set(dimensions) and days.overlaps(other):
            refuse(
                "period-overlap",
                f"the same breakdown has a number for {other} already",
                field=field,
                value=days,
            )


def broken_indicator(indicator: Indicator, monitored: Period, path: str) -> Iterator[Violation]:
    """Yield all that is wrong with how an indicator measures."""
    yield from broken(filled, indicator.unit, f"{path}.unit")
    yield from broken_promise(indicator.baseline, indicator.targets, monitored, f"{path}.")


def broken_promise(
    baseline: Baseline, targets: Sequence[Target], monitored: Period, path: str = ""
) -> Iterator[Violation]:
    """Yield all that is wrong with a baseline and the targets that are set from it."""
    yield from broken(quantity, baseline.value, f"{path}baseline.value")
    if not 1 <= baseline.year <= monitored.start.year:
        yield Violation(
            "baseline-after-start",
            f"a baseline is what was before the project, which begins in {monitored.start.year}",
            f"{path}baseline.year",
            str(baseline.year),
        )
    if not targets:
        yield Violation("no-targets", "an indicator has at least one target", f"{path}targets")
    for i, target in enumerate(targets):
        yield from broken(_target, target, monitored, f"{path}targets.{i}")
        earlier = [(t.period, t.dimensions) for t in targets[:i]]
        this = target.period, target.dimensions
        yield from broken(apart, this, earlier, f"{path}targets.{i}.period")


def _target(target: Target, monitored: Period, path: str) -> None:
    within(target.period, monitored, f"{path}.period")
    quantity(target.value, f"{path}.value")
    breakdown(target.dimensions, f"{path}.dimensions")


def within(value: Period, monitored: Period, field: str) -> Period:
    """Return `value` if it lies inside the days in which the project is monitored."""
    require(
        monitored.holds(period(value, field)),
        "period-outside",
        f"the project is monitored in {monitored}",
        field=field,
        value=value,
    )
    return value
