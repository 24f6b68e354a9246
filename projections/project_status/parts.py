"""What becomes of a project's parts: milestones, risks, indicators and their observations.

A part that is not known is let be: only history, imported unjudged, may speak of one.
"""

from __future__ import annotations

from dataclasses import replace

from core.ledger.records import Recorded
from core.monitoring.events import (
    IndicatorDefined,
    IndicatorRevised,
    ObservationCorrected,
    ObservationRecorded,
    ObservationVerified,
)
from core.projects.events import (
    MilestoneReached,
    MilestoneRescheduled,
    PlanAgreed,
    RiskRaised,
    RiskResolved,
)
from projections.project_status.rows import (
    CORRECTED,
    DEFINED,
    OPEN,
    PLANNED,
    REACHED,
    RECORDED,
    RESCHEDULED,
    RESOLVED,
    REVISED,
    VERIFIED,
    IndicatorRow,
    MilestoneRow,
    ObservationRow,
    RiskRow,
    Row,
    Terms,
)
from projections.steps import step
from projections.view import Rows

_OfMilestone = MilestoneReached | MilestoneRescheduled
_OfRisk = RiskRaised | RiskResolved
_OfIndicator = IndicatorDefined | IndicatorRevised
_OfObservation = ObservationRecorded | ObservationCorrected | ObservationVerified


def terms(event: PlanAgreed) -> Terms:
    """Return what the project's own row says of its plan."""
    plan = event.plan
    return Terms(
        event.version,
        plan.starts_on,
        plan.ends_on,
        plan.monitored_until,
        plan.results,
        tuple(m.id for m in plan.milestones),
        tuple(n.id for n in plan.indicators),
        event.document,
    )


def replanned(rows: Rows[Row], before: Terms | None, event: PlanAgreed, record: Recorded) -> None:
    """Let the parts of the plan before give way to those of the new one."""
    project, planned = event.project_id, step(PLANNED, record)
    for gone in before.milestones if before else ():
        if gone not in {m.id for m in event.plan.milestones}:
            rows.drop(_milestone(project, gone))
    for gone in before.indicators if before else ():
        if gone not in {n.id for n in event.plan.indicators}:
            rows.drop(_indicator(project, gone))
    for item in event.plan.milestones:
        key = _milestone(project, item.id)
        rows.put(
            key,
            MilestoneRow(project, item.id, item.title, (item.due_on,), ("",), steps=(planned,)),
        )
    for indicator in event.plan.indicators:
        row = IndicatorRow(
            project, indicator.id, indicator, event.plan.monitored, PLANNED, (planned,)
        )
        rows.put(_indicator(project, indicator.id), row)


def changed(
    rows: Rows[Row],
    event: _OfMilestone | _OfRisk | _OfIndicator | _OfObservation,
    record: Recorded,
) -> None:
    """Fold what became of one part."""
    match event:
        case MilestoneReached() | MilestoneRescheduled():
            key = _milestone(event.project_id, event.milestone)
            if isinstance(row := rows.get(key), MilestoneRow):
                rows.put(key, _of_milestone(row, event, record))
        case RiskRaised() | RiskResolved():
            _risk(rows, event, record)
        case IndicatorDefined() | IndicatorRevised():
            _of_indicator(rows, event, record)
        case ObservationRecorded() | ObservationCorrected() | ObservationVerified():
            _observation(rows, event, record)


def _milestone(project: str, milestone: str) -> str:
    return f"milestone:{project}:{milestone}"


def _indicator(project: str, indicator: str) -> str:
    return f"indicator:{project}:{indicator}"


def _of_milestone(row: MilestoneRow, event: _OfMilestone, record: Recorded) -> MilestoneRow:
    match event:
        case MilestoneRescheduled(after=after, reason=reason):
            return replace(
                row,
                due=(*row.due, after),
                reasons=(*row.reasons, reason),
                steps=(*row.steps, step(RESCHEDULED, record)),
            )
        case MilestoneReached(reached_on=day, evidence=evidence):
            steps = (*row.steps, step(REACHED, record))
            return replace(row, reached_on=day, evidence=evidence, steps=steps)


def _risk(rows: Rows[Row], event: _OfRisk, record: Recorded) -> None:
    key = f"risk:{event.project_id}:{event.number:06}"
    match event:
        case RiskRaised():
            rows.put(key, RiskRow(event.project_id, event, steps=(step(OPEN, record),)))
        case RiskResolved(resolution=resolution):
            if isinstance(row := rows.get(key), RiskRow):
                steps = (*row.steps, step(RESOLVED, record))
                rows.put(key, replace(row, resolution=resolution, steps=steps))


def _of_indicator(rows: Rows[Row], event: _OfIndicator, record: Recorded) -> None:
    key = _indicator(event.project_id, event.indicator_id)
    known = rows.get(key)
    match event:
        case IndicatorDefined():
            before = known.steps if isinstance(known, IndicatorRow) else ()
            row = IndicatorRow(
                event.project_id,
                event.indicator_id,
                event.indicator,
                event.monitored,
                DEFINED,
                (*before, step(DEFINED, record)),
            )
            rows.put(key, row)
        case IndicatorRevised():
            if isinstance(known, IndicatorRow):
                revised = replace(
                    known.indicator, baseline=event.baseline_after, targets=event.targets_after
                )
                steps = (*known.steps, step(REVISED, record))
                rows.put(key, replace(known, indicator=revised, status=REVISED, steps=steps))


def _observation(rows: Rows[Row], event: _OfObservation, record: Recorded) -> None:
    key = f"observation:{event.project_id}:{event.indicator_id}:{event.number:06}"
    known = rows.get(key)
    match event:
        case ObservationRecorded(reading=reading):
            row = ObservationRow(
                event.project_id,
                event.indicator_id,
                event.number,
                (reading,),
                ("",),
                (step(RECORDED, record),),
            )
            rows.put(key, row)
        case ObservationCorrected(after=after, reason=reason):
            if isinstance(known, ObservationRow):
                row = replace(
                    known,
                    readings=(*known.readings, after),
                    reasons=(*known.reasons, reason),
                    steps=(*known.steps, step(CORRECTED, record)),
                )
                rows.put(key, row)
        case ObservationVerified():
            if isinstance(known, ObservationRow):
                rows.put(key, replace(known, steps=(*known.steps, step(VERIFIED, record))))
