"""Whether work goes on: from the start to the end, but for the days on which a project rested."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from core.errors import refuse, require
from core.projects.commands import CompleteProject, ResumeProject
from core.projects.events import ProjectCompleted, ProjectResumed
from core.results import Period, past
from core.vocabulary import MilestoneId, filled

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Worked:
    """Since when there was work, and when it rested.

    On the day on which it was suspended, or resumed, there was work too.
    """

    since: date
    rests: tuple[Period, ...]

    def holds(self, value: Period, today: date) -> Period:
        """Return days that lie behind us and on which work went on."""
        past(value, today, "period")
        require(
            value.start >= self.since,
            "before-start",
            f"the project started on {self.since}",
            field="period",
            value=value,
        )
        for rest in self.rests:
            first, last = rest.start + _DAY, rest.end - _DAY
            require(
                first > last or not value.overlaps(Period(first, last)),
                "period-of-rest",
                f"the project rested in {rest}",
                field="period",
                value=value,
            )
        return value


def running(project: str, started_on: date | None, suspended_on: date | None, today: date) -> None:
    """Refuse where no work goes on."""
    if started_on is None:
        refuse(
            "project-not-started",
            "the project has not started",
            field="project_id",
            value=project,
        )
    require(
        suspended_on is None,
        "project-suspended",
        "the project rests; resume it first",
        field="project_id",
        value=project,
    )
    require(
        today >= started_on,
        "before-start",
        f"the project started on {started_on}",
        field="occurred_at",
        value=today,
    )


def resumed(command: ResumeProject, suspended_on: date | None, today: date) -> ProjectResumed:
    """Return the end of a rest, or refuse it."""
    if suspended_on is None:
        refuse(
            "not-suspended",
            "only a project that rests is resumed",
            field="project_id",
            value=command.project_id,
        )
    require(
        today >= suspended_on,
        "before-rest",
        f"the project rests since {suspended_on}",
        field="occurred_at",
        value=today,
    )
    return ProjectResumed(command.project_id, today, filled(command.reason, "reason"))


def completed(
    command: CompleteProject, still_open: tuple[MilestoneId, ...], today: date
) -> ProjectCompleted:
    """Return the end of the work, or refuse it."""
    require(
        not still_open or command.reason.strip(),
        "milestones-open",
        "a project is completed with all its milestones, or with the reason why not",
        field="reason",
        value=", ".join(still_open),
    )
    return ProjectCompleted(command.project_id, today, still_open, command.reason)
