"""Folds scores into totals as they change: the live counterpart of a recorded ranking.

Totals come from the same function that a recorded ranking uses, so the two can only
differ where the scores behind them do.
"""

from __future__ import annotations

from core.applications import events as application_events
from core.applications.events import (
    ApplicationAmended,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    EligibilityDetermined,
)
from core.calls.events import CallAnnounced
from core.cities import events as city_events
from core.cities.events import CityRegistered
from core.evaluations.events import (
    ConflictDeclared,
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
from core.selection.events import (
    RankingComputed,
    ReservePromoted,
    SelectionApproved,
    SelectionProposed,
    SelectionRevoked,
)
from projections.ranking import figures, keys, participation, sheets
from projections.ranking.rows import CallRow, CityRow, FrameworkRow, Row, ScoredRow, StageRow
from projections.view import Rows, View


def fold(record: Recorded, rows: Rows[Row]) -> None:
    """Fold one fact."""
    match event := record.event:
        case FrameworkDrafted():
            key = keys.framework(event.framework_id, event.version)
            rows.put(key, FrameworkRow(key, event.rubric))
        case CallAnnounced():
            _announced(rows, event)
        case CityRegistered():
            rows.put(keys.city(event.city_id), CityRow(event.country))
        case city_events.IndicatorRecorded() | city_events.IndicatorCorrected():
            figures.of_city(rows, event)
        case application_events.IndicatorRecorded() | application_events.IndicatorCorrected():
            figures.of_application(rows, event)
        case (
            ApplicationSubmitted()
            | ApplicationAmended()
            | ApplicationWithdrawn()
            | EligibilityDetermined()
        ):
            participation.of_application(rows, event)
        case (
            RankingComputed()
            | SelectionProposed()
            | SelectionApproved()
            | ReservePromoted()
            | SelectionRevoked()
        ):
            participation.of_next_stage(rows, event)
        case (
            EvaluatorAssigned()
            | ScoresSubmitted()
            | ScoreRevised()
            | EvaluatorAbstained()
            | EvaluationInvalidated()
        ):
            sheets.of_evaluation(rows, event)
        case ConflictDeclared() | ConflictWaived() | EvaluatorRecused():
            sheets.of_evaluator(rows, event)
        case _:
            pass


def _announced(rows: Rows[Row], event: CallAnnounced) -> None:
    stages = tuple(stage.id for stage in event.stages)
    rows.put(keys.call(event.call_id), CallRow(stages, listed=event.eligibility is not None))
    for stage in event.stages:
        ref = keys.framework(stage.framework.framework_id, stage.framework.version)
        row = StageRow(ref, event.call_id, stage.id, stage.slots)
        rows.put(keys.stage(event.call_id, stage.id), row)


VIEW: View[Row] = View(
    "ranking",
    4,
    Row,
    fold,
    {
        "kind": lambda row: row.kind,
        "call_id": lambda row: row.call_id if isinstance(row, ScoredRow | StageRow) else None,
        "stage": lambda row: row.stage if isinstance(row, ScoredRow | StageRow) else None,
    },
    frozenset(
        {
            FrameworkDrafted,
            CallAnnounced,
            CityRegistered,
            city_events.IndicatorRecorded,
            city_events.IndicatorCorrected,
            application_events.IndicatorRecorded,
            application_events.IndicatorCorrected,
            *participation.FOLDED,
            *sheets.FOLDED,
        }
    ),
)
