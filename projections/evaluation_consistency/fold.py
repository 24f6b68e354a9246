"""Folds scores and revisions into evaluations that remember every mark."""

from __future__ import annotations

from dataclasses import replace

from core.calls.events import CallAnnounced
from core.evaluations.events import (
    EvaluationInvalidated,
    EvaluatorAbstained,
    ScoreRevised,
    ScoresSubmitted,
)
from core.frameworks.events import FrameworkDrafted
from core.ledger.records import Recorded
from projections.evaluation_consistency.rows import (
    CriterionRow,
    EvaluationRow,
    FrameworkRow,
    MarkAt,
    Row,
    StageRow,
)
from projections.view import Rows, View


def stage_key(call_id: str, stage: str) -> str:
    """Name the row of a stage."""
    return f"stage:{call_id}:{stage}"


def fold(record: Recorded, rows: Rows[Row]) -> None:
    """Fold one fact."""
    at, position = record.meta.occurred_at, record.position
    match event := record.event:
        case FrameworkDrafted(rubric=rubric):
            key = f"framework:{event.framework_id}:{event.version}"
            criteria = tuple(CriterionRow(c.id, c.title.en, c.weight) for c in rubric.criteria)
            rows.put(key, FrameworkRow(key, criteria))
        case CallAnnounced(call_id=call_id, stages=stages):
            for stage in stages:
                ref = f"framework:{stage.framework.framework_id}:{stage.framework.version}"
                rows.put(stage_key(call_id, stage.id), StageRow(call_id, stage.id, ref))
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
            if isinstance(known := rows.get(record.meta.subject), EvaluationRow):
                row = replace(known, marks=(*known.marks, *marks))
            rows.put(record.meta.subject, row)
        case ScoreRevised():
            if isinstance(known := rows.get(record.meta.subject), EvaluationRow):
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
            if isinstance(known := rows.get(record.meta.subject), EvaluationRow):
                rows.put(record.meta.subject, replace(known, ended_at=at))
        case _:
            pass


VIEW: View[Row] = View(
    "evaluation_consistency",
    3,
    Row,
    fold,
    {
        "kind": lambda row: row.kind,
        "call_id": lambda row: None if isinstance(row, FrameworkRow) else row.call_id,
        "stage": lambda row: None if isinstance(row, FrameworkRow) else row.stage,
    },
)
