"""What becomes of a project whose selection does not carry it any more.

Before both cities have signed it rests on the selection alone, so it ends with it. Afterwards
the agreement carries it: whether it goes on is for people to say, and they are asked once.
"""

from __future__ import annotations

from collections.abc import Iterator

from core.handlers.reading import Reader
from core.monitoring import events as monitoring_events
from core.monitoring import recommendations
from core.monitoring.commands import IssueRecommendation
from core.projects import events as project_events
from core.projects import rules as projects
from core.projects.commands import CancelProject
from core.projects.rules import Project
from core.reactions.considering import MANAGERS, by
from core.vocabulary import ApplicationId, Instant, ProjectId, RecommendationId

_ASKED = RecommendationId(f"{recommendations.AUTOMATIC}selection-lost")


def of_call(call_id: str, read: Reader) -> dict[ApplicationId, Project]:
    """Read the projects of a call that have not ended, by the application that they rest on."""
    prefix = f"{project_events.STREAMS}{call_id}:"
    return {
        ApplicationId(name.removeprefix(project_events.STREAMS)): project
        for name, project in read.every(projects.DECIDER, prefix).items()
        if goes_on(project)
    }


def goes_on(project: Project) -> bool:
    """Whether a project was begun and has not ended."""
    return project.preferred is not None and not (project.cancelled or project.completed)


def ended(
    project_id: ProjectId, project: Project, why: str, at: Instant, read: Reader
) -> Iterator[CancelProject | IssueRecommendation]:
    """Yield the end of a project that is not signed, or the question about one that is."""
    if project.signed is None:
        yield CancelProject(project_id, why)
    else:
        yield from questioned(project_id, why, at, read)


def questioned(
    project_id: ProjectId, why: str, at: Instant, read: Reader
) -> Iterator[IssueRecommendation]:
    """Yield the question whether a signed project goes on, unless it was asked before."""
    stream = monitoring_events.recommendation_stream(project_id, _ASKED)
    if not read.one(recommendations.DECIDER, stream).issued:
        asked = f"{why}: consider whether the project goes on."
        yield IssueRecommendation(project_id, _ASKED, asked, MANAGERS, by(at))
