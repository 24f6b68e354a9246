"""Folds scores into totals as they change: the live counterpart of a recorded ranking.

Totals come from the same function that a recorded ranking uses, so the two can only
differ where the scores behind them do.
"""

from __future__ import annotations

from dataclasses import replace

from core.applications.events import ApplicationWithdrawn
from core.calls.events import CallAnnounced
from core.cities.events import CityRegistered
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
from core.frameworks.events import FrameworkDrafted
from core.ledger.records import Recorded
from core.ranking import Candidate, Sheet, score, with_mark
from core.vocabulary import EvaluatorId
from projections.ranking.rows import (
    CallRow,
    CountryRow,
    EvaluatorRow,
    FrameworkRow,
    Row,
    ScoredRow,
    SheetRow,
    StageRow,
)
from projections.view import Rows, View

COUNTS = "counts"
ASSIGNED = "assigned"


def scored_key(application_id: str, stage: str) -> str:
    """Name the row of an application in a stage."""
    return f"scored:{application_id}:{stage}"


def stage_key(call_id: str, stage: str) -> str:
    """Name the row of a stage."""
    return f"stage:{call_id}:{stage}"


def fold(record: Recorded, rows: Rows[Row]) -> None:
    """Fold one fact."""
    match event := record.event:
        case FrameworkDrafted():
            rows.put(f"framework:{event.framework_id}:{event.version}", FrameworkRow(event.rubric))
        case CallAnnounced():
            rows.put(f"call:{event.call_id}", CallRow(tuple(stage.id for stage in event.stages)))
            for stage in event.stages:
                ref = f"framework:{stage.framework.framework_id}:{stage.framework.version}"
                rows.put(stage_key(event.call_id, stage.id), StageRow(ref, event.call_id, stage.id))
        case CityRegistered():
            rows.put(f"city:{event.city_id}", CountryRow(event.country))
        case EvaluatorAssigned():
            _assigned(rows, event)
        case ScoresSubmitted():
            _sheet(rows, event, SheetRow(event.evaluator_id, event.marks, COUNTS))
        case ScoreRevised():
            sheet = _known(rows, event)
            if sheet is not None:
                marks = with_mark(sheet.marks, event.criterion, event.after)
                _sheet(rows, event, replace(sheet, marks=marks))
        case EvaluatorAbstained():
            _sheet(rows, event, SheetRow(event.evaluator_id, (), "abstained"))
        case EvaluationInvalidated():
            sheet = _known(rows, event)
            if sheet is not None:
                _sheet(rows, event, replace(sheet, status="invalidated"))
        case ConflictDeclared() | ConflictWaived() | EvaluatorRecused():
            _standing(rows, event)
        case ApplicationWithdrawn():
            _withdrawn(rows, event)
        case _:
            pass


_OfSheet = (
    EvaluatorAssigned | ScoresSubmitted | ScoreRevised | EvaluatorAbstained | EvaluationInvalidated
)


def _assigned(rows: Rows[Row], event: EvaluatorAssigned) -> None:
    key = scored_key(event.application_id, event.stage)
    who = f"evaluator:{event.evaluator_id}"
    evaluator = rows.get(who)
    evaluator = evaluator if isinstance(evaluator, EvaluatorRow) else EvaluatorRow()
    rows.put(who, replace(evaluator, scored=(*evaluator.scored, key)))
    _sheet(rows, event, SheetRow(event.evaluator_id, (), ASSIGNED))


def _known(rows: Rows[Row], event: _OfSheet) -> SheetRow | None:
    row = rows.get(scored_key(event.application_id, event.stage))
    if not isinstance(row, ScoredRow):
        return None
    return next((s for s in row.sheets if s.evaluator == event.evaluator_id), None)


def _sheet(rows: Rows[Row], event: _OfSheet, sheet: SheetRow) -> None:
    call_id, _, city_id = event.application_id.partition(":")
    key = scored_key(event.application_id, event.stage)
    row = rows.get(key)
    if not isinstance(row, ScoredRow):
        city = rows.get(f"city:{city_id}")
        country = city.country if isinstance(city, CountryRow) else ""
        row = ScoredRow(event.application_id, call_id, event.stage, country)
    others = (s for s in row.sheets if s.evaluator != sheet.evaluator)
    sheets = tuple(sorted((*others, sheet), key=lambda s: s.evaluator))
    rows.put(key, _totalled(rows, replace(row, sheets=sheets)))


def _totalled(rows: Rows[Row], row: ScoredRow) -> ScoredRow:
    stage = rows.get(stage_key(row.call_id, row.stage))
    framework = rows.get(stage.framework) if isinstance(stage, StageRow) else None
    if not isinstance(framework, FrameworkRow):
        return replace(row, scored=None, problem="the stage has no published rubric")
    counting = tuple(
        Sheet(s.evaluator, s.marks)
        for s in row.sheets
        if s.status == COUNTS and not _barred(rows, s.evaluator, row.application_id)
    )
    try:
        scored = score(framework.rubric, Candidate(row.application_id, row.country, counting))
    except DomainError as refusal:  # history may hold what the commands would have refused
        return replace(row, scored=None, problem=str(refusal))
    return replace(row, scored=scored, problem="")


def _barred(rows: Rows[Row], evaluator: EvaluatorId, application_id: str) -> str:
    found = rows.get(f"evaluator:{evaluator}")
    return found.barred(application_id) if isinstance(found, EvaluatorRow) else ""


def _standing(
    rows: Rows[Row], event: ConflictDeclared | ConflictWaived | EvaluatorRecused
) -> None:
    who = f"evaluator:{event.evaluator_id}"
    found = rows.get(who)
    row = found if isinstance(found, EvaluatorRow) else EvaluatorRow()
    match event:
        case ConflictDeclared(kind=ConflictKind.NONE):
            return
        case ConflictDeclared():
            row = replace(row, interests=(*row.interests, event.application_id or event.call_id))
        case ConflictWaived():
            row = replace(row, waived=(*row.waived, event.application_id))
        case EvaluatorRecused():
            row = replace(row, recused=(*row.recused, event.application_id))
    rows.put(who, row)
    for key in row.scored:
        if isinstance(scored := rows.get(key), ScoredRow):
            rows.put(key, _totalled(rows, scored))


def _withdrawn(rows: Rows[Row], event: ApplicationWithdrawn) -> None:
    call = rows.get(f"call:{event.application_id.partition(':')[0]}")
    for stage in call.stages if isinstance(call, CallRow) else ():
        rows.drop(scored_key(event.application_id, stage))


VIEW: View[Row] = View(
    "ranking", 1, Row, fold,
    {
        "kind": lambda row: row.kind,
        "call_id": lambda row: row.call_id if isinstance(row, ScoredRow | StageRow) else None,
        "stage": lambda row: row.stage if isinstance(row, ScoredRow | StageRow) else None,
    },
)
