"""The pool shows each city: what it needs, what became of it, and what it waits for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.applications.events import (
    ApplicationAmended,
    ApplicationWithdrawn,
    ClarificationRequested,
)
from core.calls.events import CallCancelled
from core.cities.events import (
    CapacityAssessed,
    CityReactivated,
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
from core.selection.events import OutcomesNotified, ReservePromoted, SelectionRevoked
from core.vocabulary import ActorId, Channel, Text
from projections.partner_pools.fold import VIEW
from projections.partner_pools.rows import Applied, CityRow, Decision, Need, Opportunity
from tests import scenes
from tests.projections.told import Story, given, on
from tests.scenes import CALL, COLOMBO, DOCUMENT, FINAL, LIMA, PHNOM_PENH, app
from tests.stories import MANAGER, NOON

REGISTERED = scenes.registered(LIMA, "PE")
POOLED = (REGISTERED, PoolEntered(LIMA, CALL, Tier.IMPROVING, ("budget unclear",)))
LATER = NOON + timedelta(days=3)


def applied(story: Story, city: str = LIMA) -> Applied:
    (only,) = story.row(VIEW, city, CityRow).applications
    return only


def test_a_registered_city_is_known_but_not_in_the_pool() -> None:
    given(REGISTERED).shows(VIEW, LIMA, tier=None, country="PE", last_contact_at=None)


def test_a_city_that_enters_the_pool_has_a_tier_and_the_reasons_it_was_given() -> None:
    given(*POOLED).shows(VIEW, LIMA, tier=Tier.IMPROVING, reasons=("budget unclear",))


def test_a_tier_follows_its_changes_until_the_city_leaves_and_comes_back() -> None:
    changed = (*POOLED, TierChanged(LIMA, Tier.IMPROVING, Tier.READY, "r"))
    given(*changed).shows(VIEW, LIMA, tier=Tier.READY)
    left = (*changed, PoolLeft(LIMA, "r"))
    given(*left).shows(VIEW, LIMA, tier=None, next_opportunity=None)
    given(*left, CityReactivated(LIMA, Tier.IN_TOUCH, "r")).shows(VIEW, LIMA, tier=Tier.IN_TOUCH)


def test_needs_capacity_and_profile_are_what_was_last_learned() -> None:
    given(
        REGISTERED,
        NeedIdentified(LIMA, "21010", Channel.EMBASSY, "buses"),
        CapacityAssessed(LIMA, 2, "visit"),
        CapacityAssessed(LIMA, 3, "visit"),
        ProfileRevised(LIMA, Text("Lima", "리마"), "", "", "r"),
    ).shows(
        VIEW,
        LIMA,
        needs=(Need("21010", "embassy", "buses"),),
        capacity=3,
        name=Text("Lima", "리마"),
        unlocode=LIMA,
    )


def test_an_offer_is_the_next_opportunity_and_a_contact() -> None:
    offer = OpportunityOffered(LIMA, OpportunityKind.SEMINAR, "in May")
    given(*POOLED, on(LATER, offer)).shows(
        VIEW,
        LIMA,
        next_opportunity=Opportunity("seminar", "in May", LATER),
        last_contact_at=LATER,
    )


def test_a_contact_recorded_late_counts_but_does_not_hide_a_later_one() -> None:
    given(
        REGISTERED,
        on(LATER, EngagementRecorded(LIMA, "call", "s", "", "", "")),
        on(NOON, EngagementRecorded(LIMA, "visit", "s", "", "", "")),
    ).shows(VIEW, LIMA, engagements=2, last_contact_at=LATER)


def test_whatever_passes_about_an_application_is_a_contact_with_its_city() -> None:
    asked = ClarificationRequested(app(LIMA), 1, "why?")
    given(*scenes.RECEIVED, on(LATER, asked)).shows(VIEW, LIMA, last_contact_at=LATER)
    told = on(LATER, OutcomesNotified(CALL, DOCUMENT, None))
    given(*scenes.ADVANCED, told).shows(VIEW, COLOMBO, last_contact_at=LATER)


def test_an_amended_application_is_shown_with_its_new_sector() -> None:
    amended = ApplicationAmended(app(LIMA), replace(scenes.project(), sector="14010"))
    assert applied(given(*scenes.RECEIVED, amended)).sector == "14010"


def test_an_outcome_is_that_of_the_last_decided_stage() -> None:
    assert applied(given(*scenes.RANKED)).outcome == "pending"
    advanced = applied(given(*scenes.ADVANCED))
    assert (advanced.stage, advanced.outcome) == (DOCUMENT, "selected")
    lima = applied(given(*scenes.FINAL_APPROVED))
    assert (lima.stage, lima.outcome) == (FINAL, "selected")
    assert lima.decisions == (Decision(DOCUMENT, "selected"), Decision(FINAL, "selected"))
    assert applied(given(*scenes.FINAL_APPROVED), COLOMBO).stage == DOCUMENT


def test_a_revoked_decision_leaves_the_one_before() -> None:
    revoked = SelectionRevoked(CALL, FINAL, ActorId(MANAGER), "r")
    lima = applied(given(*scenes.FINAL_APPROVED, revoked))
    assert (lima.stage, lima.outcome) == (DOCUMENT, "selected")


def test_a_promoted_reserve_is_selected_in_place_of_another() -> None:
    story = given(
        *scenes.FINAL_APPROVED, ReservePromoted(CALL, FINAL, app(PHNOM_PENH), app(LIMA), "r")
    )
    assert applied(story, PHNOM_PENH).outcome == "selected"
    assert applied(story).outcome == "replaced"


def test_a_withdrawn_application_stays_withdrawn_whatever_is_decided() -> None:
    withdrawn = (*scenes.FINAL_APPROVED, ApplicationWithdrawn(app(LIMA), "r"))
    revoked = SelectionRevoked(CALL, FINAL, ActorId(MANAGER), "r")
    for story in (given(*withdrawn), given(*withdrawn, revoked)):
        assert applied(story).outcome == "withdrawn"


def test_a_cancelled_call_ends_its_applications() -> None:
    cancelled = given(*scenes.RECEIVED, CallCancelled(CALL, "r"))
    assert [applied(cancelled, city).outcome for city in scenes.APPLICANTS] == ["cancelled"] * 3


def test_a_city_that_submits_anew_begins_anew() -> None:
    again = (ApplicationWithdrawn(app(LIMA), "r"), scenes.submitted(LIMA))
    assert applied(given(*scenes.RECEIVED, *again)).outcome == "pending"
