"""What a stage's selection facts amount to, and what its rules read elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from core.ranking import Candidate
from core.rubric import Rubric
from core.selection.events import (
    Input,
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
from core.vocabulary import (
    ActorId,
    ApplicationId,
    EvaluatorId,
    FrameworkRef,
    Instant,
    StageId,
)


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


@dataclass(frozen=True, slots=True)
class Facts:
    """What a selection's rules read elsewhere.

    `rubric` is None where the call has no such stage. Candidates and inputs are read
    for a quorum and a ranking; `outdated` names applications that would be scored
    otherwise than in the ranking; `amounts` are KRW of each application that takes
    part, for a proposal and a promotion; `budget_krw` is None where the stage is not the
    one that spends it; `evaluators` scored in this stage; `reopened` names evaluations
    that may still be revised.
    """

    rubric: Rubric | None
    framework: FrameworkRef
    stage: StageId
    slots: int
    budget_krw: int | None
    locked: bool
    ended: bool
    position: int
    appointed: frozenset[EvaluatorId]
    candidates: tuple[Candidate, ...] = ()
    inputs: tuple[Input, ...] = ()
    outdated: tuple[ApplicationId, ...] = ()
    amounts: tuple[tuple[ApplicationId, int | None], ...] = ()
    evaluators: frozenset[EvaluatorId] = frozenset()
    reopened: tuple[str, ...] = ()


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
