"""What becomes of an evaluation, or of its evaluator, and so of an application's total."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

from core.evaluations.events import (
    ConflictDeclared,
    ConflictKind,
    ConflictWaived,
    EvaluationInvalidated,
    EvaluatorAbstained,
    EvaluatorAssigned,
    EvaluatorRecused,
    ScoreRevised,
    ScoresSubmitted,
)
from core.ranking import with_mark
from core.vocabulary import EvaluatorId
from projections.ranking import keys
from projections.ranking.rows import (
    ASSIGNED,
    COUNTS,
    EvaluatorRow,
    PanelRow,
    Row,
    ScoredRow,
    SheetRow,
)
from projections.ranking.scoring import scored_row, totalled
from projections.view import Rows

_OfEvaluation = (
    EvaluatorAssigned | ScoresSubmitted | ScoreRevised | EvaluatorAbstained | EvaluationInvalidated
)
_OfEvaluator = ConflictDeclared | ConflictWaived | EvaluatorRecused
FOLDED = (*get_args(_OfEvaluation), *get_args(_OfEvaluator))


def of_evaluation(rows: Rows[Row], event: _OfEvaluation) -> None:
    """Fold what became of one evaluator's evaluation of one application."""
    key = keys.scored(event.application_id, event.stage)
    row = scored_row(rows, event.application_id, event.stage)
    known = next((s for s in row.sheets if s.evaluator == event.evaluator_id), None)
    if known is None:
        of = f"{event.application_id}:{event.stage}"
        rows.put(keys.panel(event.evaluator_id, of), PanelRow(key))
    barred = _evaluator(rows, event.evaluator_id).barred(event.application_id)
    before = known or SheetRow(event.evaluator_id, (), ASSIGNED, barred)
    sheet = _after(before, event)
    others = (s for s in row.sheets if s.evaluator != sheet.evaluator)
    row = replace(row, sheets=tuple(sorted((*others, sheet), key=lambda s: s.evaluator)))
    rows.put(key, totalled(rows, row) if before.counts or sheet.counts else row)


def _after(sheet: SheetRow, event: _OfEvaluation) -> SheetRow:
    match event:
        case EvaluatorAssigned():
            return sheet
        case ScoresSubmitted():
            # What ended stays ended: only history, imported unjudged, may say otherwise.
            status = COUNTS if sheet.status == ASSIGNED else sheet.status
            return replace(sheet, marks=event.marks, status=status)
        case ScoreRevised():
            return replace(sheet, marks=with_mark(sheet.marks, event.criterion, event.after))
        case EvaluatorAbstained():
            return replace(sheet, status="abstained")
        case EvaluationInvalidated():
            return replace(sheet, status="invalidated")


def of_evaluator(rows: Rows[Row], event: _OfEvaluator) -> None:
    """Fold an interest, a waiver or a recusal into every sheet that it bears on."""
    row = _evaluator(rows, event.evaluator_id)
    of: str = event.application_id or ""
    match event:
        case ConflictDeclared(kind=ConflictKind.NONE):
            return
        case ConflictDeclared(call_id=call_id, application_id=application_id):
            # A waiver is for the interests that were known when it was given.
            of = application_id or call_id
            kept = tuple(a for a in row.waived if of not in {a, a.partition(":")[0]})
            row = replace(row, interests=_with(row.interests, of), waived=kept)
        case ConflictWaived():
            row = replace(row, waived=_with(row.waived, of))
        case EvaluatorRecused():
            row = replace(row, recused=_with(row.recused, of))
    rows.put(keys.evaluator(event.evaluator_id), row)
    for name in rows.under(keys.panel(event.evaluator_id, f"{of}:")):
        panel = rows.get(name)
        scored = rows.get(panel.scored) if isinstance(panel, PanelRow) else None
        if isinstance(panel, PanelRow) and isinstance(scored, ScoredRow):
            rows.put(panel.scored, _judged(rows, scored, event.evaluator_id, row))


def _judged(
    rows: Rows[Row], scored: ScoredRow, evaluator_id: EvaluatorId, evaluator: EvaluatorRow
) -> ScoredRow:
    barred = evaluator.barred(scored.application_id)
    sheets = tuple(
        replace(s, barred=barred) if s.evaluator == evaluator_id else s for s in scored.sheets
    )
    return totalled(rows, replace(scored, sheets=sheets))


def _evaluator(rows: Rows[Row], evaluator_id: str) -> EvaluatorRow:
    found = rows.get(keys.evaluator(evaluator_id))
    return found if isinstance(found, EvaluatorRow) else EvaluatorRow()


def _with(items: tuple[str, ...], item: str) -> tuple[str, ...]:
    return items if item in items else (*items, item)
