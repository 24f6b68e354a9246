"""Rules about what came in: in time, checked, and treated alike (11, 12, 13, 17)."""

from __future__ import annotations

from dataclasses import replace

from core.applications.events import (
    ApplicationAmended,
    ApplicationSubmitted,
    ClarificationAnswered,
    ClarificationRequested,
    EligibilityDetermined,
)
from core.calls.events import StageLocked
from core.evaluations.events import ScoresSubmitted
from core.ledger.records import Recorded
from projections.audit_findings import keys
from projections.audit_findings.past import (
    Audit,
    application_row,
    call_of,
    call_row,
    found,
    stage_row,
)
from projections.audit_findings.rows import ApplicationRow, Asked, StageRow
from projections.audit_findings.stages import sheets_of


def in_time(record: Recorded, event: ApplicationSubmitted, rows: Audit) -> None:
    """Rule 11: an application was accepted at its deadline or later."""
    call = call_row(rows, event.call_id)
    if call is not None and record.meta.occurred_at >= call.deadline_at:
        found(
            rows,
            "accepted-late",
            event.call_id,
            event.application_id,
            (call.deadline, record.position),
            application=event.application_id,
            received=record.meta.occurred_at.isoformat(),
            deadline=call.deadline_at.isoformat(),
        )


def not_amended_late(record: Recorded, event: ApplicationAmended, rows: Audit) -> None:
    """Rule 12: an application was changed when no more were taken."""
    call_id = call_of(event.application_id)
    call = call_row(rows, call_id)
    if call is None or (call.closed is None and record.meta.occurred_at < call.deadline_at):
        return
    found(
        rows,
        "amended-late",
        call_id,
        event.application_id,
        (call.deadline, call.closed, record.position),
        application=event.application_id,
        amended=record.meta.occurred_at.isoformat(),
        deadline=call.deadline_at.isoformat(),
    )


def by_the_list(record: Recorded, event: EligibilityDetermined, rows: Audit) -> None:
    """Rule 13: eligibility was judged by another list, or against its own checks."""
    call_id = call_of(event.application_id)
    call = call_row(rows, call_id)
    if call is not None and event.list_version != (call.list_version or ""):
        found(
            rows,
            "wrong-list",
            call_id,
            event.application_id,
            (call.announced, record.position),
            application=event.application_id,
            used=event.list_version,
            announced=call.list_version or "",
        )
    failed = [check.rule for check in event.checks if not check.holds]
    if event.eligible and failed:
        found(
            rows,
            "eligible-against-checks",
            call_id,
            event.application_id,
            (record.position,),
            application=event.application_id,
            failed=len(failed),
        )


def eligible(record: Recorded, event: ScoresSubmitted, rows: Audit) -> None:
    """Rule 13: an application was scored that is not eligible, or was never checked."""
    application = application_row(rows, event.application_id) or ApplicationRow()
    if application.eligible:
        return
    call_id = call_of(event.application_id)
    call = call_row(rows, call_id)
    ineligible = application.eligible is False
    judged = application.checked if ineligible else call.announced if call else None
    if not ineligible and (call is None or call.list_version is None):
        return
    about = f"{event.application_id}:{event.stage}"
    code = "scored-ineligible" if ineligible else "scored-unchecked"
    first = rows.get(keys.finding(13, code, about))
    if first is None:
        found(
            rows,
            code,
            call_id,
            about,
            (judged, record.position),
            application=event.application_id,
            stage=event.stage,
        )


def asked(record: Recorded, event: ClarificationRequested, rows: Audit) -> None:
    """Keep, for rule 17, whom a question was put to while a stage was open."""
    call_id = call_of(event.application_id)
    for stage, row in _open_stages(rows, call_id):
        question = Asked(event.application_id, record.position)
        rows.put(keys.stage(call_id, stage), replace(row, asked=(*row.asked, question)))


def asked_alike(record: Recorded, event: StageLocked, rows: Audit) -> None:
    """Rule 17: within a stage, questions were put to some applications and not to others."""
    row = stage_row(rows, event.call_id, event.stage)
    if row is None or not row.asked:
        return
    scored = {held.application_id for held in sheets_of(rows, event.call_id, event.stage)}
    asked_of = {question.application_id for question in row.asked}
    if scored - asked_of:
        found(
            rows,
            "clarified-unequally",
            event.call_id,
            f"{event.call_id}:{event.stage}",
            (*(question.position for question in row.asked), record.position),
            stage=event.stage,
            asked=len(asked_of),
            applications=len(scored | asked_of),
        )


def answered_before_scoring(record: Recorded, event: ClarificationAnswered, rows: Audit) -> None:
    """Rule 17: an answer came when some evaluators of an open stage had scored already."""
    call_id, _, city_id = event.application_id.partition(":")
    for stage, _ in _open_stages(rows, call_id):
        earlier = list(sheets_of(rows, call_id, stage, city_id))
        if earlier:
            found(
                rows,
                "clarified-midway",
                call_id,
                f"{event.application_id}:{stage}:{event.number}",
                (*(held.row.submitted for held in earlier), record.position),
                application=event.application_id,
                stage=stage,
                number=event.number,
                scored=len(earlier),
            )


def _open_stages(rows: Audit, call_id: str) -> list[tuple[str, StageRow]]:
    call = call_row(rows, call_id)
    found_rows = ((s, stage_row(rows, call_id, s)) for s in (call.stages if call else ()))
    return [(s, row) for s, row in found_rows if row and row.opened and row.locked is None]
