"""Folds every fact about a call, a city, an application or a person into one row, once.

Whom a fact is about is told by its fields, which all slices name alike. Nothing is asked
for again: the fold keeps no state, so a long log costs no more an event than a short one.
"""

from __future__ import annotations

from typing import NamedTuple

from core.ledger.codec import Event
from core.ledger.records import Recorded
from core.personal import Personal, blank
from core.selection.events import (
    PanelConvened,
    QuorumConfirmed,
    RankingComputed,
    ReservePromoted,
    SelectionEvent,
    SelectionProposed,
)
from core.subjects.events import SubjectKeyDestroyed
from projections.timeline.rows import Row, Said, TimelineRow
from projections.view import Rows, View


class _About(NamedTuple):
    """Whom a fact is about."""

    call_id: str
    city_id: str
    application_id: str
    evaluator_id: str


def fold(record: Recorded, rows: Rows[Row]) -> None:
    """Fold one fact."""
    event, meta = record.event, record.meta
    about = _about(event)
    if not any(about):
        return
    row = TimelineRow(
        position=record.position,
        event_id=meta.id,
        type=event.WIRE,
        stream=meta.subject,
        version=meta.version,
        call_id=about.call_id,
        stage=getattr(event, "stage", ""),
        city_id=about.city_id,
        application_id=about.application_id,
        evaluator_id=about.evaluator_id,
        applications=_applications(event),
        evaluators=event.evaluators if isinstance(event, PanelConvened) else (),
        occurred_at=meta.occurred_at,
        recorded_at=record.recorded_at,
        actor=meta.actor,
        role=meta.role,
        on_behalf_of=meta.on_behalf_of,
        reasons=_reasons(record),
        command=meta.command.name,
        command_id=meta.command.id,
        correlation_id=meta.correlation_id,
        causation_id=meta.causation_id,
    )
    rows.add(f"{record.position:016}", row)


def _about(event: Event) -> _About:
    if isinstance(event, SubjectKeyDestroyed):
        return _About("", "", "", event.subject)
    if isinstance(event, SelectionEvent):  # about a stage, even where it names an application
        return _About(event.call_id, "", "", "")
    application: str = getattr(event, "application_id", "") or getattr(event, "project_id", "")
    call, _, city = application.partition(":")
    return _About(
        getattr(event, "call_id", "") or call,
        getattr(event, "city_id", "") or city,
        application,
        getattr(event, "evaluator_id", ""),
    )


def _applications(event: Event) -> tuple[Said, ...]:
    match event:
        case QuorumConfirmed(applications=applications):
            return tuple(Said(item.application_id, "counted") for item in applications)
        case RankingComputed(lines=lines):
            return tuple(
                Said(line.scored.application, line.scored.standing, line.rank) for line in lines
            )
        case SelectionProposed(proposals=proposals):
            return tuple(Said(p.application_id, p.outcome, p.rank, p.override) for p in proposals)
        case ReservePromoted(application_id=comes, in_place_of=goes):
            return (Said(comes, "promoted"), Said(goes, "replaced"))
        case _:
            return ()


def _reasons(record: Recorded) -> tuple[Personal, ...]:
    """Return why: as the command said, and as the fact alone does where it is told of several."""
    own: tuple[str, ...] = getattr(record.event, "reasons", ())
    return (record.meta.reason, *own) if not blank(record.meta.reason) else own


VIEW: View[Row] = View(
    "timeline",
    1,
    Row,
    fold,
    {
        "call_id": lambda row: row.call_id or None,
        "city_id": lambda row: row.city_id or None,
        "evaluator_id": lambda row: row.evaluator_id or None,
        "slice": lambda row: row.type.partition(".")[0],
    },
)
