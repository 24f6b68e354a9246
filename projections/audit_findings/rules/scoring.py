"""Rules about marks as they are given and changed (4, and parts of 10 and 17)."""

from __future__ import annotations

from core.evaluations.events import ScoreRevised, ScoresSubmitted
from core.ledger.records import Recorded
from core.personal import blank
from projections.audit_findings.past import (
    Audit,
    call_of,
    found,
    rubric_of,
    sheet_row,
    stage_row,
)
from projections.audit_findings.rows import StageRow
from projections.audit_findings.stages import sheets_of


def revisable(record: Recorded, event: ScoreRevised, rows: Audit) -> None:
    """Rule 4: a mark is changed after a lock, by somebody else, or without a reason."""
    if event.evaluator_id not in {record.meta.actor, record.meta.on_behalf_of}:
        _changed(record, event, rows, "changed-by-another", actor=record.meta.actor)
    if blank(event.reason):
        _changed(record, event, rows, "changed-without-reason")
    sheet = sheet_row(rows, event.application_id, event.stage, event.evaluator_id)
    stage = stage_row(rows, call_of(event.application_id), event.stage)
    locked = (sheet and sheet.locked) or (stage and stage.locked)
    if locked and not (sheet and sheet.reopened):
        _changed(record, event, rows, "changed-after-lock", locked)


def _changed(
    record: Recorded,
    event: ScoreRevised,
    rows: Audit,
    code: str,
    earlier: int | None = None,
    **facts: object,
) -> None:
    found(
        rows,
        code,
        call_of(event.application_id),
        f"{event.application_id}:{event.evaluator_id}:{event.stage}:{record.position}",
        (earlier, record.position),
        application=event.application_id,
        evaluator=event.evaluator_id,
        stage=event.stage,
        criterion=event.criterion,
        before="N/A" if event.before is None else event.before,
        after="N/A" if event.after is None else event.after,
        **facts,
    )


def in_the_stage(record: Recorded, event: ScoresSubmitted, rows: Audit, stage: StageRow) -> None:
    """Rule 4: scores come in after their stage was locked, and nobody had to score anew."""
    if stage.locked is None:
        return
    call_id, _, city_id = event.application_id.partition(":")
    if any(held.row.annulled for held in sheets_of(rows, call_id, event.stage, city_id)):
        return
    found(
        rows,
        "scored-after-lock",
        call_id,
        f"{event.application_id}:{event.evaluator_id}:{event.stage}",
        (stage.locked, record.position),
        application=event.application_id,
        evaluator=event.evaluator_id,
        stage=event.stage,
    )


def by_the_rubric(record: Recorded, event: ScoresSubmitted, rows: Audit, stage: StageRow) -> None:
    """Rules 10 and 17: a mark of zero where the scale has none; other criteria than the rubric's.

    A zero off the scale is how a mark that is missing comes out of other programs.
    """
    if not stage.criteria:
        return
    call_id = call_of(event.application_id)
    about = f"{event.application_id}:{event.evaluator_id}:{event.stage}"
    given = [mark.criterion for mark in event.marks]
    if unknown := sorted(set(given).difference(stage.criteria)):
        found(
            rows,
            "other-criteria",
            call_id,
            about,
            (record.position,),
            application=event.application_id,
            evaluator=event.evaluator_id,
            stage=event.stage,
            criteria=", ".join(unknown),
        )
    zeros = [mark.criterion for mark in event.marks if mark.value is not None and not mark.value]
    rubric = rubric_of(rows, stage) if zeros else None
    for criterion_id in zeros if rubric else ():
        criterion = rubric.criterion(criterion_id) if rubric else None
        if criterion is not None and not criterion.scale.allows(0 * criterion.scale.step):
            found(
                rows,
                "zero-off-scale",
                call_id,
                f"{about}:{criterion_id}",
                (record.position,),
                application=event.application_id,
                evaluator=event.evaluator_id,
                stage=event.stage,
                criterion=criterion_id,
            )
