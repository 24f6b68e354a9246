"""Folds everything that happens to an application into one row with its history."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from core.applications.events import (
    ApplicationAmended,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    ClarificationAnswered,
    ClarificationRequested,
    ConsultationHeld,
    EligibilityDetermined,
    Project,
)
from core.evaluations.events import EvaluatorAssigned, ScoresSubmitted
from core.ledger.records import Recorded
from core.selection.events import (
    OutcomesNotified,
    Proposal,
    RankingComputed,
    ReservePromoted,
    SelectionApproved,
    SelectionProposed,
    SelectionRevoked,
    stream,
)
from core.vocabulary import Instant
from projections.view import Rows, View


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of status: in both clocks, with the position of its event."""

    status: str
    stage: str
    occurred_at: Instant
    recorded_at: Instant
    position: int


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """An application; `assigned` and `scored` count evaluations over all stages."""

    application_id: str
    call_id: str
    city_id: str
    channel: str
    project: Project
    status: str
    eligible: bool | None = None
    clarifications_open: int = 0
    assigned: int = 0
    scored: int = 0
    transitions: tuple[Transition, ...] = ()
    kind: Literal["application"] = "application"


@dataclass(frozen=True, slots=True)
class StageRow:
    """Which applications a stage ranked, and what was proposed for each."""

    ranked: tuple[str, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    kind: Literal["stage"] = "stage"


Row = ApplicationRow | StageRow


def fold(record: Recorded, rows: Rows[Row]) -> None:
    """Fold one fact."""
    match event := record.event:
        case ApplicationSubmitted():
            before = rows.get(event.application_id)
            known = before.transitions if isinstance(before, ApplicationRow) else ()
            rows.put(event.application_id, ApplicationRow(
                event.application_id, event.call_id, event.city_id, event.channel, event.project,
                "submitted", transitions=(*known, _transition("submitted", "", record)),
            ))
        case (ApplicationAmended() | ClarificationRequested() | ClarificationAnswered()
              | ConsultationHeld() | EligibilityDetermined() | ApplicationWithdrawn()
              | EvaluatorAssigned() | ScoresSubmitted()):
            if isinstance(row := rows.get(event.application_id), ApplicationRow):
                rows.put(event.application_id, _application(row, record))
        case RankingComputed():
            ids = tuple(line.scored.application for line in event.lines)
            rows.put(stream(event.call_id, event.stage), StageRow(ids))
            _all(rows, ids, "ranked", event.stage, record)
        case SelectionProposed():
            key = stream(event.call_id, event.stage)
            if isinstance(stage := rows.get(key), StageRow):
                rows.put(key, replace(stage, proposals=event.proposals))
            _all(rows, [p.application_id for p in event.proposals], "proposed", event.stage, record)
        case SelectionApproved() | SelectionRevoked() | OutcomesNotified():
            _stage(rows, stream(event.call_id, event.stage), record)
        case ReservePromoted():
            _all(rows, [event.application_id], "selected", event.stage, record)
            _all(rows, [event.in_place_of], "replaced", event.stage, record)
        case _:
            pass


def _application(row: ApplicationRow, record: Recorded) -> ApplicationRow:
    match event := record.event:
        case ApplicationAmended():
            return _moved(replace(row, project=event.project), "amended", "", record)
        case ClarificationRequested():
            row = replace(row, clarifications_open=row.clarifications_open + 1)
            return _moved(row, "clarification-requested", "", record)
        case ClarificationAnswered():
            row = replace(row, clarifications_open=row.clarifications_open - 1)
            return _moved(row, "clarification-answered", "", record)
        case ConsultationHeld():
            return _moved(row, "consulted", "", record)
        case EligibilityDetermined():
            status = "eligible" if event.eligible else "ineligible"
            return _moved(replace(row, eligible=event.eligible), status, "", record)
        case EvaluatorAssigned():
            row = replace(row, assigned=row.assigned + 1)
            seen = any(t.status == "assigned" and t.stage == event.stage for t in row.transitions)
            return row if seen else _moved(row, "assigned", event.stage, record)
        case ScoresSubmitted():
            row = replace(row, scored=row.scored + 1)
            seen = any(t.status == "in-evaluation" and t.stage == event.stage
                       for t in row.transitions)
            return row if seen else _moved(row, "in-evaluation", event.stage, record)
        case _:
            return _moved(row, "withdrawn", "", record)


def _stage(rows: Rows[Row], key: str, record: Recorded) -> None:
    stage, event = rows.get(key), record.event
    if not isinstance(stage, StageRow):
        return
    match event:
        case SelectionApproved():
            for proposal in stage.proposals:
                _all(rows, [proposal.application_id], proposal.outcome, event.stage, record)
        case SelectionRevoked():
            _all(rows, stage.ranked, "revoked", event.stage, record)
        case OutcomesNotified():
            for proposal in stage.proposals:
                row = rows.get(proposal.application_id)
                if isinstance(row, ApplicationRow):
                    told = _transition("notified", event.stage, record)
                    rows.put(proposal.application_id,
                             replace(row, transitions=(*row.transitions, told)))
        case _:
            pass


def _all(
    rows: Rows[Row], applications: tuple[str, ...] | list[str], status: str, stage: str,
    record: Recorded,
) -> None:
    for application in applications:
        if isinstance(row := rows.get(application), ApplicationRow):
            rows.put(application, _moved(row, status, stage, record))


def _moved(row: ApplicationRow, status: str, stage: str, record: Recorded) -> ApplicationRow:
    return replace(row, status=status,
                   transitions=(*row.transitions, _transition(status, stage, record)))


def _transition(status: str, stage: str, record: Recorded) -> Transition:
    return Transition(status, stage, record.meta.occurred_at, record.recorded_at, record.position)


VIEW: View[Row] = View(
    "application_board", 1, Row, fold,
    {
        "kind": lambda row: row.kind,
        "call_id": lambda row: row.call_id if isinstance(row, ApplicationRow) else None,
        "status": lambda row: row.status if isinstance(row, ApplicationRow) else None,
    },
)
