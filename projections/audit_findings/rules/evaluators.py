"""Rules about who scores: assigned, declared, without an interest, and certified (6, 7, 8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from core.evaluations.events import (
    ConflictDeclared,
    ConflictKind,
    EvaluationEvent,
    EvaluatorAssigned,
    ScoresSubmitted,
)
from core.ledger.records import Recorded
from core.selection.events import SelectionApproved
from projections.audit_findings import keys
from projections.audit_findings.past import (
    Audit,
    call_of,
    call_row,
    conflict,
    evaluator_row,
    found,
    recusal,
    selection_row,
)
from projections.audit_findings.stages import Held, Name, read_sheets, sheets_of


def entitled(record: Recorded, event: ScoresSubmitted, rows: Audit) -> None:
    """Rule 6: a score by someone undeclared, conflicted or recused, or in another's name."""
    evaluator = evaluator_row(rows, event.evaluator_id)
    call_id = call_of(event.application_id)
    at = record.position
    if event.evaluator_id not in {record.meta.actor, record.meta.on_behalf_of}:
        _unentitled(rows, event, "scored-by-another", (at,), actor=record.meta.actor)
    if call_id not in [declared.of for declared in evaluator.declared]:
        _unentitled(rows, event, "scored-undeclared", (at,))
    if gone := recusal(evaluator, event.application_id):
        _unentitled(rows, event, "scored-recused", (gone.position, at))
    elif interest := conflict(evaluator, event.application_id):
        _unentitled(rows, event, "scored-conflicted", (interest.position, at))


def assigned(record: Recorded, event: EvaluationEvent, rows: Audit) -> None:
    """Rule 6: an evaluation begins with something else than its assignment.

    What comes first in a stream has version 1, so this needs no memory of assignments.
    """
    if record.meta.version == 1 and not isinstance(event, EvaluatorAssigned):
        _unentitled(rows, event, "scored-unassigned", (record.position,))


def _unentitled(
    rows: Audit, event: EvaluationEvent, code: str, positions: tuple[int, ...], **facts: object
) -> None:
    found(
        rows,
        code,
        call_of(event.application_id),
        f"{event.application_id}:{event.evaluator_id}:{event.stage}",
        positions,
        application=event.application_id,
        evaluator=event.evaluator_id,
        stage=event.stage,
        **facts,
    )


def declared_before_approval(
    record: Recorded, event: SelectionApproved, rows: Audit, names: Sequence[Name]
) -> None:
    """Rule 7: a selection is approved on scores of someone who declared an interest later."""
    selection = selection_row(rows, event.call_id, event.stage)
    ranked = selection.ranking if selection.ranking is not None else record.position
    people = {evaluator: evaluator_row(rows, evaluator) for _, evaluator in names}
    interested = {evaluator for evaluator, row in people.items() if row.interests}
    for held in read_sheets(rows, event.stage, [n for n in names if n[1] in interested]):
        interest = conflict(people[held.evaluator_id], held.application_id)
        if interest and interest.position > ranked and rests_on(held, ranked):
            conflicted_counts(rows, held, event.stage, interest.position, record.position)


def declared_after_approval(record: Recorded, event: ConflictDeclared, rows: Audit) -> None:
    """Rule 7: an interest is declared in what an approved selection rests on."""
    if event.kind is ConflictKind.NONE:
        return
    call = call_row(rows, event.call_id)
    city = event.application_id.partition(":")[2] if event.application_id else ""
    for stage in call.stages if call else ():
        selection = selection_row(rows, event.call_id, stage)
        if selection.approved is None or selection.ranking is None:
            continue
        for held in sheets_of(rows, event.call_id, stage, city):
            if held.evaluator_id == event.evaluator_id and rests_on(held, selection.ranking):
                conflicted_counts(rows, held, stage, record.position, selection.approved)


def rests_on(held: Held, ranking: int) -> bool:
    """Whether a ranking at a position can have counted a sheet."""
    submitted, ended = held.row.submitted, held.row.ended
    return submitted is not None and submitted < ranking and (ended is None or ended > ranking)


def conflicted_counts(rows: Audit, held: Held, stage: str, interest: int, decided: int) -> None:
    """Put down that a score counted though an interest was declared after it (rule 7)."""
    found(
        rows,
        "conflicted-counts",
        call_of(held.application_id),
        f"{held.application_id}:{held.evaluator_id}:{stage}",
        (held.row.submitted, interest, decided),
        application=held.application_id,
        evaluator=held.evaluator_id,
        stage=stage,
    )


def certified(
    record: Recorded, event: SelectionApproved, rows: Audit, names: Sequence[Name]
) -> None:
    """Rule 8: a selection is approved on evaluations that nobody certified."""
    certificates = set(rows.under(keys.certificates(event.call_id, event.stage)))
    without = [
        (application, evaluator)
        for application, evaluator in names
        if keys.certified(application, event.stage, evaluator) not in certificates
    ]
    missing: defaultdict[str, list[int | None]] = defaultdict(list)
    for held in read_sheets(rows, event.stage, without):
        if held.counts:
            missing[held.evaluator_id].append(held.row.submitted)
    for evaluator, uncertified in missing.items():
        found(
            rows,
            "uncertified",
            event.call_id,
            f"{event.call_id}:{event.stage}:{evaluator}",
            (*uncertified, record.position),
            evaluator=evaluator,
            stage=event.stage,
            evaluations=len(uncertified),
        )
