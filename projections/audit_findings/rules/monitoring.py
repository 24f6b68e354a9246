"""Rules about what became of projects: nothing moves after the fact, all gets done (24, 25, 26)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone

from core.ledger.records import Recorded
from core.monitoring.events import (
    ActionCompleted,
    ActionReturned,
    ActionVerified,
    Answer,
    IndicatorDefined,
    IndicatorRevised,
    ObservationRecorded,
    RecommendationAnswered,
    RecommendationIssued,
)
from core.vocabulary import Instant
from projections.audit_findings import keys
from projections.audit_findings.past import Audit, call_of, found, row_at
from projections.audit_findings.rows import ClockRow, DueRow, IndicatorRow, RecommendationRow, Row

TOLERANCE = timedelta(days=90)
"""How much later than told an observation may be recorded: a quarter, as reports are due."""
_SEOUL = timezone(timedelta(hours=9))


def defined_once(record: Recorded, event: IndicatorDefined, rows: Audit) -> None:
    """Rule 24, and keep when an indicator was defined: by both clocks."""
    known = row_at(rows, keys.indicator(event.project_id, event.indicator_id), IndicatorRow)
    if known is not None:
        _moved(record, event, rows, known)
        return
    row = IndicatorRow(record.position, record.meta.occurred_at, record.recorded_at)
    rows.put(keys.indicator(event.project_id, event.indicator_id), row)


def unmoved(record: Recorded, event: IndicatorRevised, rows: Audit) -> None:
    """Rule 24: a baseline or a target moves once there are numbers to compare with it."""
    known = row_at(rows, keys.indicator(event.project_id, event.indicator_id), IndicatorRow)
    if known is not None:
        _moved(record, event, rows, known)


def _moved(
    record: Recorded, event: IndicatorDefined | IndicatorRevised, rows: Audit, known: IndicatorRow
) -> None:
    if known.observed is None:
        return
    found(
        rows,
        "target-moved",
        call_of(event.project_id),
        f"{event.project_id}:{event.indicator_id}@{record.position}",
        (known.observed, record.position),
        project=event.project_id,
        indicator=event.indicator_id,
    )


def in_its_time(record: Recorded, event: ObservationRecorded, rows: Audit) -> None:
    """Rule 25: an observation is dated further back than observations come in.

    Its delay is how much later it was recorded than it says it was made. A history that is
    taken over from files, or told anew, is recorded late as a whole: so a delay counts only
    beyond the one with which the indicator itself was defined.
    """
    key = keys.indicator(event.project_id, event.indicator_id)
    known = row_at(rows, key, IndicatorRow)
    delay = record.recorded_at - record.meta.occurred_at
    if known is not None:
        delay -= max(known.recorded_at - known.occurred_at, timedelta())
        if known.observed is None:
            rows.put(key, replace(known, observed=record.position))
    if delay > TOLERANCE:
        found(
            rows,
            "observation-backdated",
            call_of(event.project_id),
            f"{event.project_id}:{event.indicator_id}:{event.number}",
            (known.defined if known else None, record.position),
            project=event.project_id,
            indicator=event.indicator_id,
            number=event.number,
            days=delay.days,
            tolerance=TOLERANCE.days,
        )


def issue(record: Recorded, event: RecommendationIssued, rows: Audit) -> None:
    """Keep what is due when, for rule 26."""
    key = keys.recommendation(event.project_id, event.recommendation_id)
    rows.put(key, RecommendationRow(record.position, event.due_on))
    _watch(rows, key, event.due_on)


def returned(record: Recorded, event: ActionReturned, rows: Audit) -> None:
    """Keep that an action is still to be done, or to be shown."""
    del record
    key = keys.recommendation(event.project_id, event.recommendation_id)
    row = row_at(rows, key, RecommendationRow)
    if row is not None:
        rows.put(key, replace(row, settled=False))
        _watch(rows, key, row.due_on)


def _watch(rows: Audit, key: str, due_on: date) -> None:
    """Let the clock ring when a day is over."""
    day = keys.due(due_on)
    due = row_at(rows, day, DueRow) or DueRow(())
    rows.put(day, DueRow(tuple(sorted({*due.recommendations, key}))))
    clock, over = row_at(rows, keys.CLOCK, ClockRow), _over(due_on)
    if clock is None or over < clock.next_at:
        rows.put(keys.CLOCK, ClockRow(over))


def _over(day: date) -> Instant:
    """Return the moment at which a day in Seoul is over."""
    try:
        midnight = datetime.combine(day + timedelta(days=1), time(), _SEOUL)
        return midnight.astimezone(UTC)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def look_at_the_clock(record: Recorded, rows: Audit, clock: Row) -> None:
    """Rule 26: the log has gone past the day on which an action was due.

    A fold has no clock but the log's own: that nothing was done is on record with the first
    event that this view folds of those recorded after the day.
    """
    if not isinstance(clock, ClockRow) or record.recorded_at < clock.next_at:
        return
    rows.drop(keys.CLOCK)
    for day in rows.under(keys.DUE):
        over = _over(date.fromisoformat(day.removeprefix(keys.DUE)))
        if record.recorded_at < over:
            rows.put(keys.CLOCK, ClockRow(over))
            break
        due = row_at(rows, day, DueRow)
        for key in due.recommendations if due else ():
            row = row_at(rows, key, RecommendationRow)
            if row is not None and not row.settled:
                _overdue(record, rows, key, row)
        rows.drop(day)


def _overdue(record: Recorded, rows: Audit, key: str, row: RecommendationRow) -> None:
    name = key.removeprefix("recommendation:")
    found(
        rows,
        "action-overdue",
        call_of(name),
        name,
        (row.issued, record.position),
        recommendation=name,
        due=row.due_on,
    )


def answer(record: Recorded, event: RecommendationAnswered, rows: Audit) -> None:
    """Keep that nothing is to be done where a recommendation was rejected."""
    del record
    key = keys.recommendation(event.project_id, event.recommendation_id)
    row = row_at(rows, key, RecommendationRow)
    if row is not None and event.answer is Answer.REJECTED:
        rows.put(key, replace(row, settled=True))


def done_with_evidence(record: Recorded, event: ActionCompleted, rows: Audit) -> None:
    """Rule 26: an action is called done without evidence, or was done after its day."""
    key = keys.recommendation(event.project_id, event.recommendation_id)
    name = f"{event.project_id}:{event.recommendation_id}"
    row = row_at(rows, key, RecommendationRow)
    if not event.evidence:
        _closed(record, event, rows, row)
    if row is None:
        return
    if event.completed_on > row.due_on:
        _overdue(record, rows, key, row)
    else:  # what was done in time may be recorded later
        rows.drop(keys.finding(26, "action-overdue", name))
    rows.put(key, replace(row, settled=True))


def verified_after_done(record: Recorded, event: ActionVerified, rows: Audit) -> None:
    """Rule 26: an action is called checked that nobody called done."""
    row = row_at(
        rows, keys.recommendation(event.project_id, event.recommendation_id), RecommendationRow
    )
    if row is None or not row.settled:
        _closed(record, event, rows, row)


def _closed(
    record: Recorded,
    event: ActionCompleted | ActionVerified,
    rows: Audit,
    row: RecommendationRow | None,
) -> None:
    name = f"{event.project_id}:{event.recommendation_id}"
    found(
        rows,
        "closed-without-evidence",
        call_of(event.project_id),
        name,
        (row.issued if row else None, record.position),
        recommendation=name,
    )
