"""A signed project whose selection was revoked goes on until people decide: they are asked at once.

One that is not signed waits for the end of its call: see `when_call_ended_then_end_projects`.
"""

from __future__ import annotations

from collections.abc import Iterator

from core.handlers.reading import Reader
from core.handlers.stages import call_of
from core.monitoring.commands import IssueRecommendation
from core.projects.events import project_id
from core.reactions.reaction import Reaction
from core.reactions.uncarried import of_call, questioned
from core.selection.events import SelectionRevoked
from core.vocabulary import Instant


def _then(fact: SelectionRevoked, at: Instant, read: Reader) -> Iterator[IssueRecommendation]:
    announced = call_of(fact.call_id, read).announced
    if announced is None or announced.stages[-1].id != fact.stage:
        return
    for application_id, project in of_call(fact.call_id, read).items():
        if project.signed is not None:
            why = f"The selection that this project rests on was revoked ({fact.reason})"
            yield from questioned(project_id(application_id), why, at, read)


REACTION = Reaction("question-signed-projects", SelectionRevoked, _then)
