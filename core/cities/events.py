"""Facts about partner cities: who they are, what they need, how they wait in the pool."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from core.indicators import Figure
from core.vocabulary import CallId, Channel, CityId, OfContact, Text, Tier

__all__ = ["Tier"]
"""A word of the vocabulary, since rubrics have groups by it; who knows the pool finds it here."""


def stream(city_id: str) -> str:
    """Name the stream of a city."""
    return f"city-{city_id}"


class OpportunityKind(StrEnum):
    """What a city that was not selected can be offered next."""

    SEMINAR = "seminar"
    WEBINAR = "webinar"
    STUDY_VISIT = "study-visit"
    CHALLENGE_SEAT = "challenge-seat"
    NEXT_CALL = "next-call"


@dataclass(frozen=True, slots=True)
class CityRegistered:
    """A city became known to the programme.

    `country` is ISO 3166-1 alpha-2; `unlocode` is its UN/LOCODE where it has one;
    `illustrative` marks a city that stands in for one whose name was not published.
    """

    WIRE: ClassVar = "cities.registered.2"
    city_id: CityId
    name: Text
    country: str
    region: str
    unlocode: str
    illustrative: bool


@dataclass(frozen=True, slots=True)
class ProfileRevised:
    """A city's name, region or code was put right."""

    WIRE: ClassVar = "cities.profile-revised.1"
    city_id: CityId
    name: Text
    region: str
    unlocode: str
    reason: str


@dataclass(frozen=True, slots=True)
class NeedIdentified:
    """A city said, or was found, to need something; `sector` is a DAC purpose code."""

    WIRE: ClassVar = "cities.need-identified.1"
    city_id: CityId
    sector: str
    channel: Channel
    statement: str


@dataclass(frozen=True, slots=True)
class CapacityAssessed:
    """Someone judged what a city can carry out itself; `level` is 1 (low) to 4 (high)."""

    WIRE: ClassVar = "cities.capacity-assessed.1"
    city_id: CityId
    level: int
    basis: str


@dataclass(frozen=True, slots=True)
class PoolEntered:
    """A city that was not selected is kept, with the reasons that it was given."""

    WIRE: ClassVar = "cities.pool-entered.1"
    city_id: CityId
    call_id: CallId
    tier: Tier
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TierChanged:
    """A pooled city came closer to a project, or moved away from one."""

    WIRE: ClassVar = "cities.tier-changed.1"
    city_id: CityId
    before: Tier
    after: Tier
    reason: str


@dataclass(frozen=True, slots=True)
class OpportunityOffered:
    """A pooled city was offered its next opportunity."""

    WIRE: ClassVar = "cities.opportunity-offered.1"
    city_id: CityId
    kind: OpportunityKind
    detail: str


@dataclass(frozen=True, slots=True)
class EngagementRecorded:
    """The programme and a city were in contact.

    `contact_id` is the pseudonym of whom the city spoke by, empty where nobody is named.
    """

    WIRE: ClassVar = "cities.engagement-recorded.2"
    city_id: CityId
    kind: str
    summary: OfContact
    contact_id: str
    contact_name: OfContact
    contact_email: OfContact


@dataclass(frozen=True, slots=True)
class CityReactivated:
    """A city that had left the pool came back."""

    WIRE: ClassVar = "cities.reactivated.1"
    city_id: CityId
    tier: Tier
    reason: str


@dataclass(frozen=True, slots=True)
class PoolLeft:
    """A city left the pool."""

    WIRE: ClassVar = "cities.pool-left.1"
    city_id: CityId
    reason: str


@dataclass(frozen=True, slots=True)
class IndicatorRecorded:
    """A figure about the city was put on record, from a source."""

    WIRE: ClassVar = "cities.indicator-recorded.1"
    city_id: CityId
    figure: Figure


@dataclass(frozen=True, slots=True)
class IndicatorCorrected:
    """A figure about the city was put right; both figures and the reason stay on record."""

    WIRE: ClassVar = "cities.indicator-corrected.1"
    city_id: CityId
    before: Figure
    after: Figure
    reason: str


CityEvent = (
    CityRegistered
    | ProfileRevised
    | NeedIdentified
    | CapacityAssessed
    | PoolEntered
    | TierChanged
    | OpportunityOffered
    | EngagementRecorded
    | CityReactivated
    | PoolLeft
    | IndicatorRecorded
    | IndicatorCorrected
)
