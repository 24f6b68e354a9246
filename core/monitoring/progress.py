"""What is late in a project as of a day, and has not been said before.

Lateness comes about by nothing happening, so no command brings it. Someone has to look: a
review, dated by whoever asks for it, finds what is late by then. It is pure, and the same
lateness is found once, however often anyone looks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import assert_never

from core.errors import refuse, require
from core.monitoring.commands import ReviewProgress
from core.monitoring.events import (
    IndicatorBehind,
    IndicatorUnobserved,
    MilestoneMissed,
    Reading,
)
from core.monitoring.path import Expected, behind, expected
from core.monitoring.standard import Standard
from core.results import Dimension, Indicator, Period, Target
from core.vocabulary import IndicatorId, MilestoneId, ProjectId

_SHOWN = Context(prec=12, rounding=ROUND_HALF_EVEN)

Late = MilestoneMissed | IndicatorBehind | IndicatorUnobserved


@dataclass(frozen=True, slots=True)
class Missed:
    """That a milestone is late; moved to another day, it can be late anew."""

    milestone: MilestoneId
    due_on: date


@dataclass(frozen=True, slots=True)
class Lagging:
    """That an indicator is late on its way to a target: not observed, or behind its path."""

    indicator: IndicatorId
    target: Period
    dimensions: frozenset[Dimension]
    observed: bool


@dataclass(frozen=True, slots=True)
class Due:
    """A milestone that was not reached yet, and its day."""

    milestone: MilestoneId
    on: date


@dataclass(frozen=True, slots=True)
class Followed:
    """An indicator and what was observed of it, in the order of the observations' numbers."""

    indicator: Indicator
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Watched:
    """A signed project as it is watched: since its first day; open milestones only.

    `rests` where it is suspended; `cancelled` and `completed` where it has ended.
    """

    since: date
    milestones: tuple[Due, ...]
    indicators: tuple[Followed, ...]
    rests: bool = False
    cancelled: bool = False
    completed: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What was found late before: how often, and what."""

    count: int = 0
    late: frozenset[Missed | Lagging] = frozenset()

    def grown(self, event: Late) -> Known:
        """Return this, with one more."""
        return Known(event.number, self.late | {_what(event)})


def reviewed(
    command: ReviewProgress,
    today: date,
    watched: Watched | None,
    standard: Standard | None,
    known: Known,
) -> list[Late]:
    """Return what is late and not known yet, numbered on from what is; or refuse to look."""
    if watched is None:
        refuse(
            "agreement-not-signed",
            "nothing is due before both cities have signed",
            field="project_id",
            value=command.project_id,
        )
    require(
        not watched.cancelled,
        "project-ended",
        "of a cancelled project nothing is due any more",
        field="project_id",
        value=command.project_id,
    )
    require(
        not watched.rests,
        "project-suspended",
        "while a project rests it is known why it is late",
        field="project_id",
        value=command.project_id,
    )
    if standard is None:
        refuse(
            "unknown-standard",
            "progress is reviewed by one of the programme's standards",
            field="standard_id",
            value=f"{command.standard_id} {command.standard_version}",
        )
    found = [
        late
        for late in _late(command.project_id, today, watched, standard)
        if _what(late) not in known.late
    ]
    return [replace(late, number=n) for n, late in enumerate(found, known.count + 1)]


def _what(event: Late) -> Missed | Lagging:
    match event:
        case MilestoneMissed(milestone=milestone, due_on=due_on):
            return Missed(milestone, due_on)
        case IndicatorUnobserved(indicator_id=indicator, target=target):
            return Lagging(indicator, target.period, frozenset(target.dimensions), observed=False)
        case IndicatorBehind(indicator_id=indicator, target=target):
            return Lagging(indicator, target.period, frozenset(target.dimensions), observed=True)
        case _:
            assert_never(event)


def _late(project: ProjectId, today: date, watched: Watched, standard: Standard) -> Iterator[Late]:
    """Yield all that is late, whether known or not, not numbered yet."""
    ref = standard.ref
    if not watched.completed:
        for due in watched.milestones:
            if _days(due.on, today) > standard.milestone_grace_days:
                yield MilestoneMissed(project, 0, due.milestone, due.on, today, ref)
    for followed in watched.indicators:
        for target in _unobserved(followed, today, standard.observation_grace_days):
            yield IndicatorUnobserved(project, 0, followed.indicator.id, target, today, ref)
        for number, path in _behind(followed, watched.since, Fraction(standard.tolerance)):
            seen = followed.readings[number - 1]
            yield IndicatorBehind(
                project,
                0,
                followed.indicator.id,
                number,
                seen.period.end,
                seen.value,
                _decimal(path.value),
                path.target,
                today,
                ref,
            )


def _unobserved(followed: Followed, today: date, grace_days: int) -> Iterator[Target]:
    """Yield the targets whose period is long over, and no day of it was observed."""
    for target in followed.indicator.targets:
        breakdown = frozenset(target.dimensions)
        seen = any(
            frozenset(reading.dimensions) == breakdown and reading.period.overlaps(target.period)
            for reading in followed.readings
        )
        if not seen and _days(target.period.end, today) > grace_days:
            yield target


def _behind(followed: Followed, since: date, tolerance: Fraction) -> Iterator[tuple[int, Expected]]:
    """Yield the number of each breakdown's latest observation that lies behind, and the path."""
    latest: dict[frozenset[Dimension], int] = {}
    for number, reading in enumerate(followed.readings, 1):
        breakdown = frozenset(reading.dimensions)
        known = latest.get(breakdown)
        if known is None or followed.readings[known - 1].period.end <= reading.period.end:
            latest[breakdown] = number
    for breakdown, number in latest.items():
        seen = followed.readings[number - 1]
        path = expected(followed.indicator, since, breakdown, seen.period.end)
        if path and behind(followed.indicator, path, Fraction(seen.value), tolerance):
            yield number, path


def _days(due: date, today: date) -> int:
    return (today - due).days


def _decimal(value: Fraction) -> Decimal:
    """Return a point of the path to be read by people: the comparison was made without rounding."""
    return _SHOWN.divide(Decimal(value.numerator), Decimal(value.denominator))
