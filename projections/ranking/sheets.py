"""What becomes of an evaluation, or of its evaluator, and so of an application's total."""

from __future__ import annotations

from dataclasses import replace

from core.errors import DomainError
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
from core.ranking import Candidate, Sheet, score, with_mark
from core.vocabulary import ApplicationId, EvaluatorId
from projections.ranking import keys
from projections.ranking.participation import outside
from projections.ranking.rows import (
    ASSIGNED,
    COUNTS,
    CountryRow,
    EvaluatorRow,
    FrameworkRow,
    PanelRow,
    Row,
    ScoredRow,
    SheetRow,
    StageRow,
)
from projections.view import Rows

_OfEvaluation = (
    EvaluatorAssigned | ScoresSubmitted | ScoreRevised | EvaluatorAbstained | EvaluationInvalidated
)
_OfEvaluator = ConflictDeclared | ConflictWaived | EvaluatorRecused


def scored_row(rows: Rows[Row], application_id: ApplicationId, stage: str) -> ScoredRow:
    """Return an application's row in a stage, a new one where there is none."""
    row = rows.get(keys.scored(application_id, stage))
    if isinstance(row, ScoredRow):
        return row
    call_id, _, city_id = application_id.partition(":")
    city = rows.get(keys.city(city_id))
    country = city.country if isinstance(city, CountryRow) else ""
    row = ScoredRow(application_id, call_id, stage, country)
    return totalled(rows, replace(row, outside=outside(rows, row)))


def totalled(rows: Rows[Row], row: ScoredRow) -> ScoredRow:
    """Return a row with the total of the sheets that count."""
    stage = rows.get(keys.stage(row.call_id, row.stage))
    framework = rows.get(stage.framework) if isinstance(stage, StageRow) else None
    if not isinstance(framework, FrameworkRow):
        return replace(row, scored=None, problem="the stage has no published rubric")
    counting = tuple(Sheet(s.evaluator, s.marks) for s in row.sheets if s.counts)
    try:
        scored = score(framework.rubric, Candidate(row.application_id, row.country, counting))
    except DomainError as refusal:  # history may hold what the commands would have refused
        return replace(row, scored=None, problem=str(refusal))
    return replace(row, scored=scored, problem="")


def of_evaluation(rows: Rows[Row], event: _OfEvaluation) -> None:
    """Fold what became of one evaluator's evaluation of one application."""
    key = keys.scored(event.application_id, event.stage)
    row = scored_row(rows, event.application_id, event.stage)
    known = next((s for s in row.sheets if s.evaluator == event.evaluator_id), None)
    if known is None:
        barred = _evaluator(rows, event.evaluator_id).barred(event.application_id)
        of = f"{event.application_id}:{event.stage}"
        rows.put(keys.panel(event.evaluator_id, of), PanelRow(key))
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
    match event:
        case ConflictDeclared(kind=ConflictKind.NONE):
            return
        case ConflictDeclared(call_id=call_id, application_id=None):
            # A waiver is for the interests that were known when it was given.
            kept = tuple(a for a in row.waived if a.partition(":")[0] != call_id)
            row = replace(row, interests=_with(row.interests, call_id), waived=kept)
            of: str = call_id
        case ConflictDeclared(application_id=of):
            kept = tuple(a for a in row.waived if a != of)
            row = replace(row, interests=_with(row.interests, of), waived=kept)
        case ConflictWaived(application_id=of):
            row = replace(row, waived=_with(row.waived, of))
        case EvaluatorRecused(application_id=of):
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
