"""Folds facts about cities, and what became of their applications, into pool rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import get_args

from core.applications.events import (
    ApplicationAmended,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    ClarificationAnswered,
    ClarificationRequested,
    ConsultationHeld,
)
from core.calls.events import CallCancelled
from core.cities.events import (
    CapacityAssessed,
    CityReactivated,
    CityRegistered,
    EngagementRecorded,
    NeedIdentified,
    OpportunityOffered,
    PoolEntered,
    PoolLeft,
    ProfileRevised,
    TierChanged,
)
from core.ledger.records import Recorded
from core.selection.events import (
    OutcomesNotified,
    ReservePromoted,
    SelectionApproved,
    SelectionProposed,
    SelectionRevoked,
    stream,
)
from core.vocabulary import Instant
from projections.partner_pools.rows import (
    Applied,
    AppliedRow,
    CityRow,
    Decision,
    Need,
    Opportunity,
    ProposalRow,
    Row,
)
from projections.view import Rows, View

_CityFact = (
    ProfileRevised
    | NeedIdentified
    | CapacityAssessed
    | EngagementRecorded
    | PoolEntered
    | TierChanged
    | OpportunityOffered
    | CityReactivated
    | PoolLeft
)
_Exchange = (
    ApplicationAmended
    | ApplicationWithdrawn
    | ClarificationRequested
    | ClarificationAnswered
    | ConsultationHeld
)


def fold(record: Recorded, rows: Rows[Row]) -> None:
    """Fold one fact."""
    at = record.meta.occurred_at
    match event := record.event:
        case CityRegistered():
            rows.put(event.city_id, _registered(event))
        case (
            ProfileRevised()
            | NeedIdentified()
            | CapacityAssessed()
            | EngagementRecorded()
            | PoolEntered()
            | TierChanged()
            | OpportunityOffered()
            | CityReactivated()
            | PoolLeft()
        ):
            if isinstance(city := rows.get(event.city_id), CityRow):
                rows.put(event.city_id, _city(city, event, at))
        case ApplicationSubmitted():
            _submitted(rows, event, at)
        case (
            ApplicationAmended()
            | ApplicationWithdrawn()
            | ClarificationRequested()
            | ClarificationAnswered()
            | ConsultationHeld()
        ):
            _exchanged(rows, event, at)
        case CallCancelled():
            for key in rows.under(f"applied:{event.call_id}:"):
                _changed(rows, key.removeprefix("applied:"), _cancelled)
        case (
            SelectionProposed()
            | SelectionApproved()
            | SelectionRevoked()
            | OutcomesNotified()
            | ReservePromoted()
        ):
            _selection(rows, event, at)
        case _:
            pass


def _registered(event: CityRegistered) -> CityRow:
    return CityRow(
        event.city_id,
        event.name,
        event.country,
        event.region,
        event.unlocode,
        event.illustrative,
    )


def _city(  # noqa: PLR0911  # one match over all facts is a table
    city: CityRow, event: _CityFact, at: Instant
) -> CityRow:
    match event:
        case ProfileRevised():
            return replace(
                city,
                name=event.name,
                region=event.region or city.region,
                unlocode=event.unlocode or city.unlocode,
            )
        case NeedIdentified():
            need = Need(event.sector, event.channel, event.statement)
            return replace(city, needs=(*city.needs, need))
        case CapacityAssessed():
            return replace(city, capacity=event.level)
        case EngagementRecorded():
            return _in_contact(replace(city, engagements=city.engagements + 1), at)
        case PoolEntered():
            return replace(city, tier=event.tier, reasons=event.reasons)
        case TierChanged():
            return replace(city, tier=event.after)
        case OpportunityOffered():
            offered = Opportunity(event.kind, event.detail, at)
            return _in_contact(replace(city, next_opportunity=offered), at)
        case CityReactivated():
            return replace(city, tier=event.tier)
        case PoolLeft():
            return replace(city, tier=None, next_opportunity=None)


def _in_contact(city: CityRow, at: Instant) -> CityRow:
    """Note a contact; one that is put on record late does not hide a later one."""
    last = city.last_contact_at
    return city if last is not None and last >= at else replace(city, last_contact_at=at)


def _submitted(rows: Rows[Row], event: ApplicationSubmitted, at: Instant) -> None:
    if isinstance(city := rows.get(event.city_id), CityRow):
        applied = Applied(event.application_id, event.call_id, event.project.sector)
        others = tuple(a for a in city.applications if a.application_id != event.application_id)
        rows.put(event.city_id, _in_contact(replace(city, applications=(*others, applied)), at))
        rows.put(f"applied:{event.application_id}", AppliedRow(event.city_id))


def _exchanged(rows: Rows[Row], event: _Exchange, at: Instant) -> None:
    """Fold what went back and forth about an application: each time, a contact."""
    match event:
        case ApplicationAmended(project=project):
            _changed(rows, event.application_id, lambda a: replace(a, sector=project.sector), at)
        case ApplicationWithdrawn():
            _changed(rows, event.application_id, lambda a: _ended(a, "withdrawn"), at)
        case _:
            _changed(rows, event.application_id, _as_it_is, at)


def _selection(
    rows: Rows[Row],
    event: SelectionProposed
    | SelectionApproved
    | SelectionRevoked
    | OutcomesNotified
    | ReservePromoted,
    at: Instant,
) -> None:
    key = stream(event.call_id, event.stage)
    found = rows.get(key)
    proposal = found if isinstance(found, ProposalRow) else ProposalRow(event.stage, ())
    match event:
        case SelectionProposed():
            rows.put(key, ProposalRow(event.stage, event.proposals))
        case SelectionApproved():
            rows.put(key, replace(proposal, approved=True))
            for item in proposal.proposals:
                _decided(rows, item.application_id, event.stage, item.outcome)
        case SelectionRevoked():
            rows.put(key, replace(proposal, approved=False))
            for item in proposal.proposals:
                _decided(rows, item.application_id, event.stage, "pending")
        case OutcomesNotified():
            for item in proposal.proposals:
                _changed(rows, item.application_id, _as_it_is, at)
        case ReservePromoted():
            _decided(rows, event.application_id, event.stage, "selected")
            _decided(rows, event.in_place_of, event.stage, "replaced")


def _decided(rows: Rows[Row], application_id: str, stage: str, outcome: str) -> None:
    def change(applied: Applied) -> Applied:
        decision = Decision(stage, outcome)
        if any(d.stage == stage for d in applied.decisions):
            decisions = tuple(decision if d.stage == stage else d for d in applied.decisions)
        else:
            decisions = (*applied.decisions, decision)
        return _with_outcome(replace(applied, decisions=decisions))

    _changed(rows, application_id, change)


def _ended(applied: Applied, how: str) -> Applied:
    return _with_outcome(replace(applied, ended=applied.ended or how))


def _cancelled(applied: Applied) -> Applied:
    return _ended(applied, "cancelled")


def _as_it_is(applied: Applied) -> Applied:
    return applied


def _with_outcome(applied: Applied) -> Applied:
    standing = [d for d in applied.decisions if d.outcome != "pending"]
    last = standing[-1] if standing else Decision("", "pending")
    return replace(applied, stage=last.stage, outcome=applied.ended or last.outcome)


def _changed(
    rows: Rows[Row],
    application_id: str,
    change: Callable[[Applied], Applied],
    contact_at: Instant | None = None,
) -> None:
    city_id = application_id.partition(":")[2]
    if not isinstance(city := rows.get(city_id), CityRow):
        return
    changed = tuple(
        change(a) if a.application_id == application_id else a for a in city.applications
    )
    city = replace(city, applications=changed)
    rows.put(city_id, city if contact_at is None else _in_contact(city, contact_at))


VIEW: View[Row] = View(
    "partner_pools",
    2,
    Row,
    fold,
    {
        "kind": lambda row: row.kind,
        "country": lambda row: row.country if isinstance(row, CityRow) else None,
        "region": lambda row: row.region if isinstance(row, CityRow) else None,
        "tier": lambda row: row.tier if isinstance(row, CityRow) else None,
    },
    frozenset(
        {
            CityRegistered,
            ApplicationSubmitted,
            CallCancelled,
            SelectionProposed,
            SelectionApproved,
            SelectionRevoked,
            OutcomesNotified,
            ReservePromoted,
            *get_args(_CityFact),
            *get_args(_Exchange),
        }
    ),
)
