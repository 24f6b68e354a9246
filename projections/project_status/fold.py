"""Folds facts of projects and of their monitoring into a row for each thing that has a state."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

from core.ledger.records import Recorded
from core.monitoring.events import (
    EvaluationRated,
    FeedbackReceived,
    IndicatorBehind,
    IndicatorDefined,
    IndicatorEvent,
    IndicatorRevised,
    IndicatorUnobserved,
    MilestoneMissed,
    ObservationCorrected,
    ObservationRecorded,
    ObservationVerified,
    ReviewEvent,
)
from core.projects.events import (
    AgreementSigned,
    ConsultingDelivered,
    FollowUpLinked,
    MilestoneReached,
    MilestoneRescheduled,
    PaymentMade,
    PlanAgreed,
    ProjectCancelled,
    ProjectCompleted,
    ProjectEvent,
    ProjectPreferred,
    ProjectResumed,
    ProjectStarted,
    ProjectSuspended,
    RiskRaised,
    RiskResolved,
    SiteSurveyed,
    TrainingDelivered,
)
from projections.project_status import parts
from projections.project_status.deeds import deed
from projections.project_status.rows import (
    CANCELLED,
    COMPLETED,
    PLANNED,
    PREFERRED,
    RUNNING,
    SIGNED,
    SUSPENDED,
    ProjectRow,
    Row,
)
from projections.steps import step
from projections.view import Rows, View

_Course = (
    PlanAgreed
    | AgreementSigned
    | ProjectStarted
    | ProjectSuspended
    | ProjectResumed
    | ProjectCompleted
    | ProjectCancelled
)
_Part = (
    MilestoneReached
    | MilestoneRescheduled
    | RiskRaised
    | RiskResolved
    | IndicatorDefined
    | IndicatorRevised
    | ObservationRecorded
    | ObservationCorrected
    | ObservationVerified
)


def fold(record: Recorded, rows: Rows[Row]) -> None:
    """Fold one fact."""
    match event := record.event:
        case ProjectPreferred():
            first = ProjectRow(
                event.project_id, event.application_id, event.stage, event.amount_krw, PREFERRED
            )
            rows.put(event.project_id, _moved(first, PREFERRED, record))
        case (
            PlanAgreed()
            | AgreementSigned()
            | ProjectStarted()
            | ProjectSuspended()
            | ProjectResumed()
            | ProjectCompleted()
            | ProjectCancelled()
        ):
            if isinstance(row := rows.get(event.project_id), ProjectRow):
                if isinstance(event, PlanAgreed):
                    parts.replanned(rows, row.terms, event, record)
                rows.put(event.project_id, _course(row, event, record))
        case (
            MilestoneReached()
            | MilestoneRescheduled()
            | RiskRaised()
            | RiskResolved()
            | IndicatorDefined()
            | IndicatorRevised()
            | ObservationRecorded()
            | ObservationCorrected()
            | ObservationVerified()
        ):
            parts.changed(rows, event, record)
        case (
            SiteSurveyed()
            | PaymentMade()
            | TrainingDelivered()
            | ConsultingDelivered()
            | FollowUpLinked()
            | EvaluationRated()
            | FeedbackReceived()
            | MilestoneMissed()
            | IndicatorUnobserved()
            | IndicatorBehind()
        ):
            row = deed(event, record)
            rows.add(f"{row.kind}:{event.project_id}:{record.position:012}", row)
        case _:
            pass


def _course(  # noqa: PLR0911  # one match over all facts is a table
    row: ProjectRow, event: _Course, record: Recorded
) -> ProjectRow:
    match event:
        case PlanAgreed():
            # A signed plan stands: only history, imported unjudged, may say otherwise.
            status = PLANNED if row.agreement is None else row.status
            return _moved(replace(row, terms=parts.terms(event)), status, record)
        case AgreementSigned():
            return _moved(replace(row, agreement=event), SIGNED, record)
        case ProjectStarted():
            return _moved(row, RUNNING, record)
        case ProjectSuspended(reason=reason):
            return _moved(row, SUSPENDED, record, reason)
        case ProjectResumed():
            return _moved(row, RUNNING, record)
        case ProjectCompleted(reason=reason):
            return _moved(row, COMPLETED, record, reason)
        case ProjectCancelled(reason=reason):
            return _moved(row, CANCELLED, record, reason)


def _moved(row: ProjectRow, status: str, record: Recorded, reason: str = "") -> ProjectRow:
    steps = (*row.steps, step(status, record))
    return replace(row, status=status, reason=reason, steps=steps)


VIEW: View[Row] = View(
    "project_status",
    1,
    Row,
    fold,
    {
        "kind": lambda row: row.kind,
        "project_id": lambda row: row.project_id,
        "call_id": lambda row: row.project_id.partition(":")[0],
        "city_id": lambda row: row.project_id.partition(":")[2],
    },
    frozenset(get_args(ProjectEvent | IndicatorEvent | ReviewEvent)),
)
