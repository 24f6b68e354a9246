"""A number that lies behind its path is found when it comes in, and not at the next day's look."""

from __future__ import annotations

from collections.abc import Iterator

from core.handlers.reading import Reader
from core.monitoring.commands import ReviewProgress
from core.monitoring.events import ObservationCorrected, ObservationRecorded
from core.projects import events as project_events
from core.projects import rules as projects
from core.reactions.reaction import Reaction
from core.reactions.reviewing import review
from core.vocabulary import Instant


def _then(
    fact: ObservationRecorded | ObservationCorrected, at: Instant, read: Reader
) -> Iterator[ReviewProgress]:
    del at
    project = read.one(projects.DECIDER, project_events.stream(fact.project_id))
    yield from review(fact.project_id, project)


REACTIONS = (
    Reaction("review-progress-after-observation", ObservationRecorded, _then),
    Reaction("review-progress-after-correction", ObservationCorrected, _then),
)
