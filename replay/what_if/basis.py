"""What a decision rested on: read once, by the handlers that the ranking itself was read by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from core.decider import Act
from core.errors import refuse
from core.evaluations import events as evaluation_events
from core.evaluations import rules as evaluations
from core.evaluations.events import ScoreRevised
from core.handlers import selection as handler
from core.handlers.stages import call_of, taking_part
from core.ledger.codec import event_in
from core.ledger.draft import Draft
from core.ledger.records import decode
from core.ledger.sources import Recall, Rows
from core.ranking import Candidate, Mark, Ranked
from core.rubric import Rubric
from core.selection import rules as selection
from core.selection.commands import ComputeRanking
from core.selection.events import (
    Proposal,
    RankingComputed,
    SelectionApproved,
    SelectionProposed,
    stream,
)
from core.selection.state import evolve
from core.vocabulary import ApplicationId, CallId, StageId, composite

Evaluated = tuple[ApplicationId, str]
"""An application, and the evaluator whose marks are meant."""


@dataclass(frozen=True, slots=True)
class Basis:
    """The facts of one decision.

    `recorded` and `proposals` are what came of them; `position` is the last one of the log
    that the ranking read, `approved_at` that of the approval.
    """

    decision_id: str
    approved_at: int
    position: int
    rubric: Rubric
    candidates: tuple[Candidate, ...]
    slots: int
    budget_krw: int | None
    amounts: Mapping[ApplicationId, int | None]
    recorded: tuple[Ranked, ...]
    proposals: tuple[Proposal, ...]


def basis_of(log: Rows, decision_id: str) -> Basis:
    """Read what the approved selection `call:stage`, or `call:stage@position`, rested on.

    Raises `DomainError` with `unknown-decision` where no such approval was recorded.
    """
    name, _, at = decision_id.partition("@")
    call, stage = composite(name, 2, "decision_id")
    if at and not (at.isascii() and at.isdigit() and len(at) <= _DIGITS):
        _unknown(decision_id, "a decision is call:stage or call:stage@position")
    approved_at, act, ranking, proposed = _approval(log, decision_id, stream(call, stage), at)
    call_id, stage_id = CallId(call), StageId(stage)
    then = Draft(Recall(log, ranking.position).at(ranking.position))
    facts = handler.HANDLER.facts(ComputeRanking(call_id, stage_id), act, then)
    if facts.rubric is None:
        _unknown(decision_id, "the log, as the ranking read it, has no rubric of this stage")
    part = taking_part(call_id, call_of(call_id, then), stage_id, then)
    return Basis(
        decision_id=name,
        approved_at=approved_at,
        position=ranking.position,
        rubric=facts.rubric,
        candidates=facts.candidates,
        slots=facts.slots,
        budget_krw=facts.budget_krw,
        amounts={key: application.amount_krw for key, application in part.items()},
        recorded=ranking.lines,
        proposals=proposed.proposals,
    )


_DIGITS = 18


def _approval(
    log: Rows, decision_id: str, name: str, at: str
) -> tuple[int, Act, RankingComputed, SelectionProposed]:
    """Return the last approval, or the one at a position, with what was approved."""
    state, found = selection.DECIDER.initial, None
    for row in log.streams({name: 0}, int(at) if at else None):
        event = event_in(row.type, row.record)
        # A stream of this name holds nothing else: its records were decoded by their types.
        state = evolve(state, event)  # type: ignore[arg-type]
        if isinstance(event, SelectionApproved):
            found = (row, state.ranking, state.proposed)
    if found is None or (at and found[0].position != int(at)):
        _unknown(decision_id, "no approval of this stage was recorded there")
    row, ranking, proposed = found
    if ranking is None or proposed is None:
        _unknown(decision_id, "no ranking and proposal are recorded that it could rest on")
    meta = decode(row).meta
    act = Act(meta.actor, meta.role, meta.occurred_at, meta.on_behalf_of)
    return row.position, act, ranking, proposed


def marks_without(
    log: Rows, basis: Basis, ignored: frozenset[int]
) -> dict[Evaluated, tuple[Mark, ...]]:
    """Return the marks of evaluations as they would be without some of their revisions.

    Refuses a position at which the stage has no revision that the ranking took in.
    """
    if not ignored:
        return {}
    call, stage = composite(basis.decision_id, 2, "decision_id")
    prefix = evaluation_events.evaluations_of_stage(call, stage)
    rows = log.under(prefix, basis.position)
    touched = {row.stream for row in rows if row.position in ignored}
    states, left_out = dict.fromkeys(touched, evaluations.DECIDER.initial), set[int]()
    for row in rows:
        if row.stream not in touched:
            continue
        event = event_in(row.type, row.record)
        if row.position in ignored and isinstance(event, ScoreRevised):
            left_out.add(row.position)
        else:
            states[row.stream] = evaluations.DECIDER.evolve(states[row.stream], event)  # type: ignore[arg-type]
    for position in sorted(ignored - left_out):
        refuse(
            "unknown-revision",
            "what is ignored is a revision that the ranking took in, named by its position",
            field="ignore_revisions",
            value=position,
        )
    named: dict[Evaluated, tuple[Mark, ...]] = {}
    for name, state in states.items():
        city, evaluator = name.removeprefix(prefix).split(":")
        named[ApplicationId(f"{call}:{city}"), evaluator] = state.marks or ()
    return named


def _unknown(decision_id: str, rule: str) -> NoReturn:
    refuse("unknown-decision", rule, field="decision_id", value=decision_id)
