"""A stage is ranked whole, decided in rank order or with a reason, and approved by another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from core.decider import Act, Decider
from core.errors import refuse, require
from core.ranking import ALGORITHM, Candidate, rank
from core.rubric import Rubric
from core.selection.commands import (
    ApproveSelection,
    ComputeRanking,
    ConfirmQuorum,
    ConvenePanel,
    NotifyOutcomes,
    PromoteReserve,
    ProposeSelection,
    RevokeSelection,
    SelectionCommand,
)
from core.selection.events import (
    ApplicationQuorum,
    Input,
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
from core.selection.outcomes import next_reserve, proposals
from core.vocabulary import ActorId, ApplicationId, EvaluatorId, FrameworkRef, StageId, filled


@dataclass(frozen=True, slots=True)
class Selection:
    """What a stage's selection facts amount to.

    `quorum_confirmed` holds for the scores as they were; a new ranking reads anew.
    """

    panel: tuple[EvaluatorId, ...] = ()
    quorum_confirmed: bool = False
    ranking: RankingComputed | None = None
    proposed: SelectionProposed | None = None
    approved_by: ActorId | None = None
    notified: bool = False
    promoted: tuple[ReservePromoted, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What a selection's rules read elsewhere.

    `rubric` is None where the call has no such stage. Candidates and inputs are read
    for a quorum and a ranking; `outdated` names streams that changed after the
    ranking; `amounts` are KRW by application; `evaluators` scored in this stage.
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
    outdated: tuple[str, ...] = ()
    amounts: tuple[tuple[ApplicationId, int | None], ...] = ()
    evaluators: frozenset[EvaluatorId] = frozenset()


def decide(
    command: SelectionCommand, act: Act, state: Selection, facts: Facts
) -> Sequence[SelectionEvent]:
    """Take a stage from its panel to its notified outcomes."""
    if facts.rubric is None:
        refuse(
            "unknown-stage",
            "the call was announced without this stage",
            field="stage",
            value=command.stage,
        )
    require(
        not facts.ended,
        "call-ended",
        "a call that was concluded or cancelled does not change",
        field="call_id",
        value=command.call_id,
    )
    call_id, stage = command.call_id, command.stage
    match command:
        case ConvenePanel():
            return [_convene(command, state, facts, facts.rubric)]
        case ConfirmQuorum():
            return [_confirm(command, facts, facts.rubric)]
        case ComputeRanking():
            require(
                facts.locked,
                "stage-not-locked",
                "a stage is ranked after it was locked",
                field="stage",
                value=stage,
            )
            require(
                state.quorum_confirmed,
                "quorum-not-confirmed",
                "the quorum is confirmed before a stage is ranked",
                field="stage",
                value=stage,
            )
            require(
                state.approved_by is None,
                "already-approved",
                "an approved selection is revoked before it is ranked anew",
                field="stage",
                value=stage,
            )
            return [
                RankingComputed(
                    call_id,
                    stage,
                    facts.position,
                    facts.framework,
                    ALGORITHM,
                    facts.inputs,
                    rank(facts.rubric, facts.candidates),
                )
            ]
        case ProposeSelection():
            return [_propose(command, act, state, facts)]
        case ApproveSelection():
            _may_approve(act, state, facts)
            return [SelectionApproved(call_id, stage, act.actor)]
        case NotifyOutcomes():
            _approved(state, stage)
            require(
                not state.notified,
                "already-notified",
                "cities are told once",
                field="stage",
                value=stage,
            )
            return [OutcomesNotified(call_id, stage)]
        case PromoteReserve():
            return [_promote(command, state)]
        case RevokeSelection(reason=reason):
            _approved(state, stage)
            return [SelectionRevoked(call_id, stage, act.actor, filled(reason, "reason"))]
        case _:
            assert_never(command)


def _approved(state: Selection, stage: str) -> SelectionProposed:
    if state.proposed is None or state.approved_by is None:
        refuse("not-approved", "the selection has not been approved", field="stage", value=stage)
    return state.proposed


def _convene(
    command: ConvenePanel, state: Selection, facts: Facts, rubric: Rubric
) -> PanelConvened:
    require(
        not state.panel,
        "panel-convened",
        "a panel is convened once",
        field="stage",
        value=command.stage,
    )
    require(
        len(set(command.evaluators)) >= rubric.quorum,
        "panel-too-small",
        f"the rubric needs {rubric.quorum} evaluators or more",
        field="evaluators",
        value=len(set(command.evaluators)),
    )
    for i, evaluator in enumerate(command.evaluators):
        require(
            evaluator in facts.appointed,
            "not-appointed",
            "the evaluator was not appointed to this call",
            field=f"evaluators.{i}",
            value=evaluator,
        )
    return PanelConvened(command.call_id, command.stage, command.evaluators, command.chair)


def _confirm(command: ConfirmQuorum, facts: Facts, rubric: Rubric) -> QuorumConfirmed:
    require(
        facts.locked,
        "stage-not-locked",
        "the quorum is counted after the stage was locked",
        field="stage",
        value=command.stage,
    )
    counted = tuple(ApplicationQuorum(c.application, len(c.sheets)) for c in facts.candidates)
    require(
        counted,
        "no-applications",
        "the stage has no application",
        field="stage",
        value=command.stage,
    )
    short = [c for c in counted if c.evaluations < rubric.quorum]
    require(
        not short,
        "quorum-missing",
        f"each application needs {rubric.quorum} evaluations that count, after recusals",
        field="stage",
        value=", ".join(f"{c.application_id} has {c.evaluations}" for c in short[:10]),
    )
    return QuorumConfirmed(command.call_id, command.stage, rubric.quorum, counted)


def _propose(
    command: ProposeSelection, act: Act, state: Selection, facts: Facts
) -> SelectionProposed:
    if state.ranking is None:
        refuse(
            "not-ranked",
            "a stage is ranked before outcomes are proposed",
            field="stage",
            value=command.stage,
        )
    require(
        state.approved_by is None,
        "already-approved",
        "an approved selection is revoked before another is proposed",
        field="stage",
        value=command.stage,
    )
    require(
        not facts.outdated,
        "ranking-outdated",
        "what the ranking read has changed since; rank the stage anew",
        field="stage",
        value=", ".join(facts.outdated[:10]),
    )
    items = proposals(
        command, state.ranking.lines, facts.slots, facts.budget_krw, dict(facts.amounts)
    )
    return SelectionProposed(
        command.call_id, command.stage, act.actor, state.ranking.position, items
    )


def _may_approve(act: Act, state: Selection, facts: Facts) -> None:
    if state.proposed is None:
        refuse(
            "not-proposed",
            "a selection is proposed before it is approved",
            field="stage",
            value=facts.stage,
        )
    require(
        state.approved_by is None,
        "already-approved",
        "a selection is approved once",
        field="stage",
        value=facts.stage,
    )
    require(
        act.actor != state.proposed.by,
        "same-person",
        "a selection is approved by another person than its proposer",
        field="actor",
        value=act.actor,
    )
    require(
        act.actor not in facts.evaluators,
        "decider-scored",
        "whoever scored in a stage does not approve its selection",
        field="actor",
        value=act.actor,
    )


def _promote(command: PromoteReserve, state: Selection) -> ReservePromoted:
    proposed = _approved(state, command.stage)
    next_reserve(command, proposed.proposals, state.promoted)
    return ReservePromoted(
        command.call_id,
        command.stage,
        command.application_id,
        command.in_place_of,
        filled(command.reason, "reason"),
    )


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
        case OutcomesNotified():
            return replace(state, notified=True)
        case ReservePromoted():
            return replace(state, promoted=(*state.promoted, event))
        case SelectionRevoked():
            return replace(state, proposed=None, approved_by=None, notified=False, promoted=())
        case _:
            assert_never(event)


def selected(state: Selection) -> frozenset[ApplicationId]:
    """Return the applications that an approved selection lets through, after promotions."""
    if state.proposed is None or state.approved_by is None:
        return frozenset()
    chosen = {p.application_id for p in state.proposed.proposals if p.outcome == "selected"}
    for promotion in state.promoted:
        chosen = (chosen - {promotion.in_place_of}) | {promotion.application_id}
    return frozenset(chosen)


DECIDER: Decider[SelectionCommand, Selection, SelectionEvent, Facts] = Decider(
    Selection(), decide, evolve
)
