"""What the pool keeps: cities, what became of their applications, and stages' proposals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.selection.events import Proposal
from core.vocabulary import Instant, Text


@dataclass(frozen=True, slots=True)
class Need:
    """What a city needs: a DAC purpose code, and how that was learned."""

    sector: str
    channel: str
    statement: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What an approved selection made of an application; "pending" where it was revoked."""

    stage: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Applied:
    """A city's application and what became of it.

    `outcome` and `stage` are those of the last decision that stands, "pending" before
    any; `ended` is "withdrawn" or "cancelled" where the application or its call was, and
    is the outcome then. `decisions` are in the order in which stages were first decided.
    """

    application_id: str
    call_id: str
    sector: str
    stage: str = ""
    outcome: str = "pending"
    decisions: tuple[Decision, ...] = ()
    ended: str = ""


@dataclass(frozen=True, slots=True)
class Opportunity:
    """What a city was offered next."""

    kind: str
    detail: str
    offered_at: Instant


@dataclass(frozen=True, slots=True)
class CityRow:
    """A city as the pool shows it; `tier` is None outside the pool.

    `reasons` are those it was given when it last entered. A contact is whatever passed
    between the programme and the city, about an application or otherwise.
    """

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
    """A stage's proposal, to be approved and notified."""

    stage: str
    proposals: tuple[Proposal, ...]
    approved: bool = False
    kind: Literal["proposal"] = "proposal"


@dataclass(frozen=True, slots=True)
class AppliedRow:
    """A city has an application to a call; its key names both, the call first."""

    city_id: str
    kind: Literal["applied"] = "applied"


Row = CityRow | ProposalRow | AppliedRow
