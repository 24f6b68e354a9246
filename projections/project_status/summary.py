"""A line for each project: what is due next, and what asks for attention."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core.vocabulary import Instant
from projections.project_status.rows import OPEN
from projections.project_status.status import DUE, OVERDUE, MilestoneStatus, ProjectStatus
from projections.recommendations.fold import WAITING


@dataclass(frozen=True, slots=True)
class NextMilestone:
    """What is to be done next, and by when."""

    milestone_id: str
    due_on: date


@dataclass(frozen=True, slots=True)
class ProjectLine:
    """A project in short.

    `below_path` counts indicators of which the whole, or a breakdown, was observed last to be
    on the wrong side of its path, by however little.
    """

    project_id: str
    call_id: str
    city_id: str
    status: str
    since: Instant
    cause: int
    next_milestone: NextMilestone | None
    overdue_milestones: int
    indicators: int
    below_path: int
    open_risks: int
    open_recommendations: int
    overdue_recommendations: int


@dataclass(frozen=True, slots=True)
class Projects:
    """Projects by their ids, and how many stand where."""

    projects: tuple[ProjectLine, ...]
    by_status: dict[str, int]


def projects_of(lines: Sequence[ProjectLine]) -> Projects:
    """Return lines with their counts."""
    return Projects(tuple(lines), dict(sorted(Counter(line.status for line in lines).items())))


def line_of(status: ProjectStatus) -> ProjectLine:
    """Return a project in short."""
    project = status.project
    call_id, _, city_id = project.project_id.partition(":")
    return ProjectLine(
        project_id=project.project_id,
        call_id=call_id,
        city_id=city_id,
        status=status.status,
        since=status.since,
        cause=status.cause,
        next_milestone=_next(status.milestones),
        overdue_milestones=sum(m.status == OVERDUE for m in status.milestones),
        indicators=len(status.indicators),
        below_path=sum(
            any(p.ahead is not None and p.ahead < 0 for p in indicator.progress)
            for indicator in status.indicators
        ),
        open_risks=sum(risk.status == OPEN for risk in status.risks),
        open_recommendations=sum(r.status in WAITING for r in status.recommendations),
        overdue_recommendations=sum(r.days_late > 0 for r in status.recommendations),
    )


def _next(milestones: Sequence[MilestoneStatus]) -> NextMilestone | None:
    ahead = [m for m in milestones if m.status == DUE]
    first = min(ahead, key=lambda m: m.due_on, default=None)
    return NextMilestone(first.milestone_id, first.due_on) if first else None
