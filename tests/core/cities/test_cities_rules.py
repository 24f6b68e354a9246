"""Rules of cities: registered once; the pool has a way in, tiers, and a way out and back."""

from __future__ import annotations

import pytest

from core.cities.commands import (
    AssessCapacity,
    ChangeTier,
    CityCommand,
    EnterPool,
    IdentifyNeed,
    LeavePool,
    OfferOpportunity,
    ReactivateCity,
    RecordEngagement,
    RegisterCity,
    ReviseProfile,
)
from core.cities.events import (
    CapacityAssessed,
    CityReactivated,
    CityRegistered,
    EngagementRecorded,
    NeedIdentified,
    OpportunityKind,
    OpportunityOffered,
    PoolEntered,
    PoolLeft,
    ProfileRevised,
    Tier,
    TierChanged,
)
from core.vocabulary import CallId, Channel, CityId, Text
from tests.scenes import CALL, CITIES, COLOMBO, FINAL_APPROVED, LIMA, OPEN
from tests.stories import given

NAME = Text("Lima", "리마")
REGISTERED = CityRegistered(LIMA, NAME, "PE", "Latin America", "PELIM", illustrative=False)
REGISTER = RegisterCity(LIMA, NAME, "PE", "Latin America", "PELIM")
ENTER = EnterPool(LIMA, CALL, Tier.IMPROVING, ("below the line",))
POOLED = (*OPEN, PoolEntered(LIMA, CALL, Tier.IMPROVING, ("below the line",)))
GONE = (*POOLED, PoolLeft(LIMA, "asked to"))


def test_a_city_is_registered_once() -> None:
    given().when(REGISTER).then(REGISTERED)
    given(REGISTERED).when(REGISTER).refused("already-registered", field="city_id", value=LIMA)


@pytest.mark.parametrize(
    ("code", "field", "value", "command"),
    [
        ("malformed-id", "city_id", "lima:pe", RegisterCity(CityId("lima:pe"), NAME, "PE")),
        ("empty-text", "name.en", "", RegisterCity(LIMA, Text("", "리마"), "PE")),
        ("malformed-country", "country", "PER", RegisterCity(LIMA, NAME, "PER")),
    ],
)
def test_a_city_is_registered_with_an_id_a_name_and_a_country(
    code: str, field: str, value: str, command: RegisterCity
) -> None:
    given().when(command).refused(code, field=field, value=value)


COMMANDS: list[CityCommand] = [
    ReviseProfile(LIMA, NAME, "spelling"),
    IdentifyNeed(LIMA, "21010", Channel.EMBASSY, "Buses"),
    AssessCapacity(LIMA, 2, "interview"),
    ENTER,
    ChangeTier(LIMA, Tier.READY, "a better plan"),
    OfferOpportunity(LIMA, OpportunityKind.WEBINAR, "May"),
    RecordEngagement(LIMA, "call", "Greetings"),
    ReactivateCity(LIMA, Tier.READY, "asked to"),
    LeavePool(LIMA, "asked to"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: type(c).__name__)
def test_nothing_can_be_done_with_a_city_that_was_not_registered(command: CityCommand) -> None:
    given().when(command).refused("unknown-city", field="city_id", value=LIMA)


def test_a_profile_is_put_right_with_a_reason() -> None:
    given(*CITIES).when(ReviseProfile(LIMA, NAME, "spelling", "Andes", "PELIM")).then(
        ProfileRevised(LIMA, NAME, "Andes", "PELIM", "spelling")
    )
    given(*CITIES).when(ReviseProfile(LIMA, NAME, "")).refused("empty-text", field="reason")
    given(*CITIES).when(ReviseProfile(LIMA, Text(" "), "spelling")).refused(
        "empty-text", field="name.en"
    )


def test_a_need_has_a_sector_and_a_channel() -> None:
    given(*CITIES).when(IdentifyNeed(LIMA, "21010", Channel.EMBASSY, "Buses")).then(
        NeedIdentified(LIMA, "21010", Channel.EMBASSY, "Buses")
    )
    given(*CITIES).when(IdentifyNeed(LIMA, "2101", Channel.EMBASSY, "Buses")).refused(
        "malformed-sector", field="sector", value="2101"
    )
    given(*CITIES).when(IdentifyNeed(LIMA, "21010", Channel.EMBASSY, "")).refused(
        "empty-text", field="statement"
    )


@pytest.mark.parametrize("level", [1, 4])
def test_capacity_is_assessed_from_1_to_4(level: int) -> None:
    given(*CITIES).when(AssessCapacity(LIMA, level, "interview")).then(
        CapacityAssessed(LIMA, level, "interview")
    )


@pytest.mark.parametrize("level", [0, 5])
def test_capacity_off_the_scale_is_refused(level: int) -> None:
    given(*CITIES).when(AssessCapacity(LIMA, level, "interview")).refused(
        "capacity-off-scale", field="level", value=level, rule="1 (low) to 4 (high)"
    )


def test_an_assessment_says_what_it_is_based_on() -> None:
    given(*CITIES).when(AssessCapacity(LIMA, 2, " ")).refused("empty-text", field="basis")


def test_a_contact_is_recorded_by_its_kind_and_a_summary() -> None:
    given(*CITIES).when(RecordEngagement(LIMA, "call", "Greetings")).then(
        EngagementRecorded(LIMA, "call", "Greetings", "", "", "")
    )
    given(*CITIES).when(RecordEngagement(LIMA, "", "Greetings")).refused("empty-text", field="kind")
    given(*CITIES).when(RecordEngagement(LIMA, "call", "")).refused("empty-text", field="summary")


def test_a_city_that_was_not_selected_enters_the_pool_with_its_reasons() -> None:
    given(*OPEN).when(ENTER).then(PoolEntered(LIMA, CALL, Tier.IMPROVING, ("below the line",)))
    enter = EnterPool(COLOMBO, CALL, Tier.IN_TOUCH, ("stopped after the first stage",))
    given(*FINAL_APPROVED).when(enter).then(
        PoolEntered(COLOMBO, CALL, Tier.IN_TOUCH, ("stopped after the first stage",))
    )


def test_a_selected_city_does_not_enter_the_pool() -> None:
    given(*FINAL_APPROVED).when(ENTER).refused("city-selected", field="city_id", value=LIMA)


def test_a_city_enters_the_pool_from_a_call_that_is_known() -> None:
    unknown = CallId("ssp-1999")
    given(*OPEN).when(EnterPool(LIMA, unknown, Tier.READY, ("old",))).refused(
        "unknown-call", field="call_id", value=unknown
    )


def test_a_city_enters_the_pool_once_for_each_call() -> None:
    given(*POOLED).when(ENTER).refused("already-pooled", field="call_id", value=CALL)


def test_a_city_does_not_enter_the_pool_without_a_reason() -> None:
    given(*OPEN).when(EnterPool(LIMA, CALL, Tier.READY, ())).refused("no-reasons", field="reasons")
    given(*OPEN).when(EnterPool(LIMA, CALL, Tier.READY, ("late", " "))).refused(
        "empty-text", field="reasons.1"
    )


def test_a_tier_changes_with_a_reason() -> None:
    given(*POOLED).when(ChangeTier(LIMA, Tier.READY, "a better plan")).then(
        TierChanged(LIMA, Tier.IMPROVING, Tier.READY, "a better plan")
    )
    given(*POOLED).when(ChangeTier(LIMA, Tier.READY, "")).refused("empty-text", field="reason")


def test_a_tier_that_stays_is_not_a_change() -> None:
    given(*POOLED).when(ChangeTier(LIMA, Tier.IMPROVING, "again")).refused(
        "nothing-changed", field="tier", value="improving"
    )
    changed = TierChanged(LIMA, Tier.IMPROVING, Tier.READY, "a better plan")
    given(*POOLED, changed).when(ChangeTier(LIMA, Tier.READY, "again")).refused("nothing-changed")


def test_a_pooled_city_is_offered_its_next_opportunity() -> None:
    given(*POOLED).when(OfferOpportunity(LIMA, OpportunityKind.STUDY_VISIT, "May")).then(
        OpportunityOffered(LIMA, OpportunityKind.STUDY_VISIT, "May")
    )
    given(*POOLED).when(OfferOpportunity(LIMA, OpportunityKind.STUDY_VISIT, "")).refused(
        "empty-text", field="detail"
    )


def test_a_city_leaves_the_pool_with_a_reason() -> None:
    given(*POOLED).when(LeavePool(LIMA, "asked to")).then(PoolLeft(LIMA, "asked to"))
    given(*POOLED).when(LeavePool(LIMA, "")).refused("empty-text", field="reason")


@pytest.mark.parametrize("facts", [OPEN, GONE], ids=["never in", "left"])
@pytest.mark.parametrize(
    "command",
    [
        ChangeTier(LIMA, Tier.READY, "a better plan"),
        OfferOpportunity(LIMA, OpportunityKind.SEMINAR, "May"),
        LeavePool(LIMA, "asked to"),
    ],
    ids=lambda c: type(c).__name__ if not isinstance(c, tuple) else "",
)
def test_a_city_outside_the_pool_has_no_tier_and_no_offers(
    facts: tuple[CityRegistered], command: CityCommand
) -> None:
    given(*facts).when(command).refused("not-in-pool", field="city_id", value=LIMA)


def test_only_a_city_that_left_comes_back() -> None:
    given(*GONE).when(ReactivateCity(LIMA, Tier.READY, "asked to")).then(
        CityReactivated(LIMA, Tier.READY, "asked to")
    )
    for facts in (OPEN, POOLED, (*GONE, CityReactivated(LIMA, Tier.READY, "asked to"))):
        given(*facts).when(ReactivateCity(LIMA, Tier.READY, "asked to")).refused(
            "not-left", field="city_id", value=LIMA
        )
    given(*GONE).when(ReactivateCity(LIMA, Tier.READY, "")).refused("empty-text", field="reason")
