"""Rules about appeals: filed in time, heard by others, and followed by new scores (20, 21)."""

from __future__ import annotations

from dataclasses import replace

from core.ledger.records import Recorded
from core.selection.events import (
    AppealAdmitted,
    AppealDecided,
    AppealFiled,
    ReEvaluationOrdered,
)
from projections.audit_findings import keys
from projections.audit_findings.past import (
    Audit,
    call_of,
    found,
    scores_of,
    selection_row,
    sheet_row,
)


def filed_in_time(record: Recorded, event: AppealFiled, rows: Audit) -> None:
    """Rule 20: an appeal was taken that came too late, or that nobody could file."""
    call_id = call_of(event.application_id)
    selection = selection_row(rows, call_id, event.stage)
    until = selection.appeals_until
    if until is None or record.meta.occurred_at >= until:
        found(
            rows,
            "appeal-late",
            call_id,
            f"{event.application_id}:{event.stage}",
            (selection.notified, record.position),
            application=event.application_id,
            stage=event.stage,
            filed=record.meta.occurred_at.isoformat(),
            until=until.isoformat() if until else "none",
        )


def heard_by_others(record: Recorded, event: AppealAdmitted | AppealDecided, rows: Audit) -> None:
    """Rule 20: an appeal is admitted or heard by somebody who scored in its stage."""
    call_id = call_of(event.application_id)
    people = event.heard_by if isinstance(event, AppealDecided) else (event.by,)
    places = selection_row(rows, call_id, event.stage).places
    for person in sorted(set(people)):
        own = scores_of(rows, event.stage, person, [place.application_id for place in places])
        if own:
            found(
                rows,
                "heard-by-scorer",
                call_id,
                f"{event.application_id}:{event.stage}:{person}",
                (*own, record.position),
                application=event.application_id,
                stage=event.stage,
                person=person,
            )


def annul(record: Recorded, event: ReEvaluationOrdered, rows: Audit) -> None:
    """Keep, for rule 21, whose scores an appeal annulled."""
    for evaluator in event.annulled:
        sheet = sheet_row(rows, event.application_id, event.stage, evaluator)
        if sheet is not None:
            key = keys.sheet(event.application_id, event.stage, evaluator)
            rows.put(key, replace(sheet, annulled=record.position))
