"""What a stage's selection facts amount to, and what they say who asks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from core.selection.events import (
    Outcome,
    OutcomesNotified,
    PanelConvened,
    QuorumConfirmed,
    RankingComputed,
    ReservePromoted,
    SelectionApproved,
    SelectionEvent,
    SelectionProposed,
    SelectionRevoked,
)
from core.vocabulary import ActorId, ApplicationId, EvaluatorId, Instant


@dataclass(frozen=True, slots=True)
class Selection:
    """What a stage's selection facts amount to.

    `quorum_confirmed` holds for the scores as they were; a new ranking reads anew. Which
    applications were `told` an outcome, until when they may appeal and who decided it
    outlasts a revocation.
    """

    panel: tuple[EvaluatorId, ...] = ()
    quorum_confirmed: bool = False
    ranking: RankingComputed | None = None
    proposed: SelectionProposed | None = None
    approved_by: ActorId | None = None
    notified: bool = False
    told: frozenset[ApplicationId] = frozenset()
    decided_by: frozenset[ActorId] = frozenset()
    appeals_until: Instant | None = None
    promoted: tuple[ReservePromoted, ...] = ()


def evolve(state: Selection, event: SelectionEvent) -> Selection:
    """Fold one fact."""
    match event:
        case PanelConvened(evaluators=evaluators):
            return replace(state, panel=evaluators)
        case QuorumConfirmed():
            return replace(state, quorum_confirmed=True)
        case RankingComputed():
            return replace(state, ranking=event, proposed=None)
        case SelectionProposed():
            return replace(state, proposed=event)
        case SelectionApproved(by=by):
            return replace(state, approved_by=by)
        case OutcomesNotified(appeals_until=until):
            return _told(state, until)
        case ReservePromoted():
            return replace(state, promoted=(*state.promoted, event))
        case SelectionRevoked():
            return replace(state, proposed=None, approved_by=None, notified=False, promoted=())
        case _:
            assert_never(event)


def _told(state: Selection, until: Instant | None) -> Selection:
    proposed = state.proposed
    return replace(
        state,
        notified=True,
        appeals_until=until,
        told=state.told | {p.application_id for p in (proposed.proposals if proposed else ())},
        decided_by=state.decided_by
        | {person for person in (proposed and proposed.by, state.approved_by) if person},
    )


def selected(state: Selection) -> frozenset[ApplicationId]:
    """Return the applications that an approved selection lets through, after promotions."""
    if state.proposed is None or state.approved_by is None:
        return frozenset()
    chosen = {p.application_id for p in state.proposed.proposals if p.outcome is Outcome.SELECTED}
    for promotion in state.promoted:
        chosen = (chosen - {promotion.in_place_of}) | {promotion.application_id}
    return frozenset(chosen)
