"""Folds a recommendation from its issue to the check of what was done into one row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import get_args

from core.ledger.records import Recorded
from core.monitoring.events import (
    ActionCompleted,
    ActionReturned,
    ActionVerified,
    Answer,
    RecommendationAnswered,
    RecommendationIssued,
)
from projections.steps import Step, step
from projections.view import Rows, View

ISSUED, ACCEPTED, REJECTED, DONE, VERIFIED = "issued", "accepted", "rejected", "done", "verified"
RETURNED = "returned"
WAITING = frozenset({ISSUED, ACCEPTED, RETURNED})
"""Something is still to be done: an answer is to be given, or what was promised is to be kept."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What those asked said they will do; `action` is empty where they will do nothing."""

    answer: Answer
    action: str
    reason: str


@dataclass(frozen=True, slots=True)
class Action:
    """What was done, on which day and on what evidence; `returned` says why that is not enough."""

    completed_on: date
    summary: str
    evidence: tuple[str, ...]
    returned: str = ""


@dataclass(frozen=True, slots=True)
class RecommendationRow:
    """A recommendation and what became of it.

    What was accepted in part stands as accepted: `answered` says what for. Who did what and
    when is told by `steps`.
    """

    project_id: str
    recommendation_id: str
    call_id: str
    city_id: str
    recommendation: str
    addressee: str
    due_on: date
    indicator_id: str | None
    milestone: str | None
    status: str
    answered: Answered | None = None
    action: Action | None = None
    steps: tuple[Step, ...] = ()


Row = RecommendationRow
_Fact = RecommendationAnswered | ActionCompleted | ActionReturned | ActionVerified


def fold(record: Recorded, rows: Rows[Row]) -> None:
    """Fold one fact."""
    match event := record.event:
        case RecommendationIssued():
            row = _moved(_issued(event), ISSUED, record)
            rows.put(_key(event), row)
        case RecommendationAnswered() | ActionCompleted() | ActionReturned() | ActionVerified():
            if known := rows.get(_key(event)):
                rows.put(_key(event), _after(known, event, record))
        case _:
            pass


def _key(event: RecommendationIssued | _Fact) -> str:
    return f"{event.project_id}:{event.recommendation_id}"


def _issued(event: RecommendationIssued) -> Row:
    call_id, _, city_id = event.project_id.partition(":")
    return RecommendationRow(
        event.project_id,
        event.recommendation_id,
        call_id,
        city_id,
        event.recommendation,
        event.addressee,
        event.due_on,
        event.indicator_id,
        event.milestone,
        ISSUED,
    )


def _after(row: Row, event: _Fact, record: Recorded) -> Row:
    match event:
        case RecommendationAnswered(answer=answer, action=action, reason=reason):
            row = replace(row, answered=Answered(answer, action, reason))
            return _moved(row, REJECTED if answer is Answer.REJECTED else ACCEPTED, record)
        case ActionCompleted(completed_on=day, summary=summary, evidence=evidence):
            return _moved(replace(row, action=Action(day, summary, evidence)), DONE, record)
        case ActionReturned(reason=reason):
            done = replace(row.action, returned=reason) if row.action else None
            return _moved(replace(row, action=done), RETURNED, record)
        case ActionVerified():
            return _moved(row, VERIFIED, record)


def _moved(row: Row, status: str, record: Recorded) -> Row:
    return replace(row, status=status, steps=(*row.steps, step(status, record)))


VIEW: View[Row] = View(
    "recommendations",
    1,
    Row,
    fold,
    {"project_id": lambda row: row.project_id, "city_id": lambda row: row.city_id},
    frozenset({RecommendationIssued, *get_args(_Fact)}),
)
