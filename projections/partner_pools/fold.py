"""Folds facts about cities, and what became of their applications, into pool rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from core.applications.events import ApplicationSubmitted, ApplicationWithdrawn
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
    Proposal,
    ReservePromoted,
    SelectionApproved,
    SelectionProposed,
    SelectionRevoked,
    stream,
)
from core.vocabulary import Instant, Text
from projections.view import Rows, View


@dataclass(frozen=True, slots=True)
class Need:
    """What a city needs: a DAC purpose code, and how that was learned."""

    sector: str
    channel: str
    statement: str


@dataclass(frozen=True, slots=True)
class Applied:
    """A city's application and what became of it: `outcome` of the last decided stage."""

    application_id: str
    call_id: str
    sector: str
    stage: str = ""
    outcome: str = "pending"


@dataclass(frozen=True, slots=True)
class Opportunity:
    """What a city was offered next."""

    kind: str
    detail: str
    offered_at: Instant


@dataclass(frozen=True, slots=True)
class CityRow:
    """A city as the pool shows it; `tier` is None outside the pool."""

    city_id: str
    name: Text
    country: str
    region: str
    unlocode: str
    illustrative: bool
    tier: str | None = None
    reasons: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    capacity: int | None = None
    applications: tuple[Applied, ...] = ()
    engagements: int = 0
    last_contact_at: Instant | None = None
    next_opportunity: Opportunity | None = None
    kind: Literal["city"] = "city"


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A stage's proposal, kept until it is approved."""

    stage: str
    proposals: tuple[Proposal, ...]
    approved: bool = False
    kind: Literal["proposal"] = "proposal"


Row = CityRow | ProposalRow
_CityFact = (
    ProfileRevised | NeedIdentified | CapacityAssessed | EngagementRecorded | PoolEntered
    | TierChanged | OpportunityOffered | CityReactivated | PoolLeft
)


def fold(record: Recorded, rows: Rows[Row]) -> None:
    """Fold one fact."""
    match event := record.event:
        case CityRegistered():
            rows.put(event.city_id, CityRow(
                event.city_id, event.name, event.country, event.region, event.unlocode,
                event.illustrative,
            ))
        case (ProfileRevised() | NeedIdentified() | CapacityAssessed() | EngagementRecorded()
              | PoolEntered() | TierChanged() | OpportunityOffered() | CityReactivated()
              | PoolLeft()):
            if isinstance(city := rows.get(event.city_id), CityRow):
                rows.put(event.city_id, _city(city, event, record.meta.occurred_at))
        case ApplicationSubmitted():
            _applied(rows, event.city_id, Applied(event.application_id, event.call_id,
                                                  event.project.sector),
                     record.meta.occurred_at)
        case ApplicationWithdrawn():
            _outcome(rows, event.application_id, "", "withdrawn")
        case SelectionProposed():
            rows.put(stream(event.call_id, event.stage), ProposalRow(event.stage, event.proposals))
        case SelectionApproved() | SelectionRevoked():
            _decided(rows, stream(event.call_id, event.stage),
                     approved=isinstance(event, SelectionApproved))
        case ReservePromoted():
            _outcome(rows, event.application_id, event.stage, "selected")
            _outcome(rows, event.in_place_of, event.stage, "replaced")
        case _:
            pass


def _city(city: CityRow, event: _CityFact, at: Instant) -> CityRow:
    match event:
        case ProfileRevised():
            return replace(city, name=event.name, region=event.region or city.region,
                           unlocode=event.unlocode or city.unlocode)
        case NeedIdentified():
            need = Need(event.sector, event.channel, event.statement)
            return replace(city, needs=(*city.needs, need))
        case CapacityAssessed():
            return replace(city, capacity=event.level)
        case EngagementRecorded():
            return replace(city, engagements=city.engagements + 1, last_contact_at=at)
        case PoolEntered():
            return replace(city, tier=event.tier, reasons=event.reasons)
        case TierChanged():
            return replace(city, tier=event.after)
        case OpportunityOffered():
            return replace(city, last_contact_at=at,
                           next_opportunity=Opportunity(event.kind, event.detail, at))
        case CityReactivated():
            return replace(city, tier=event.tier)
        case PoolLeft():
            return replace(city, tier=None, next_opportunity=None)


def _applied(rows: Rows[Row], city_id: str, applied: Applied, at: Instant) -> None:
    if isinstance(city := rows.get(city_id), CityRow):
        others = tuple(a for a in city.applications if a.application_id != applied.application_id)
        rows.put(city_id, replace(city, applications=(*others, applied), last_contact_at=at))


def _decided(rows: Rows[Row], key: str, *, approved: bool) -> None:
    found = rows.get(key)
    if isinstance(found, ProposalRow):
        for proposal in found.proposals:
            _outcome(rows, proposal.application_id, found.stage,
                     proposal.outcome if approved else "pending")
        rows.put(key, replace(found, approved=approved))


def _outcome(rows: Rows[Row], application_id: str, stage: str, outcome: str) -> None:
    city_id = application_id.partition(":")[2]
    if isinstance(city := rows.get(city_id), CityRow):
        rows.put(city_id, replace(city, applications=tuple(
            replace(a, outcome=outcome, stage=stage or a.stage)
            if a.application_id == application_id else a
            for a in city.applications
        )))


VIEW: View[Row] = View(
    "partner_pools", 1, Row, fold,
    {
        "kind": lambda row: row.kind,
        "country": lambda row: row.country if isinstance(row, CityRow) else None,
        "region": lambda row: row.region if isinstance(row, CityRow) else None,
        "tier": lambda row: row.tier if isinstance(row, CityRow) else None,
    },
)
