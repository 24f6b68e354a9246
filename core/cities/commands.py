"""What can be asked of a city's record."""

from __future__ import annotations

from dataclasses import dataclass

from core.cities.events import OpportunityKind
from core.indicators import Figure
from core.vocabulary import CallId, Channel, CityId, OfContact, Text, Tier


@dataclass(frozen=True, slots=True)
class RegisterCity:
    """Make a city known to the programme."""

    city_id: CityId
    name: Text
    country: str
    region: str = ""
    unlocode: str = ""
    illustrative: bool = False


@dataclass(frozen=True, slots=True)
class ReviseProfile:
    """Put a city's name, region or code right."""

    city_id: CityId
    name: Text
    reason: str
    region: str = ""
    unlocode: str = ""


@dataclass(frozen=True, slots=True)
class IdentifyNeed:
    """Record what a city needs, and through which channel that was learned."""

    city_id: CityId
    sector: str
    channel: Channel
    statement: str


@dataclass(frozen=True, slots=True)
class AssessCapacity:
    """Judge what a city can carry out itself, from 1 (low) to 4 (high)."""

    city_id: CityId
    level: int
    basis: str


@dataclass(frozen=True, slots=True)
class EnterPool:
    """Keep a city that was not selected."""

    city_id: CityId
    call_id: CallId
    tier: Tier
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangeTier:
    """Move a pooled city closer to a project, or away from one."""

    city_id: CityId
    tier: Tier
    reason: str


@dataclass(frozen=True, slots=True)
class OfferOpportunity:
    """Offer a pooled city its next opportunity."""

    city_id: CityId
    kind: OpportunityKind
    detail: str


@dataclass(frozen=True, slots=True)
class RecordEngagement:
    """Record a contact between the programme and a city."""

    city_id: CityId
    kind: str
    summary: OfContact
    contact_id: str = ""
    contact_name: OfContact = ""
    contact_email: OfContact = ""


@dataclass(frozen=True, slots=True)
class ReactivateCity:
    """Bring a city back into the pool."""

    city_id: CityId
    tier: Tier
    reason: str


@dataclass(frozen=True, slots=True)
class LeavePool:
    """Take a city out of the pool."""

    city_id: CityId
    reason: str


@dataclass(frozen=True, slots=True)
class RecordCityIndicator:
    """Put a figure about the city on record, from a source."""

    city_id: CityId
    figure: Figure


@dataclass(frozen=True, slots=True)
class CorrectCityIndicator:
    """Put a figure about the city right, for the same indicator and day."""

    city_id: CityId
    figure: Figure
    reason: str


CityCommand = (
    RegisterCity
    | ReviseProfile
    | IdentifyNeed
    | AssessCapacity
    | EnterPool
    | ChangeTier
    | OfferOpportunity
    | RecordEngagement
    | ReactivateCity
    | LeavePool
    | RecordCityIndicator
    | CorrectCityIndicator
)
