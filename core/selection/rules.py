"""A stage is ranked whole, decided in rank order or with a reason, and approved by another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from core.decider import Act, Decider, in_own_name
from core.errors import refuse, require
from core.ranking import ALGORITHM, rank
from core.selection.approval import may_approve, none_reopened, up_to_date
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
    OutcomesNotified,
    RankingComputed,
    ReservePromoted,
    SelectionApproved,
    SelectionEvent,
    SelectionProposed,
    SelectionRevoked,
)
from core.selection.outcomes import next_reserve, proposals, within_budget
from core.selection.quorum import confirmed, convened
from core.selection.state import Facts, Selection, evolve, selected
from core.vocabulary import (
    filled,
    utc,
)


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
            return [convened(command, state.panel, facts.rubric, facts.appointed)]
        case ConfirmQuorum():
            require(
                facts.locked,
                "stage-not-locked",
                "the quorum is counted after the stage was locked",
                field="stage",
                value=stage,
            )
            none_reopened(facts)
            return [confirmed(command, state.panel, facts.rubric, facts.candidates)]
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
            none_reopened(facts)
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
            may_approve(act, state, facts)
            return [SelectionApproved(call_id, stage, act.actor)]
        case NotifyOutcomes():
            return [_notify(command, act, state)]
        case PromoteReserve():
            return [_promote(command, state, facts)]
        case RevokeSelection(reason=reason):
            in_own_name(act)
            _approved(state, stage)
            return [SelectionRevoked(call_id, stage, act.actor, filled(reason, "reason"))]
        case _:
            assert_never(command)


def _notify(command: NotifyOutcomes, act: Act, state: Selection) -> OutcomesNotified:
    _approved(state, command.stage)
    require(
        not state.notified,
        "already-notified",
        "cities are told once",
        field="stage",
        value=command.stage,
    )
    until = command.appeals_until and utc(command.appeals_until, "appeals_until")
    require(
        until is None or until > act.at,
        "appeals-until-past",
        "cities have time to appeal after they were told",
        field="appeals_until",
        value=until,
    )
    return OutcomesNotified(command.call_id, command.stage, until)


def _approved(state: Selection, stage: str) -> SelectionProposed:
    if state.proposed is None or state.approved_by is None:
        refuse("not-approved", "the selection has not been approved", field="stage", value=stage)
    return state.proposed


def _propose(
    command: ProposeSelection, act: Act, state: Selection, facts: Facts
) -> SelectionProposed:
    in_own_name(act)
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
    up_to_date(facts)
    items = proposals(
        command, state.ranking.lines, facts.slots, facts.budget_krw, dict(facts.amounts)
    )
    return SelectionProposed(
        command.call_id, command.stage, act.actor, state.ranking.position, items
    )


def _promote(command: PromoteReserve, state: Selection, facts: Facts) -> ReservePromoted:
    proposed, standing, amounts = _approved(state, command.stage), selected(state), facts.amounts
    next_reserve(command, proposed.proposals, standing, state.promoted, dict(amounts))
    chosen = (standing - {command.in_place_of}) | {command.application_id}
    paid = [application for application, _ in amounts if application in chosen]
    within_budget(paid, facts.budget_krw, dict(amounts), "application_id")
    return ReservePromoted(
        command.call_id,
        command.stage,
        command.application_id,
        command.in_place_of,
        filled(command.reason, "reason"),
    )


DECIDER: Decider[SelectionCommand, Selection, SelectionEvent, Facts] = Decider(
    Selection(), decide, evolve
)
