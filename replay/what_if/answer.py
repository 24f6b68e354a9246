"""The answer to a what-if: who would have been selected, and which ranks would have moved.

The facts of the decision are read once, changed in memory, and ranked by the rules that the
decision was ranked by. Both sides are selected by one rule, so that what differs between them
comes of what was supposed and of nothing else; what people decided stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from core.ledger.sources import Rows
from core.ranking import Ranked, Standing, order, rank, score
from core.selection.events import Outcome, Proposal
from core.vocabulary import ApplicationId
from replay.what_if.basis import Basis, basis_of, marks_without
from replay.what_if.choosing import Chosen, Limits, chosen, groups_of
from replay.what_if.question import Question
from replay.what_if.stability import Stability, WeightOf, stability, weights_listed
from replay.what_if.supposing import supposed

NOTICE = (
    "A HYPOTHESIS. Nothing of this was decided, and nothing was recorded: it is what the rules "
    "would give, had the facts been as supposed."
)
RULE = (
    "Selected is the longest run from the top of the ranks that fits slots and budget, equals "
    "together or not at all: what may be proposed without an override. Overrides and promotions "
    "that people decided are not carried over; departures name them."
)


@dataclass(frozen=True, slots=True)
class Place:
    """An application's place, and whether the rule selects it."""

    rank: int | None
    total: Decimal | None
    standing: Standing
    selected: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """An application as the facts were and as they are supposed; `recorded` is its outcome.

    None where the proposal says nothing of it, as only imported history may.
    """

    application_id: ApplicationId
    recorded: Outcome | None
    before: Place
    after: Place


@dataclass(frozen=True, slots=True)
class Departure:
    """Where people decided otherwise than the rule gives on the facts as they were.

    Reason and authority are empty where the proposal needed none, as for a slot left free.
    """

    application_id: ApplicationId
    recorded: Outcome
    by_rule: bool
    reason: str
    authority: str


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A hypothesis about a decision.

    `as_of_position` is the last one of the log that the ranking read, and so this does.
    `ranking_replays` says whether the facts as they were give the very ranking that is on record.
    `moved` are the applications whose rank or total is another; `lines` are all, in the order
    of their supposed ranks.
    """

    hypothesis: Literal[True]
    notice: str
    rule: str
    decision_id: str
    approved_at: int
    as_of_position: int
    ranking_replays: bool
    question: Question
    weights_before: tuple[WeightOf, ...]
    weights_after: tuple[WeightOf, ...]
    before: Chosen
    after: Chosen
    gained: tuple[ApplicationId, ...]
    lost: tuple[ApplicationId, ...]
    departures: tuple[Departure, ...]
    ranks_moved: int
    totals_moved: int
    lines: tuple[Moved, ...]
    stability: Stability | None


def what_if(log: Rows, decision_id: str, question: Question) -> WhatIf:
    """Answer a question about the approved selection `call:stage[@position]`.

    Reads, and never writes. Raises `DomainError` where no such decision is on record, where the
    question makes no sense of it, or where the rules could not rank what is supposed.
    """
    basis = basis_of(log, decision_id)
    marks = marks_without(log, basis, frozenset(question.ignore_revisions))
    return answered(basis, supposed(basis, question, marks), question)


def answered(basis: Basis, other: Basis, question: Question) -> WhatIf:
    """Compare what the rules give on two sets of facts."""
    was = rank(basis.rubric, basis.candidates)
    now = _ranked(basis, other, was)
    before, after = _chosen(was, basis), _chosen(now, other)
    known, selected = frozenset(before.selected), frozenset(after.selected)
    lines = _lines(basis.proposals, _places(was, known), _places(now, selected))
    return WhatIf(
        hypothesis=True,
        notice=NOTICE,
        rule=RULE,
        decision_id=basis.decision_id,
        approved_at=basis.approved_at,
        as_of_position=basis.position,
        ranking_replays=was == basis.recorded,
        question=question,
        weights_before=weights_listed(basis.rubric),
        weights_after=weights_listed(other.rubric),
        before=before,
        after=after,
        gained=tuple(a for a in after.selected if a not in known),
        lost=tuple(a for a in before.selected if a not in selected),
        departures=_departures(basis.proposals, known),
        ranks_moved=sum(line.before.rank != line.after.rank for line in lines),
        totals_moved=sum(line.before.total != line.after.total for line in lines),
        lines=lines,
        stability=stability(other, question.grid, question.spread) if question.grid else None,
    )


def _ranked(basis: Basis, other: Basis, was: Sequence[Ranked]) -> tuple[Ranked, ...]:
    """Rank what is supposed; what the same rubric makes of the same sheets is known."""
    if other.rubric != basis.rubric:
        return rank(other.rubric, other.candidates)
    known = {line.scored.application: line.scored for line in was}
    scored = [
        known[c.application] if c == before else score(other.rubric, c)
        for c, before in zip(other.candidates, basis.candidates, strict=True)
    ]
    return order(other.rubric, scored)


def _chosen(lines: Sequence[Ranked], basis: Basis) -> Chosen:
    limits = Limits(basis.slots, basis.budget_krw, basis.amounts)
    return chosen(groups_of(lines), limits)


def _places(
    lines: Sequence[Ranked], selected: frozenset[ApplicationId]
) -> dict[ApplicationId, Place]:
    return {
        line.scored.application: Place(
            line.rank,
            line.scored.total,
            line.scored.standing,
            line.scored.application in selected,
        )
        for line in lines
    }


def _lines(
    proposals: Sequence[Proposal],
    before: Mapping[ApplicationId, Place],
    after: Mapping[ApplicationId, Place],
) -> tuple[Moved, ...]:
    outcomes = {p.application_id: p.outcome for p in proposals}
    return tuple(
        Moved(application, outcomes.get(application), before[application], place)
        for application, place in after.items()
    )


def _departures(
    proposals: Sequence[Proposal], by_rule: frozenset[ApplicationId]
) -> tuple[Departure, ...]:
    return tuple(
        Departure(
            p.application_id,
            p.outcome,
            p.application_id in by_rule,
            p.override.reason if p.override else "",
            p.override.authority if p.override else "",
        )
        for p in proposals
        if p.override or (p.outcome is Outcome.SELECTED) is not (p.application_id in by_rule)
    )
