"""Rules of outcomes: within slots and budget, in rank order or with a reason and authority."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.applications.events import ApplicationWithdrawn
from core.selection.commands import Choice, PromoteReserve, ProposeSelection
from core.selection.events import (
    Outcome,
    Override,
    Proposal,
    RankingComputed,
    ReservePromoted,
    SelectionProposed,
)
from core.selection.rules import DECIDER
from core.selection.state import selected
from core.vocabulary import ApplicationId, CityId
from tests.scenes import (
    ANNOUNCEMENT,
    CALL,
    COLOMBO,
    DOCUMENT,
    FINAL,
    FINAL_APPROVED,
    FINAL_RANKED,
    KIM,
    LEE,
    LIMA,
    LOCKED,
    PHNOM_PENH,
    RANKED,
    Facts,
    app,
    approved,
    ranked,
    reserve,
    scored,
    select,
    submitted,
    swapped,
)
from tests.stories import OFFICER, given

LIMAS, PHNOM_PENHS, COLOMBOS = app(LIMA), app(PHNOM_PENH), app(COLOMBO)
BECAUSE = Override("the only city of its region", "steering committee")


def propose(*choices: Choice, otherwise: Outcome = Outcome.POOL) -> ProposeSelection:
    return ProposeSelection(CALL, DOCUMENT, choices, otherwise)


def position(facts: Facts) -> int:
    return next(f.position for f in reversed(facts) if isinstance(f, RankingComputed))


def proposal(facts: Facts, *items: Proposal) -> SelectionProposed:
    return SelectionProposed(CALL, DOCUMENT, OFFICER, position(facts), items)


# Two cities share the second rank: Colombo's marks are Phnom Penh's.
TIED = ranked(
    swapped(
        swapped(LOCKED, scored(COLOMBO, KIM, 80, 80, 80), scored(COLOMBO, KIM, 90, 90, 90)),
        scored(COLOMBO, LEE, 80, 80, 70),
        scored(COLOMBO, LEE, 90, 80, None),
    )
)
# Colombo misses the floor of the total.
FLOORED = ranked(
    swapped(
        swapped(LOCKED, scored(COLOMBO, KIM, 80, 80, 80), scored(COLOMBO, KIM, 60, 60, 60)),
        scored(COLOMBO, LEE, 80, 80, 70),
        scored(COLOMBO, LEE, 60, 60, 60),
    )
)


def test_every_ranked_application_has_an_outcome_in_rank_order() -> None:
    given(*RANKED).when(propose(select(PHNOM_PENH), select(LIMA))).then(
        proposal(
            RANKED,
            Proposal(LIMAS, Outcome.SELECTED, 1),
            Proposal(PHNOM_PENHS, Outcome.SELECTED, 2),
            Proposal(COLOMBOS, Outcome.POOL, 3),
        )
    )


def test_nothing_is_proposed_before_the_stage_was_ranked_or_after_approval() -> None:
    given(*LOCKED).when(propose(select(LIMA))).refused("not-ranked", field="stage", value=DOCUMENT)
    done = approved(RANKED, select(LIMA))
    given(*done).when(propose(select(LIMA))).refused(
        "already-approved", field="stage", value=DOCUMENT
    )


def test_an_application_has_one_outcome() -> None:
    given(*RANKED).when(propose(select(LIMA), reserve(LIMA))).refused(
        "application-repeated", field="choices", value=LIMAS
    )


def test_an_application_outside_the_ranking_has_none() -> None:
    stranger = ApplicationId("ssp-2024:JPTYO")
    given(*RANKED).when(propose(select(LIMA), Choice(stranger, Outcome.SELECTED))).refused(
        "not-in-ranking", field="choices.1.application_id", value=stranger
    )


@pytest.mark.parametrize("override", [Override("", "committee"), Override("because", " ")])
def test_an_override_gives_its_reason_and_its_authority(override: Override) -> None:
    given(*RANKED).when(propose(Choice(COLOMBOS, Outcome.SELECTED, override))).refused(
        "override-unreasoned", field="choices.0.override"
    )


# Slots and budget


def test_a_selection_over_the_slots_is_refused() -> None:
    given(*RANKED).when(propose(select(LIMA), select(PHNOM_PENH), select(COLOMBO))).refused(
        "over-slots", field="choices", value=3, rule="lets 2 applications through"
    )
    given(*RANKED).when(propose(otherwise=Outcome.SELECTED)).refused("over-slots", value=3)


def test_a_selection_over_the_budget_is_refused() -> None:
    both = ProposeSelection(CALL, FINAL, (select(LIMA), select(PHNOM_PENH)))
    given(*FINAL_RANKED).when(both).refused(
        "over-budget", field="choices", value=400_000_000, rule="budget is KRW 350000000"
    )


def test_the_budget_is_spent_by_the_last_stage_and_not_by_those_before() -> None:
    answer = given(*RANKED).when(propose(select(LIMA), select(PHNOM_PENH)))
    assert answer.refusal is None


def test_a_call_with_a_budget_needs_the_amounts_asked_for() -> None:
    uncapped = swapped(FINAL_RANKED, ANNOUNCEMENT, replace(ANNOUNCEMENT, cap_krw=None))
    facts = swapped(uncapped, submitted(LIMA), submitted(LIMA, None))
    one = ProposeSelection(CALL, FINAL, (select(LIMA),))
    given(*facts).when(one).refused("amount-missing", field="choices", value=LIMAS)
    free = replace(ANNOUNCEMENT, cap_krw=None, budget_krw=None)
    unbudgeted = swapped(facts, replace(ANNOUNCEMENT, cap_krw=None), free)
    assert given(*unbudgeted).when(one).refusal is None


# The order of ranks


def test_a_selection_out_of_rank_order_without_a_reason_is_refused() -> None:
    given(*RANKED).when(propose(select(LIMA), select(COLOMBO))).refused(
        "out-of-rank-order",
        field="choices",
        value="ssp-2024:LKCMB (rank 3, selected)",
        rule="ssp-2024:KHPNH (rank 2, pool) is placed no lower",
    )
    given(*RANKED).when(propose(reserve(PHNOM_PENH))).refused(
        "out-of-rank-order", value="ssp-2024:KHPNH (rank 2, reserve)"
    )


def test_a_selection_out_of_rank_order_with_reason_and_authority_is_on_record() -> None:
    chosen = Choice(COLOMBOS, Outcome.SELECTED, BECAUSE)
    given(*RANKED).when(propose(select(LIMA), chosen)).then(
        proposal(
            RANKED,
            Proposal(LIMAS, Outcome.SELECTED, 1),
            Proposal(PHNOM_PENHS, Outcome.POOL, 2),
            Proposal(COLOMBOS, Outcome.SELECTED, 3, BECAUSE),
        )
    )


def test_passing_over_the_first_with_a_reason_leaves_the_rest_in_order() -> None:
    passed = Choice(LIMAS, Outcome.POOL, BECAUSE)
    assert given(*RANKED).when(propose(passed, select(PHNOM_PENH))).refusal is None
    given(*RANKED).when(propose(passed, select(COLOMBO))).refused("out-of-rank-order")


def test_an_override_excuses_the_application_that_carries_it_and_no_other() -> None:
    middle = Choice(PHNOM_PENHS, Outcome.SELECTED, BECAUSE)
    given(*RANKED).when(propose(middle, select(COLOMBO))).refused(
        "out-of-rank-order", value="ssp-2024:LKCMB (rank 3, selected)"
    )


def test_pool_and_rejection_stand_on_one_level() -> None:
    turned_down = Choice(PHNOM_PENHS, Outcome.REJECTED)
    assert given(*RANKED).when(propose(select(LIMA), turned_down)).refusal is None


def test_tied_ranks_are_not_split_without_a_reason() -> None:
    given(*TIED).when(propose(select(LIMA), select(PHNOM_PENH))).refused(
        "out-of-rank-order",
        field="choices",
        value="ssp-2024:LKCMB (rank 2, pool)",
        rule="ssp-2024:KHPNH (rank 2, selected)",
    )
    given(*TIED).when(propose(select(LIMA), select(COLOMBO))).refused(
        "out-of-rank-order", value="ssp-2024:LKCMB (rank 2, selected)"
    )


def test_tied_ranks_are_split_with_a_reason_and_authority() -> None:
    chosen = Choice(COLOMBOS, Outcome.SELECTED, BECAUSE)
    given(*TIED).when(propose(select(LIMA), chosen)).then(
        proposal(
            TIED,
            Proposal(LIMAS, Outcome.SELECTED, 1),
            Proposal(PHNOM_PENHS, Outcome.POOL, 2),
            Proposal(COLOMBOS, Outcome.SELECTED, 2, BECAUSE),
        )
    )


# Floors


@pytest.mark.parametrize("outcome", [Outcome.SELECTED, Outcome.RESERVE])
def test_an_application_below_a_floor_is_neither_selected_nor_in_reserve(outcome: Outcome) -> None:
    given(*FLOORED).when(propose(select(LIMA), Choice(COLOMBOS, outcome))).refused(
        "below-floor", field="choices", value=COLOMBOS
    )
    given(*FLOORED).when(propose(Choice(COLOMBOS, outcome, BECAUSE))).refused("below-floor")


def test_an_application_below_a_floor_is_not_in_reserve_by_default_either() -> None:
    given(*FLOORED).when(propose(select(LIMA), otherwise=Outcome.RESERVE)).refused(
        "below-floor", field="choices", value=COLOMBOS
    )


def test_an_application_below_a_floor_goes_to_the_pool_without_a_rank() -> None:
    given(*FLOORED).when(propose(select(LIMA), select(PHNOM_PENH))).then(
        proposal(
            FLOORED,
            Proposal(LIMAS, Outcome.SELECTED, 1),
            Proposal(PHNOM_PENHS, Outcome.SELECTED, 2),
            Proposal(COLOMBOS, Outcome.POOL, None),
        )
    )


# Promotions

TWO_RESERVES = approved(RANKED, select(LIMA), reserve(PHNOM_PENH), reserve(COLOMBO))
TIED_RESERVES = approved(TIED, select(LIMA), reserve(PHNOM_PENH), reserve(COLOMBO))


def promote(city: CityId, instead: CityId) -> PromoteReserve:
    return PromoteReserve(CALL, DOCUMENT, app(city), app(instead), "withdrew")


def promoted(city: CityId, instead: CityId) -> ReservePromoted:
    return ReservePromoted(CALL, DOCUMENT, app(city), app(instead), "withdrew")


def test_the_first_reserve_takes_the_place_of_a_selected_application() -> None:
    given(*TWO_RESERVES).when(promote(PHNOM_PENH, LIMA)).then(promoted(PHNOM_PENH, LIMA))


def test_a_promotion_out_of_order_is_refused() -> None:
    given(*TWO_RESERVES).when(promote(COLOMBO, LIMA)).refused(
        "reserve-out-of-order",
        field="application_id",
        value=COLOMBOS,
        rule="the next reserve is ssp-2024:KHPNH",
    )


def test_each_reserve_is_promoted_once_and_into_a_place_that_is_taken() -> None:
    once = (*TWO_RESERVES, promoted(PHNOM_PENH, LIMA))
    given(*once).when(promote(PHNOM_PENH, LIMA)).refused(
        "not-selected", field="in_place_of", value=LIMAS
    )
    given(*once).when(promote(PHNOM_PENH, PHNOM_PENH)).refused(
        "reserve-out-of-order", rule="the next reserve is ssp-2024:LKCMB"
    )
    given(*once).when(promote(COLOMBO, PHNOM_PENH)).then(promoted(COLOMBO, PHNOM_PENH))


def test_the_place_of_a_reserve_that_was_replaced_is_not_given_twice() -> None:
    twice = (*TWO_RESERVES, promoted(PHNOM_PENH, LIMA), promoted(COLOMBO, PHNOM_PENH))
    given(*twice).when(promote(COLOMBO, PHNOM_PENH)).refused("not-selected", value=PHNOM_PENHS)
    given(*twice).when(promote(PHNOM_PENH, COLOMBO)).refused(
        "reserve-out-of-order", rule="the next reserve is none"
    )
    state = DECIDER.fold(f for f in twice if f.WIRE.startswith("selection."))  # type: ignore[misc]
    assert selected(state) == {COLOMBOS}


def test_a_reserve_that_withdrew_is_passed_over() -> None:
    facts = (*TWO_RESERVES, ApplicationWithdrawn(PHNOM_PENHS, "a new mayor"))
    given(*facts).when(promote(PHNOM_PENH, LIMA)).refused("reserve-out-of-order")
    given(*facts).when(promote(COLOMBO, LIMA)).then(promoted(COLOMBO, LIMA))


@pytest.mark.parametrize("city", [PHNOM_PENH, COLOMBO])
def test_among_reserves_that_share_a_rank_any_is_next(city: CityId) -> None:
    given(*TIED_RESERVES).when(promote(city, LIMA)).then(promoted(city, LIMA))


def test_only_a_reserve_is_promoted_and_only_into_a_selected_place() -> None:
    none = approved(RANKED, select(LIMA))
    given(*none).when(promote(PHNOM_PENH, LIMA)).refused("reserve-out-of-order", rule="is none")
    given(*TWO_RESERVES).when(promote(PHNOM_PENH, COLOMBO)).refused(
        "not-selected", field="in_place_of", value=COLOMBOS
    )
    given(*RANKED).when(promote(PHNOM_PENH, LIMA)).refused("not-approved", field="stage")
    given(*TWO_RESERVES).when(replace(promote(PHNOM_PENH, LIMA), reason="")).refused(
        "empty-text", field="reason"
    )


FINAL_PROMOTION = PromoteReserve(CALL, FINAL, PHNOM_PENHS, LIMAS, "withdrew")


def test_a_promotion_keeps_to_the_budget() -> None:
    poorer = swapped(FINAL_APPROVED, ANNOUNCEMENT, replace(ANNOUNCEMENT, budget_krw=250_000_000))
    dearer = swapped(poorer, submitted(PHNOM_PENH), submitted(PHNOM_PENH, 300_000_000))
    given(*dearer).when(FINAL_PROMOTION).refused(
        "over-budget", field="application_id", value=300_000_000, rule="budget is KRW 250000000"
    )
    given(*poorer).when(FINAL_PROMOTION).then(
        ReservePromoted(CALL, FINAL, PHNOM_PENHS, LIMAS, "withdrew")
    )


def test_an_application_that_withdrew_frees_its_part_of_the_budget() -> None:
    gone = ApplicationWithdrawn(LIMAS, "a new mayor")
    given(*FINAL_APPROVED, gone).when(FINAL_PROMOTION).then(
        ReservePromoted(CALL, FINAL, PHNOM_PENHS, LIMAS, "withdrew")
    )
