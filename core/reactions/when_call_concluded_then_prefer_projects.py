"""A selection that stands opens its projects: nobody has to remember which were let through.

Until the call is concluded an approved selection may still be appealed against, revoked or
filled up from the reserve. From then on it is confirmed, and every application that it holds
leads to a project of the same id, so that none can be opened twice.
"""

from __future__ import annotations

from collections.abc import Iterator

from core.applications import events as application_events
from core.applications import rules as applications
from core.calls.events import CallConcluded
from core.handlers.reading import Reader
from core.handlers.stages import confirmed
from core.projects import events as project_events
from core.projects import rules as projects
from core.projects.commands import PreferProject
from core.reactions.reaction import Reaction
from core.vocabulary import Instant


def _then(fact: CallConcluded, at: Instant, read: Reader) -> Iterator[PreferProject]:
    del at
    chosen = sorted(confirmed(fact.call_id, read))
    found = read.each(applications.DECIDER, map(application_events.stream, chosen))
    begun = read.each(projects.DECIDER, map(project_events.stream, chosen))
    for application_id in chosen:
        withdrawn = found[application_events.stream(application_id)].withdrawn
        if not withdrawn and begun[project_events.stream(application_id)].preferred is None:
            yield PreferProject(project_events.project_id(application_id))


REACTION = Reaction("prefer-selected-projects", CallConcluded, _then)
