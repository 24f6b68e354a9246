"""A city is registered once; the pool has a way in, tiers, and a way out and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from core.cities.commands import (
    AssessCapacity,
    ChangeTier,
    CityCommand,
    CorrectCityIndicator,
    EnterPool,
    IdentifyNeed,
    LeavePool,
    OfferOpportunity,
    ReactivateCity,
    RecordCityIndicator,
    RecordEngagement,
    RegisterCity,
    ReviseProfile,
)
from core.cities.events import (
    CapacityAssessed,
    CityEvent,
    CityReactivated,
    CityRegistered,
    EngagementRecorded,
    IndicatorCorrected,
    IndicatorRecorded,
    NeedIdentified,
    OpportunityOffered,
    PoolEntered,
    PoolLeft,
    ProfileRevised,
    TierChanged,
)
from core.decider import Act, Decider
from core.errors import refuse, require
from core.groups import CityFacts
from core.indicators import Figure, corrected, recorded, with_figure
from core.vocabulary import (
    CallId,
    Tier,
    contact,
    country,
    filled,
    purpose_code,
    seoul_day,
    slug,
)

LEVELS = range(1, 5)


@dataclass(frozen=True, slots=True)
class City:
    """What a city's facts amount to; `tier` is None outside the pool."""

    registered: bool = False
    country: str = ""
    region: str = ""
    tier: Tier | None = None
    capacity: int | None = None
    pooled_from: tuple[CallId, ...] = ()
    left: bool = False
    figures: tuple[Figure, ...] = ()

    @property
    def facts(self) -> CityFacts:
        """What the rule of a group of cities looks at."""
        return CityFacts(self.country, self.region, self.tier, self.capacity)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a city's rules read elsewhere: whether it was selected in the call at hand."""

    call_known: bool = True
    selected: bool = False


def decide(command: CityCommand, act: Act, state: City, facts: Facts) -> Sequence[CityEvent]:
    """Register a city, learn about it, and lead it through the pool."""
    if isinstance(command, RegisterCity):
        return [_register(command, state)]
    require(
        state.registered,
        "unknown-city",
        "the city has not been registered",
        field="city_id",
        value=command.city_id,
    )
    match command:
        case ReviseProfile(
            city_id=city_id, name=name, reason=reason, region=region, unlocode=unlocode
        ):
            filled(name.en, "name.en")
            return [ProfileRevised(city_id, name, region, unlocode, filled(reason, "reason"))]
        case IdentifyNeed(city_id=city_id, sector=sector, channel=channel, statement=statement):
            return [
                NeedIdentified(
                    city_id, purpose_code(sector, "sector"), channel, filled(statement, "statement")
                )
            ]
        case AssessCapacity(city_id=city_id, level=level, basis=basis):
            require(
                level in LEVELS,
                "capacity-off-scale",
                "capacity is 1 (low) to 4 (high)",
                field="level",
                value=level,
            )
            return [CapacityAssessed(city_id, level, filled(basis, "basis"))]
        case RecordEngagement():
            return [_engaged(command)]
        case EnterPool():
            return [_enter(command, state, facts)]
        case ReactivateCity(city_id=city_id, tier=tier, reason=reason):
            require(
                state.left,
                "not-left",
                "only a city that left the pool can come back",
                field="city_id",
                value=city_id,
            )
            return [CityReactivated(city_id, tier, filled(reason, "reason"))]
        case ChangeTier() | OfferOpportunity() | LeavePool():
            return [_in_pool(command, state)]
        case RecordCityIndicator(city_id=city_id, figure=figure):
            found = recorded(figure, state.figures, seoul_day(act.at))
            return [IndicatorRecorded(city_id, found)]
        case CorrectCityIndicator(city_id=city_id, figure=figure, reason=reason):
            before, after = corrected(figure, state.figures, seoul_day(act.at))
            return [IndicatorCorrected(city_id, before, after, filled(reason, "reason"))]
        case _:
            assert_never(command)


def _register(command: RegisterCity, state: City) -> CityRegistered:
    require(
        not state.registered,
        "already-registered",
        "a city is registered once",
        field="city_id",
        value=command.city_id,
    )
    slug(command.city_id, "city_id")
    filled(command.name.en, "name.en")
    return CityRegistered(
        command.city_id,
        command.name,
        country(command.country, "country"),
        command.region,
        command.unlocode,
        command.illustrative,
    )


def _engaged(command: RecordEngagement) -> EngagementRecorded:
    contact(command.contact_id, command.contact_name, command.contact_email)
    return EngagementRecorded(
        command.city_id,
        filled(command.kind, "kind"),
        filled(command.summary, "summary"),
        command.contact_id,
        command.contact_name,
        command.contact_email,
    )


def _enter(command: EnterPool, state: City, facts: Facts) -> PoolEntered:
    require(
        facts.call_known,
        "unknown-call",
        "the call has not been announced",
        field="call_id",
        value=command.call_id,
    )
    require(
        not facts.selected,
        "city-selected",
        "a selected city has a project, not a place in the pool",
        field="city_id",
        value=command.city_id,
    )
    require(
        command.call_id not in state.pooled_from,
        "already-pooled",
        "a city enters the pool once for each call",
        field="call_id",
        value=command.call_id,
    )
    require(
        command.reasons,
        "no-reasons",
        "a city enters the pool with the reasons it was given",
        field="reasons",
    )
    for i, reason in enumerate(command.reasons):
        filled(reason, f"reasons.{i}")
    return PoolEntered(command.city_id, command.call_id, command.tier, command.reasons)


def _in_pool(command: ChangeTier | OfferOpportunity | LeavePool, state: City) -> CityEvent:
    if state.tier is None:
        refuse("not-in-pool", "the city is not in the pool", field="city_id", value=command.city_id)
    match command:
        case ChangeTier(city_id=city_id, tier=tier, reason=reason):
            require(
                tier is not state.tier,
                "nothing-changed",
                "the city is in this tier already",
                field="tier",
                value=tier,
            )
            return TierChanged(city_id, state.tier, tier, filled(reason, "reason"))
        case OfferOpportunity(city_id=city_id, kind=kind, detail=detail):
            return OpportunityOffered(city_id, kind, filled(detail, "detail"))
        case LeavePool(city_id=city_id, reason=reason):
            return PoolLeft(city_id, filled(reason, "reason"))
        case _:
            assert_never(command)


def evolve(state: City, event: CityEvent) -> City:
    """Fold one fact."""
    match event:
        case CityRegistered():
            return replace(state, registered=True, country=event.country, region=event.region)
        case ProfileRevised(region=region):
            return replace(state, region=region)
        case CapacityAssessed(level=level):
            return replace(state, capacity=level)
        case PoolEntered(call_id=call_id, tier=tier):
            return replace(state, tier=tier, left=False, pooled_from=(*state.pooled_from, call_id))
        case TierChanged(after=after):
            return replace(state, tier=after)
        case CityReactivated(tier=tier):
            return replace(state, tier=tier, left=False)
        case PoolLeft():
            return replace(state, tier=None, left=True)
        case IndicatorRecorded(figure=figure) | IndicatorCorrected(after=figure):
            return replace(state, figures=with_figure(state.figures, figure))
        case NeedIdentified() | OpportunityOffered() | EngagementRecorded():
            return state
        case _:
            assert_never(event)


DECIDER: Decider[CityCommand, City, CityEvent, Facts] = Decider(City(), decide, evolve)
