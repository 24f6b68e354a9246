"""Rules about projects: signed before they start, carried out by others than scored (22, 23)."""

from __future__ import annotations

from core.ledger.records import Recorded
from core.projects.events import (
    AgreementSigned,
    ConsultingDelivered,
    PaymentMade,
    ProjectStarted,
    TrainingDelivered,
)
from projections.audit_findings import keys
from projections.audit_findings.past import Audit, call_of, call_row, found, row_at, scores_of
from projections.audit_findings.rows import ProjectRow


def under_agreement(record: Recorded, event: ProjectStarted | PaymentMade, rows: Audit) -> None:
    """Rule 22: work begins or money is paid before both cities have signed."""
    signed = row_at(rows, keys.project(event.project_id), ProjectRow)
    day = event.started_on if isinstance(event, ProjectStarted) else event.paid_on
    if signed is not None and day >= signed.signed_on:
        return
    code, about, facts = "started-before-agreement", str(event.project_id), {}
    if isinstance(event, PaymentMade):
        code, facts = "paid-before-agreement", {"amount_krw": event.amount_krw}
        about = f"{event.project_id}:{event.number}"
    found(
        rows,
        code,
        call_of(event.project_id),
        about,
        (signed.signed if signed else None, record.position),
        project=event.project_id,
        day=day,
        signed=signed.signed_on if signed else "none",
        **facts,
    )


def sign(record: Recorded, event: AgreementSigned, rows: Audit) -> None:
    """Keep when an agreement was signed."""
    rows.put(keys.project(event.project_id), ProjectRow(event.signed_on, record.position))


def implemented_by_others(
    record: Recorded,
    event: AgreementSigned | TrainingDelivered | ConsultingDelivered,
    rows: Audit,
) -> None:
    """Rule 23: whoever scored an application carries out its project."""
    call_id = call_of(event.project_id)
    call = call_row(rows, call_id)
    people = (
        [implementer.actor for implementer in event.implementers]
        if isinstance(event, AgreementSigned)
        else [event.delivered_by]
    )
    for person in people:
        stages = call.stages if call else ()
        scored = [at for s in stages for at in scores_of(rows, s, person, (event.project_id,))]
        key = keys.finding(23, "evaluator-implements", f"{event.project_id}:{person}")
        if scored and rows.get(key) is None:
            found(
                rows,
                "evaluator-implements",
                call_id,
                f"{event.project_id}:{person}",
                (*scored, record.position),
                project=event.project_id,
                person=person,
            )
