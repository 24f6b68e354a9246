"""What a fact calls for, told as sentences: which commands follow from it as things stand."""

from __future__ import annotations

from collections.abc import Sequence

from core.applications.events import ApplicationWithdrawn
from core.calls.events import CallConcluded
from core.cities.commands import EnterPool, OfferOpportunity
from core.cities.events import OpportunityKind, PoolEntered, Tier
from core.evaluations.commands import InvalidateEvaluation
from core.evaluations.events import EvaluationInvalidated
from core.ledger.codec import Event
from core.reactions import when_call_concluded_then_enter_pool as pooling
from core.reactions import when_re_evaluation_ordered_then_invalidate_scores as annulling
from core.reactions.table import REACTIONS
from core.selection.commands import Choice
from core.selection.events import Outcome, Override, ReEvaluationOrdered
from core.vocabulary import ActorId
from tests.core.reactions.called import called_for
from tests.core.selection.test_outcomes_rules import FLOORED
from tests.scenes import (
    ADVANCED,
    CALL,
    COLOMBO,
    DOCUMENT,
    FINAL_APPROVED,
    KIM,
    LEE,
    LIMA,
    OPEN,
    PHNOM_PENH,
    TOKYO,
    app,
    approved,
    checked,
    select,
    submitted,
)

CONCLUDED = CallConcluded(CALL)


def test_a_concluded_call_keeps_every_city_but_the_selected_with_reasons_and_what_comes_next() -> (
    None
):
    assert called_for(pooling.REACTION, FINAL_APPROVED, CONCLUDED) == [
        EnterPool(
            PHNOM_PENH,
            CALL,
            Tier.READY,
            (
                "Document evaluation: rank 2 of 3, selected",
                "Final evaluation: rank 2 of 2, reserve",
            ),
        ),
        OfferOpportunity(
            PHNOM_PENH, OpportunityKind.CHALLENGE_SEAT, "A seat in the next SSP Challenge"
        ),
        EnterPool(COLOMBO, CALL, Tier.IN_TOUCH, ("Document evaluation: rank 3 of 3, pool",)),
        OfferOpportunity(COLOMBO, OpportunityKind.WEBINAR, "A webinar before the next call"),
    ]


def pooled(facts: Sequence[Event]) -> dict[str, EnterPool]:
    found = called_for(pooling.REACTION, facts, CONCLUDED)
    return {c.city_id: c for c in found if isinstance(c, EnterPool)}


def test_the_upper_half_of_the_first_ranking_is_worth_improving() -> None:
    facts = approved(FLOORED, select(LIMA), Choice(app(PHNOM_PENH), Outcome.POOL))
    tiers = {city: entry.tier for city, entry in pooled(facts).items()}
    assert tiers == {LIMA: Tier.IMPROVING, PHNOM_PENH: Tier.IN_TOUCH, COLOMBO: Tier.IN_TOUCH}


def test_a_city_is_told_of_a_floor_that_it_missed_and_of_an_override_against_it() -> None:
    against = Override("one of the region is enough", "committee")
    facts = approved(FLOORED, select(LIMA), Choice(app(PHNOM_PENH), Outcome.REJECTED, against))
    entries = pooled(facts)
    assert entries[COLOMBO].reasons == ("Document evaluation: without a rank (below-floor), pool",)
    assert entries[PHNOM_PENH].reasons == (
        "Document evaluation: rank 2 of 3, rejected: one of the region is enough (committee)",
    )


def test_whoever_was_not_judged_is_kept_too_and_told_why() -> None:
    facts = (
        *OPEN,
        *(submitted(city) for city in (LIMA, PHNOM_PENH, COLOMBO)),
        checked(LIMA, holds=False),
        ApplicationWithdrawn(app(PHNOM_PENH), "a change of mayor"),
    )
    assert {city: entry.reasons for city, entry in pooled(facts).items()} == {
        LIMA: ("The application was found ineligible",),
        PHNOM_PENH: ("The city withdrew its application",),
        COLOMBO: ("No stage decided on the application",),
    }


def test_a_city_that_is_in_the_pool_from_this_call_already_is_left_there() -> None:
    kept = PoolEntered(COLOMBO, CALL, Tier.READY, ("by hand",))
    assert set(pooled((*FINAL_APPROVED, kept))) == {PHNOM_PENH}


def test_a_city_that_did_not_apply_is_not_in_question() -> None:
    assert TOKYO not in pooled(FINAL_APPROVED)


def test_annulled_scores_are_invalidated_unless_they_count_no_more() -> None:
    ordered = ReEvaluationOrdered(
        app(COLOMBO), DOCUMENT, (KIM, LEE), ActorId("director-1"), "the annex was not read"
    )
    gone = EvaluationInvalidated(app(COLOMBO), KIM, DOCUMENT, "written by another")
    assert called_for(annulling.REACTION, (*ADVANCED, gone), ordered) == [
        InvalidateEvaluation(
            app(COLOMBO), LEE, DOCUMENT, "Annulled after an appeal: the annex was not read"
        )
    ]


def test_a_reaction_has_a_name_of_its_own() -> None:
    assert len({reaction.name for reaction in REACTIONS}) == len(REACTIONS)
