"""Questions to the recommendations: what is open, of whom, and what is overdue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Connection

from core.vocabulary import Instant
from projections.filters import equal
from projections.moments import About
from projections.recommendations.fold import VIEW, WAITING, Row
from projections.steps import status_at
from projections.tables import rows_at


@dataclass(frozen=True, slots=True)
class Line:
    """A recommendation as it stood; `cause` is the position of the event behind its row.

    `status` and `since` are those of the moment asked about. It is overdue where something is
    still to be done after its day: `days_late` counts from there, and is 0 otherwise.
    """

    recommendation: Row
    cause: int
    status: str
    since: Instant
    days_late: int


@dataclass(frozen=True, slots=True)
class Recommendations:
    """Recommendations, by the day on which they are due, and how many stand where."""

    lines: tuple[Line, ...]
    by_status: dict[str, int]
    overdue: int


def recommendations(  # noqa: PLR0913  # one parameter a filter
    connection: Connection[Any],
    as_of: int,
    about: About,
    *,
    project_id: str | None = None,
    city_id: str | None = None,
    status: str | None = None,
    overdue: bool | None = None,
) -> Recommendations:
    """Return recommendations as of a position, as they stood at the moment asked about."""
    found = rows_at(connection, VIEW, as_of, *equal(project_id=project_id, city_id=city_id))
    return selected(lines_of(found, about), status, overdue=overdue)


def lines_of(found: Iterable[tuple[str, int, Row]], about: About) -> tuple[Line, ...]:
    """Return what was issued by the moment asked about, by the day on which it is due."""
    lines = (_line(row, cause, about) for _, cause, row in found)
    return tuple(
        sorted(
            (line for line in lines if line is not None),
            key=lambda line: (line.recommendation.due_on, line.recommendation.recommendation_id),
        )
    )


def selected(
    lines: Iterable[Line], status: str | None = None, *, overdue: bool | None = None
) -> Recommendations:
    """Return the lines of a status, or those that are overdue (or are not), with their counts."""
    kept = tuple(
        line
        for line in lines
        if status in {None, line.status} and overdue in {None, line.days_late > 0}
    )
    counts = Counter(line.status for line in kept)
    return Recommendations(kept, dict(sorted(counts.items())), sum(li.days_late > 0 for li in kept))


def _line(row: Row, cause: int, about: About) -> Line | None:
    stood = status_at(row.steps, about.effective_at)
    if stood is None:
        return None
    status, since = stood[0].status, stood[1]
    return Line(row, cause, status, since, _days_late(row.due_on, status, about.day))


def _days_late(due_on: date, status: str, day: date) -> int:
    return max((day - due_on).days, 0) if status in WAITING else 0
