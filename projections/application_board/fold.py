"""Folds everything that happens to an application into one row with its history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, get_args

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
from core.calls.events import CallCancelled
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
)
from core.vocabulary import Instant
from projections.view import Rows, View


@dataclass(frozen=True, slots=True)
class Transition:
    """A step on the application's way: in both clocks, with the position of its event."""

    status: str
    stage: str
    occurred_at: Instant
    recorded_at: Instant
    position: int


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """An application: how it stands, and every step that led there.

    A question, a consultation or a notification is a step that leaves the status as it
    is. Once the application was withdrawn or its call cancelled, nothing but a new
    submission changes the status. `assigned` and `scored` count evaluations over all
    stages, whatever became of them later.
    """

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
_BEFORE_EVALUATION = {"submitted", "eligible", "ineligible"}
_FINAL = {"withdrawn", "cancelled"}
_OfApplication = (
    ApplicationAmended
    | ClarificationRequested
    | ClarificationAnswered
    | ConsultationHeld
    | EligibilityDetermined
    | ApplicationWithdrawn
    | EvaluatorAssigned
    | ScoresSubmitted
)
_OfStage = (
    RankingComputed
    | SelectionProposed
    | SelectionApproved
    | SelectionRevoked
    | OutcomesNotified
    | ReservePromoted
)


def fold(record: Recorded, rows: Rows[Row]) -> None:
    """Fold one fact."""
    match event := record.event:
        case ApplicationSubmitted():
            rows.put(event.application_id, _submitted(rows, event, record))
        case (
            ApplicationAmended()
            | ClarificationRequested()
            | ClarificationAnswered()
            | ConsultationHeld()
            | EligibilityDetermined()
            | ApplicationWithdrawn()
            | EvaluatorAssigned()
            | ScoresSubmitted()
        ):
            if isinstance(row := rows.get(event.application_id), ApplicationRow):
                rows.put(event.application_id, _application(row, event, record))
        case CallCancelled():
            _all(rows, rows.under(f"{event.call_id}:"), "cancelled", "", record)
        case (
            RankingComputed()
            | SelectionProposed()
            | SelectionApproved()
            | SelectionRevoked()
            | OutcomesNotified()
            | ReservePromoted()
        ):
            _stage(rows, event, record)
        case _:
            pass


def _submitted(rows: Rows[Row], event: ApplicationSubmitted, record: Recorded) -> ApplicationRow:
    before = rows.get(event.application_id)
    known = before.transitions if isinstance(before, ApplicationRow) else ()
    row = ApplicationRow(
        event.application_id,
        event.call_id,
        event.city_id,
        event.channel,
        event.project,
        "submitted",
        transitions=known,
    )
    return _moved(row, "submitted", "", record)


def _application(  # noqa: PLR0911  # one match over all facts is a table
    row: ApplicationRow, event: _OfApplication, record: Recorded
) -> ApplicationRow:
    match event:
        case ApplicationAmended():
            # What was checked is not what is applied for any more.
            row = replace(row, project=event.project, eligible=None, status="submitted")
            return _noted(row, "amended", "", record)
        case ClarificationRequested():
            row = replace(row, clarifications_open=row.clarifications_open + 1)
            return _noted(row, "clarification-requested", "", record)
        case ClarificationAnswered():
            row = replace(row, clarifications_open=row.clarifications_open - 1)
            return _noted(row, "clarification-answered", "", record)
        case ConsultationHeld():
            return _noted(row, "consulted", "", record)
        case EligibilityDetermined():
            status = "eligible" if event.eligible else "ineligible"
            row = replace(row, eligible=event.eligible)
            moves = row.status in _BEFORE_EVALUATION or not event.eligible
            return (_moved if moves else _noted)(row, status, "", record)
        case EvaluatorAssigned():
            row = replace(row, assigned=row.assigned + 1)
            return _first(row, "assigned", event.stage, record)
        case ScoresSubmitted():
            row = replace(row, scored=row.scored + 1)
            return _first(row, "in-evaluation", event.stage, record)
        case ApplicationWithdrawn():
            return _moved(row, "withdrawn", "", record)


def _stage(rows: Rows[Row], event: _OfStage, record: Recorded) -> None:
    key = f"stage:{event.call_id}:{event.stage}"
    found = rows.get(key)
    stage = found if isinstance(found, StageRow) else StageRow()
    proposed = [p.application_id for p in stage.proposals]
    match event:
        case RankingComputed():
            ids = tuple(line.scored.application for line in event.lines)
            rows.put(key, StageRow(ids))
            _all(rows, ids, "ranked", event.stage, record)
        case SelectionProposed():
            rows.put(key, replace(stage, proposals=event.proposals))
            proposed = [p.application_id for p in event.proposals]
            _all(rows, proposed, "proposed", event.stage, record)
        case SelectionApproved():
            for proposal in stage.proposals:
                _all(rows, [proposal.application_id], proposal.outcome, event.stage, record)
        case SelectionRevoked():
            rows.put(key, replace(stage, proposals=()))
            _all(rows, proposed, "revoked", event.stage, record)
        case OutcomesNotified():
            for application in proposed:
                if isinstance(row := rows.get(application), ApplicationRow):
                    rows.put(application, _noted(row, "notified", event.stage, record))
        case ReservePromoted():
            _all(rows, [event.application_id], "selected", event.stage, record)
            _all(rows, [event.in_place_of], "replaced", event.stage, record)


def _all(
    rows: Rows[Row], applications: Iterable[str], status: str, stage: str, record: Recorded
) -> None:
    for application in applications:
        if isinstance(row := rows.get(application), ApplicationRow):
            rows.put(application, _moved(row, status, stage, record))


def _first(row: ApplicationRow, status: str, stage: str, record: Recorded) -> ApplicationRow:
    """Move to a status that a stage gives but once."""
    seen = any(t.status == status and t.stage == stage for t in row.transitions)
    return row if seen else _moved(row, status, stage, record)


def _moved(row: ApplicationRow, status: str, stage: str, record: Recorded) -> ApplicationRow:
    row = _noted(row, status, stage, record)
    return row if row.status in _FINAL else replace(row, status=status)


def _noted(row: ApplicationRow, status: str, stage: str, record: Recorded) -> ApplicationRow:
    step = Transition(status, stage, record.meta.occurred_at, record.recorded_at, record.position)
    return replace(row, transitions=(*row.transitions, step))


VIEW: View[Row] = View(
    "application_board",
    2,
    Row,
    fold,
    {
        "kind": lambda row: row.kind,
        "call_id": lambda row: row.call_id if isinstance(row, ApplicationRow) else None,
        "status": lambda row: row.status if isinstance(row, ApplicationRow) else None,
    },
    frozenset(
        {ApplicationSubmitted, CallCancelled, *get_args(_OfApplication), *get_args(_OfStage)}
    ),
)
