"""Keeps what rules will need of a fact, after they have looked at it."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from core.applications import events as application_events
from core.applications.events import (
    ApplicationAmended,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    EligibilityDetermined,
)
from core.calls.events import (
    CallAnnounced,
    CallClosed,
    DeadlineExtended,
    StageLocked,
    StageOpened,
)
from core.cities import events as city_events
from core.cities.events import CityRegistered
from core.evaluations.events import (
    ConflictDeclared,
    ConflictKind,
    ConflictWaived,
    EvaluationCertified,
    EvaluationInvalidated,
    EvaluationLocked,
    EvaluationReopened,
    EvaluatorAbstained,
    EvaluatorRecused,
    ScoreRevised,
    ScoresSubmitted,
)
from core.frameworks.events import FrameworkDrafted
from core.indicators import with_figure
from core.ledger.records import Recorded
from core.personal import Personal
from core.vocabulary import CriterionId
from projections.audit_findings import keys
from projections.audit_findings.past import (
    Audit,
    application_row,
    call_of,
    call_row,
    row_at,
    selection_row,
    sheet_row,
    stage_row,
)
from projections.audit_findings.rows import (
    ApplicationRow,
    At,
    CallRow,
    CertifiedRow,
    Change,
    CityRow,
    EvaluatorRow,
    FrameworkRow,
    SheetRow,
    StageRow,
)

_WORTH_COMPARING = 40
_CERTIFIED = CertifiedRow()


def framework(record: Recorded, event: FrameworkDrafted, rows: Audit) -> None:
    """Keep a rubric: the first one of its version, once somebody scored by it."""
    key = keys.framework(event.framework_id, event.version)
    if scored_by(rows, key) is None:
        rows.put(key, FrameworkRow(event.rubric, record.position))


def scored_by(rows: Audit, framework_key: str) -> StageRow | None:
    """Return a stage that was scored by a framework, if there is one; meant for rare facts."""
    if rows.get(framework_key) is None:
        return None
    stages = (row_at(rows, key, StageRow) for key in rows.under(keys.STAGES))
    scored = (s for s in stages if s and s.framework == framework_key and s.first_score is not None)
    return min(scored, key=lambda s: s.first_score or 0, default=None)


def announcement(record: Recorded, event: CallAnnounced, rows: Audit) -> None:
    """Keep a call's terms and its stages; a stage that was scored keeps its rubric."""
    stages = tuple(stage.id for stage in event.stages)
    listed = event.eligibility.version if event.eligibility else None
    at, tailored = record.position, False
    for stage in event.stages:
        ref = keys.framework(stage.framework.framework_id, stage.framework.version)
        framework = row_at(rows, ref, FrameworkRow)
        tailored = tailored or (framework is not None and bool(framework.rubric.variants))
        known = stage_row(rows, event.call_id, stage.id)
        if known is None or known.first_score is None:
            criteria = tuple(c.id for c in framework.rubric.judged) if framework else ()
            rows.put(keys.stage(event.call_id, stage.id), StageRow(ref, criteria, stage.slots))
    row = CallRow(at, event.deadline_at, at, listed, stages, tailored)
    rows.put(keys.call(event.call_id), row)


def call(record: Recorded, event: DeadlineExtended | CallClosed, rows: Audit) -> None:
    """Keep when applications were no longer taken."""
    row = call_row(rows, event.call_id)
    if row is None:
        return
    if isinstance(event, DeadlineExtended):
        row = replace(row, deadline_at=event.after, deadline=record.position)
    else:
        row = replace(row, closed=record.position)
    rows.put(keys.call(event.call_id), row)


def stage(record: Recorded, event: StageOpened | StageLocked, rows: Audit) -> None:
    """Keep when a stage could be scored."""
    row = stage_row(rows, event.call_id, event.stage)
    if row is not None:
        if isinstance(event, StageOpened):
            row = replace(row, opened=record.position)
        else:
            row = replace(row, locked=record.position)
        rows.put(keys.stage(event.call_id, event.stage), row)


def city(record: Recorded, event: CityRegistered, rows: Audit) -> None:
    """Keep a city's country."""
    del record
    known = row_at(rows, keys.city(event.city_id), CityRow) or CityRow()
    rows.put(keys.city(event.city_id), replace(known, country=event.country))


def figure(
    record: Recorded,
    event: city_events.IndicatorRecorded
    | city_events.IndicatorCorrected
    | application_events.IndicatorRecorded
    | application_events.IndicatorCorrected,
    rows: Audit,
) -> None:
    """Keep a figure that a mark may be computed from."""
    del record
    match event:
        case city_events.IndicatorRecorded(figure=new) | city_events.IndicatorCorrected(after=new):
            key = keys.city(event.city_id)
            city = row_at(rows, key, CityRow) or CityRow()
            rows.put(key, replace(city, figures=with_figure(city.figures, new)))
        case (
            application_events.IndicatorRecorded(figure=new)
            | application_events.IndicatorCorrected(after=new)
        ):
            row = application_row(rows, event.application_id) or ApplicationRow()
            row = replace(row, figures=with_figure(row.figures, new))
            rows.put(keys.application(event.application_id), row)


def application(
    record: Recorded,
    event: ApplicationSubmitted | ApplicationAmended | EligibilityDetermined | ApplicationWithdrawn,
    rows: Audit,
) -> None:
    """Keep what became of an application: nothing did of one that was only handed in."""
    row = application_row(rows, event.application_id)
    match event:
        case ApplicationSubmitted(city=city):
            call = call_row(rows, event.call_id)
            known = city if call and call.tailored else None
            if row is None and known is None:
                return
            row = ApplicationRow(city=known, figures=row.figures if row else ())
        case ApplicationAmended():
            row = replace(row or ApplicationRow(), eligible=None, checked=None)
        case EligibilityDetermined(eligible=eligible):
            row = replace(row or ApplicationRow(), eligible=eligible, checked=record.position)
        case ApplicationWithdrawn():
            row = replace(row or ApplicationRow(), withdrawn=True)
    rows.put(keys.application(event.application_id), row)


def evaluator(
    record: Recorded, event: ConflictDeclared | ConflictWaived | EvaluatorRecused, rows: Audit
) -> None:
    """Keep an evaluator's declarations, and what followed from them."""
    key, position = keys.evaluator(event.evaluator_id), record.position
    known = row_at(rows, key, EvaluatorRow)
    row = known or EvaluatorRow()
    match event:
        case ConflictDeclared(call_id=call_id, application_id=application_id):
            declared = (*row.declared, At(call_id, position))
            if known is None:  # most have nothing more to say, and copies are slow
                row = EvaluatorRow(declared)
            elif all(at.of != call_id for at in row.declared):
                row = replace(row, declared=declared)
            if event.kind is not ConflictKind.NONE:
                of = application_id or call_id
                # A waiver is for the interests that were known when it was given.
                kept = tuple(a for a in row.waived if of not in {a, call_of(a)})
                row = replace(row, interests=(*row.interests, At(of, position)), waived=kept)
        case ConflictWaived(application_id=application_id):
            row = replace(row, waived=(*row.waived, application_id))
        case EvaluatorRecused(application_id=application_id):
            row = replace(row, recused=(*row.recused, At(application_id, position)))
    rows.put(key, row)


def scores(record: Recorded, event: ScoresSubmitted, rows: Audit, row: StageRow | None) -> None:
    """Keep marks in the order of the rubric, and when the stage was scored first."""
    key, position = (
        keys.sheet(event.application_id, event.stage, event.evaluator_id),
        record.position,
    )
    given = {mark.criterion: mark.value for mark in event.marks}
    criteria: tuple[str, ...] = tuple(given)
    marks = tuple(given.values())
    if row is not None and (row.first_score is None or row.criteria != criteria):
        criteria = row.criteria or criteria
        marks = tuple(given.get(CriterionId(criterion)) for criterion in criteria)
        if row.first_score is None:
            row = replace(row, first_score=position, criteria=criteria)
            rows.put(keys.stage(call_of(event.application_id), event.stage), row)
    known, comment = row_at(rows, key, SheetRow), digest(event.comment)
    if known is None:
        rows.put(key, SheetRow(position, marks, comment=comment))
    else:
        rows.put(key, replace(known, submitted=position, marks=marks, comment=comment))


def digest(comment: Personal) -> str:
    """Return what tells a comment from others; empty where it is sealed, or says little.

    The same words give the same digest, whatever their case, spacing and punctuation.
    """
    if not isinstance(comment, str) or len(comment) < _WORTH_COMPARING:
        return ""
    words = "".join(c for c in comment.casefold() if c.isalnum())
    return hashlib.sha256(words.encode()).hexdigest() if len(words) >= _WORTH_COMPARING else ""


def revision(record: Recorded, event: ScoreRevised, rows: Audit) -> None:
    """Keep the mark, and that it was changed."""
    call_id = call_of(event.application_id)
    sheet = sheet_row(rows, event.application_id, event.stage, event.evaluator_id)
    row = stage_row(rows, call_id, event.stage)
    if sheet is None or row is None:
        return
    marks = tuple(
        [
            event.after if criterion == event.criterion else mark
            for criterion, mark in zip(row.criteria, sheet.marks, strict=False)
        ]
    )
    late = row.locked is not None
    late = late or selection_row(rows, call_id, event.stage).first_ranking is not None
    change = Change(record.position, event.criterion, event.before, event.after, late)
    key = keys.sheet(event.application_id, event.stage, event.evaluator_id)
    rows.put(key, replace(sheet, marks=marks, changes=(*sheet.changes, change)))


def certificate(record: Recorded, event: EvaluationCertified, rows: Audit) -> None:
    """Keep that an evaluation was certified."""
    del record
    key = keys.certified(event.application_id, event.stage, event.evaluator_id)
    rows.put(key, _CERTIFIED)


def evaluation(
    record: Recorded,
    event: EvaluationLocked | EvaluationReopened | EvaluationInvalidated | EvaluatorAbstained,
    rows: Audit,
) -> None:
    """Keep whether an evaluation is final, or counts no more."""
    key = keys.sheet(event.application_id, event.stage, event.evaluator_id)
    row = row_at(rows, key, SheetRow) or SheetRow()
    match event:
        case EvaluationLocked():
            row = replace(row, locked=record.position, reopened=None)
        case EvaluationReopened(requested_by=one, approved_by=other):
            agreed = other not in {one, event.evaluator_id}
            row = replace(row, reopened=record.position if agreed else None)
        case EvaluationInvalidated() | EvaluatorAbstained():
            row = replace(row, ended=record.position)
    rows.put(key, row)
