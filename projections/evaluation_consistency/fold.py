"""Folds scores and revisions into evaluations that remember every mark."""

from __future__ import annotations

from dataclasses import replace

from core.evaluations.events import (
    EvaluationInvalidated,
    EvaluatorAbstained,
    ScoreRevised,
    ScoresSubmitted,
)
from core.ledger.records import Recorded
from projections.evaluation_consistency.rows import EvaluationRow, MarkAt, Row
from projections.view import Rows, View


def fold(record: Recorded, rows: Rows[Row]) -> None:
    """Fold one fact."""
    at, position = record.meta.occurred_at, record.position
    match event := record.event:
        case ScoresSubmitted():
            marks = tuple(
                MarkAt(m.criterion, m.value, at, position, first=True) for m in event.marks
            )
            row = EvaluationRow(
                event.application_id,
                event.application_id.partition(":")[0],
                event.stage,
                event.evaluator_id,
                marks,
            )
            # What ended stays ended: only history, imported unjudged, may say otherwise.
            if known := rows.get(record.meta.subject):
                row = replace(known, marks=(*known.marks, *marks))
            rows.put(record.meta.subject, row)
        case ScoreRevised():
            if known := rows.get(record.meta.subject):
                mark = MarkAt(
                    event.criterion,
                    event.after,
                    at,
                    position,
                    first=False,
                    before=event.before,
                    reason=event.reason,
                    by=record.meta.actor,
                )
                rows.put(record.meta.subject, replace(known, marks=(*known.marks, mark)))
        case EvaluatorAbstained() | EvaluationInvalidated():
            if known := rows.get(record.meta.subject):
                rows.put(record.meta.subject, replace(known, ended_at=at))
        case _:
            pass


VIEW: View[Row] = View(
    "evaluation_consistency",
    3,
    Row,
    fold,
    {"call_id": lambda row: row.call_id, "stage": lambda row: row.stage},
    frozenset({ScoresSubmitted, ScoreRevised, EvaluatorAbstained, EvaluationInvalidated}),
)
