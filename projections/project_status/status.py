"""How a project stands at a moment, put together from the rows that the view has of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from core.results import Indicator
from core.vocabulary import Instant, Text
from projections.moments import About
from projections.project_status.progress import Observed, Progress, observed, progress
from projections.project_status.rows import (
    CANCELLED,
    COMPLETED,
    PLANNED,
    PREFERRED,
    REACHED,
    BehindRow,
    ConsultingRow,
    FeedbackRow,
    FollowUpRow,
    IndicatorRow,
    MilestoneRow,
    MissedRow,
    ObservationRow,
    PaymentRow,
    ProjectRow,
    RatingRow,
    RiskRow,
    Row,
    SurveyRow,
    TrainingRow,
    UnobservedRow,
)
from projections.recommendations.queries import Line
from projections.steps import in_the_world, status_at

DUE, OVERDUE, LEFT = "due", "overdue", "left"

Late = MissedRow | UnobservedRow | BehindRow
_D = TypeVar(
    "_D",
    SurveyRow,
    PaymentRow,
    TrainingRow,
    ConsultingRow,
    FollowUpRow,
    RatingRow,
    FeedbackRow,
    MissedRow,
    UnobservedRow,
    BehindRow,
)


@dataclass(frozen=True, slots=True)
class MilestoneStatus:
    """A milestone as it stood; `cause` is the position of the event behind its row.

    `status` is "planned" until the agreement is signed, then "due", "overdue" or "reached",
    and "left" where the project ended without it. `days_late` counts from the day on which it
    was due to the one on which it was reached, or to the one asked about.
    """

    milestone_id: str
    title: Text
    status: str
    due_on: date
    first_due_on: date
    reached_on: date | None
    days_late: int
    cause: int


@dataclass(frozen=True, slots=True)
class IndicatorStatus:
    """An indicator as it stood, how far it has come, and every observation of it by number."""

    indicator: Indicator
    status: str
    progress: tuple[Progress, ...]
    observations: tuple[Observed, ...]
    cause: int


@dataclass(frozen=True, slots=True)
class RiskStatus:
    """A risk as it stood: "open" or "resolved"."""

    risk: RiskRow
    status: str
    since: Instant
    cause: int


@dataclass(frozen=True, slots=True)
class ProjectStatus:
    """A project as it stood at the moment asked about; `cause` is that of its own row.

    `recommendations` are by the day on which they are due. Ratings are in the order in which
    they were made, so that the last of a phase is the one that stands. `late` is what reviews
    found to be late, whatever became of it since.
    """

    project: ProjectRow
    status: str
    since: Instant
    cause: int
    milestones: tuple[MilestoneStatus, ...]
    indicators: tuple[IndicatorStatus, ...]
    risks: tuple[RiskStatus, ...]
    recommendations: tuple[Line, ...]
    late: tuple[Late, ...]
    ratings: tuple[RatingRow, ...]
    feedback: tuple[FeedbackRow, ...]
    surveys: tuple[SurveyRow, ...]
    trainings: tuple[TrainingRow, ...]
    consulting: tuple[ConsultingRow, ...]
    payments: tuple[PaymentRow, ...]
    paid_krw: int
    follow_ups: tuple[FollowUpRow, ...]


def status_of(
    found: Sequence[tuple[str, int, Row]], recommended: tuple[Line, ...], about: About
) -> ProjectStatus | None:
    """Return a project from its rows, each with its cause; None where it was not there yet."""
    project, cause = next(
        ((row, cause) for _, cause, row in found if isinstance(row, ProjectRow)), (None, -1)
    )
    stood = status_at(project.steps, about.effective_at) if project else None
    if project is None or stood is None:
        return None
    status, since = stood[0].status, stood[1]
    rows = [(row, own) for _, own, row in found]
    payments = _deeds(rows, PaymentRow, about)
    return ProjectStatus(
        project=project,
        status=status,
        since=since,
        cause=cause,
        milestones=_milestones(project, status, rows, about),
        indicators=_indicators(project, rows, about),
        risks=tuple(_risks(rows, about)),
        recommendations=recommended,
        late=_late(rows, about),
        ratings=_deeds(rows, RatingRow, about),
        feedback=_deeds(rows, FeedbackRow, about),
        surveys=_deeds(rows, SurveyRow, about),
        trainings=_deeds(rows, TrainingRow, about),
        consulting=_deeds(rows, ConsultingRow, about),
        payments=payments,
        paid_krw=sum(row.payment.amount_krw for row in payments),
        follow_ups=_deeds(rows, FollowUpRow, about),
    )


def _deeds(rows: Iterable[tuple[Row, int]], kind: type[_D], about: About) -> tuple[_D, ...]:
    """Return what had happened by the moment asked about, in the order of recording."""
    found = [(cause, row) for row, cause in rows if isinstance(row, kind)]
    return tuple(row for _, row in sorted(found, key=_cause) if about.had(row.occurred_at))


def _late(rows: Sequence[tuple[Row, int]], about: About) -> tuple[Late, ...]:
    """Return what was found to be late, as it counts in the project."""
    found: list[Late] = [
        *_deeds(rows, MissedRow, about),
        *_deeds(rows, UnobservedRow, about),
        *_deeds(rows, BehindRow, about),
    ]
    return tuple(sorted(found, key=lambda row: row.found.number))


def _cause(found: tuple[int, object]) -> int:
    return found[0]


def _milestones(
    project: ProjectRow, status: str, rows: Iterable[tuple[Row, int]], about: About
) -> tuple[MilestoneStatus, ...]:
    """Return the milestones in the plan's order."""
    own = {row.milestone_id: (row, cause) for row, cause in rows if isinstance(row, MilestoneRow)}
    names = project.terms.milestones if project.terms else ()
    found = (_milestone(*own[name], status, about) for name in names if name in own)
    return tuple(milestone for milestone in found if milestone is not None)


def _milestone(row: MilestoneRow, cause: int, project: str, about: About) -> MilestoneStatus | None:
    due = list[date]()
    days, reached = iter(row.due), False
    for item, since in in_the_world(row.steps):
        if about.had(since):
            reached = reached or item.status == REACHED
            due += [next(days)] if item.status != REACHED else []
    if not due:
        return None
    until = row.reached_on if reached and row.reached_on else about.day
    if reached:
        status = REACHED
    elif project in {PREFERRED, PLANNED}:
        status = PLANNED
    elif project in {COMPLETED, CANCELLED}:
        status = LEFT
    else:
        status = OVERDUE if due[-1] < about.day else DUE
    late = max((until - due[-1]).days, 0) if status in {REACHED, OVERDUE} else 0
    return MilestoneStatus(
        row.milestone_id,
        row.title,
        status,
        due[-1],
        due[0],
        row.reached_on if reached else None,
        late,
        cause,
    )


def _indicators(
    project: ProjectRow, rows: Sequence[tuple[Row, int]], about: About
) -> tuple[IndicatorStatus, ...]:
    """Return the indicators in the plan's order."""
    own = {row.indicator_id: (row, cause) for row, cause in rows if isinstance(row, IndicatorRow)}
    names = project.terms.indicators if project.terms else ()
    return tuple(
        status
        for name in names
        if name in own and (status := _indicator(*own[name], rows, about)) is not None
    )


def _indicator(
    row: IndicatorRow, cause: int, rows: Iterable[tuple[Row, int]], about: About
) -> IndicatorStatus | None:
    stood = status_at(row.steps, about.effective_at)
    if stood is None:
        return None
    found = (
        observed(item, own, about)
        for item, own in rows
        if isinstance(item, ObservationRow) and item.indicator_id == row.indicator_id
    )
    seen = sorted((item for item in found if item is not None), key=lambda item: item.number)
    return IndicatorStatus(row.indicator, stood[0].status, progress(row, seen), tuple(seen), cause)


def _risks(rows: Iterable[tuple[Row, int]], about: About) -> Iterable[RiskStatus]:
    for row, cause in rows:
        if isinstance(row, RiskRow) and (stood := status_at(row.steps, about.effective_at)):
            yield RiskStatus(row, stood[0].status, stood[1], cause)
