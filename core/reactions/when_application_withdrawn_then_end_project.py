"""A city that takes its application back does not want its project either, unless it has signed."""

from __future__ import annotations

from collections.abc import Iterator

from core.applications.events import ApplicationWithdrawn
from core.handlers.reading import Reader
from core.monitoring.commands import IssueRecommendation
from core.projects import events as project_events
from core.projects import rules as projects
from core.projects.commands import CancelProject
from core.reactions.reaction import Reaction
from core.reactions.uncarried import ended, goes_on
from core.vocabulary import Instant


def _then(
    fact: ApplicationWithdrawn, at: Instant, read: Reader
) -> Iterator[CancelProject | IssueRecommendation]:
    project = read.one(projects.DECIDER, project_events.stream(fact.application_id))
    if goes_on(project):
        why = f"The city withdrew its application ({fact.reason})"
        yield from ended(project_events.project_id(fact.application_id), project, why, at, read)


REACTION = Reaction("end-project-of-withdrawn-application", ApplicationWithdrawn, _then)
