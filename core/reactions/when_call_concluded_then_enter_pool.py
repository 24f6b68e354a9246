"""No city is lost: whoever was not selected is kept, told why, and offered what comes next.

How close a city is kept follows from how far it came. After FP7's A, B and C: one that reached
the last stage is ready to be funded, one in the upper half of the first ranking is worth
improving, all others are kept in touch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from core.applications import events as application_events
from core.applications import rules as applications
from core.applications.rules import Application
from core.calls.events import CallConcluded, Stage
from core.cities import events as city_events
from core.cities import rules as cities
from core.cities.commands import EnterPool, OfferOpportunity
from core.cities.events import OpportunityKind, Tier
from core.handlers.reading import Reader
from core.handlers.stages import call_of
from core.ranking import Ranked
from core.reactions.reaction import Reaction
from core.selection import events as selection_events
from core.selection import rules as selection
from core.selection.events import Proposal
from core.selection.state import Selection, selected
from core.vocabulary import ApplicationId, Instant

_NEXT: Mapping[Tier, tuple[OpportunityKind, str]] = {
    Tier.READY: (OpportunityKind.CHALLENGE_SEAT, "A seat in the next SSP Challenge"),
    Tier.IMPROVING: (OpportunityKind.STUDY_VISIT, "A study visit on what the application is about"),
    Tier.IN_TOUCH: (OpportunityKind.WEBINAR, "A webinar before the next call"),
}


def _then(fact: CallConcluded, at: Instant, read: Reader) -> Iterator[EnterPool | OfferOpportunity]:
    del at
    announced = call_of(fact.call_id, read).announced
    if announced is None:
        return
    stages = [(s, _selection(fact.call_id, s, read)) for s in announced.stages]
    chosen = selected(stages[-1][1])
    prefix = application_events.streams_of_call(fact.call_id)
    waiting = {
        ApplicationId(name.removeprefix("application-")): application
        for name, application in read.every(applications.DECIDER, prefix).items()
        if application.submitted
    }
    homes = {a: city_events.stream(found.city_id) for a, found in waiting.items()}
    known = read.each(cities.DECIDER, homes.values())
    for application_id, application in waiting.items():
        pooled = known[homes[application_id]].pooled_from
        if application_id in chosen or fact.call_id in pooled:
            continue
        tier = _tier(application_id, [state for _, state in stages])
        reasons = tuple(_reasons(application_id, application, stages))
        yield EnterPool(application.city_id, fact.call_id, tier, reasons)
        yield OfferOpportunity(application.city_id, *_NEXT[tier])


def _selection(call_id: str, stage: Stage, read: Reader) -> Selection:
    return read.one(selection.DECIDER, selection_events.stream(call_id, stage.id))


def _tier(application_id: ApplicationId, stages: Sequence[Selection]) -> Tier:
    if len(stages) > 1 and _proposal(application_id, stages[-1]):
        return Tier.READY
    lines = stages[0].ranking.lines if stages[0].ranking else ()
    line = _line(application_id, lines)
    upper = line is not None and line.rank is not None and line.rank <= len(lines) / 2
    return Tier.IMPROVING if upper else Tier.IN_TOUCH


def _reasons(
    application_id: ApplicationId,
    application: Application,
    stages: Sequence[tuple[Stage, Selection]],
) -> Iterator[str]:
    if application.withdrawn:
        yield "The city withdrew its application"
        return
    if application.eligible is False:
        yield "The application was found ineligible"
        return
    judged = False
    for stage, state in stages:
        if found := _proposal(application_id, state):
            judged = True
            yield _said(stage, state, found)
    if not judged:
        yield "No stage decided on the application"


def _said(stage: Stage, state: Selection, found: Proposal) -> str:
    lines = state.ranking.lines if state.ranking else ()
    line = _line(found.application_id, lines)
    if line is None or line.rank is None:
        place = f"without a rank ({line.scored.standing})" if line else "without a rank"
    else:
        place = f"rank {line.rank} of {len(lines)}"
    why = f": {found.override.reason} ({found.override.authority})" if found.override else ""
    return f"{stage.title.en}: {place}, {found.outcome}{why}"


def _proposal(application_id: ApplicationId, state: Selection) -> Proposal | None:
    proposals = state.proposed.proposals if state.proposed and state.approved_by else ()
    return next((p for p in proposals if p.application_id == application_id), None)


def _line(application_id: ApplicationId, lines: Sequence[Ranked]) -> Ranked | None:
    return next((line for line in lines if line.scored.application == application_id), None)


REACTION = Reaction("pool-unselected-cities", CallConcluded, _then)
