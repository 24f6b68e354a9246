"""The live ranking is, at every moment, what the rules would record."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings

from core.applications.commands import DetermineEligibility, WithdrawApplication
from core.applications.events import RuleChecked
from core.evaluations.commands import (
    AbstainFromEvaluation,
    DeclareConflict,
    InvalidateEvaluation,
    RecuseEvaluator,
    ReviseScore,
    WaiveConflict,
)
from core.evaluations.events import ConflictKind
from core.groups import CityGroup
from core.handlers.table import Command
from core.ledger.codec import Event
from core.ranking import Ranked
from core.rubric import Variant, VariantWeight
from core.selection.commands import PromoteReserve, RevokeSelection
from core.selection.events import RankingComputed
from core.vocabulary import StageId
from projections.ranking.fold import VIEW
from projections.ranking.queries import placed
from projections.ranking.rows import FrameworkRow, ScoredRow
from tests import scenes, stories
from tests.projections.histories import histories, ranked_now
from tests.projections.told import given as told
from tests.scenes import (
    CALL,
    CAPACITY,
    COLOMBO,
    DOCUMENT,
    FINAL,
    FIT,
    KIM,
    LEE,
    LIMA,
    NEED,
    PHNOM_PENH,
    app,
)


def live(facts: tuple[Event, ...], stage: StageId, upto: int | None = None) -> tuple[Ranked, ...]:
    rows = told(*facts).rows(VIEW, upto)
    rubric = rows["framework:ssp:1"]
    assert isinstance(rubric, FrameworkRow)
    of_stage = [r for r in rows.values() if isinstance(r, ScoredRow) and r.stage == stage]
    return placed(rubric.rubric, of_stage)


def then(facts: tuple[Event, ...], *commands: Command) -> tuple[Event, ...]:
    for command in commands:
        answer = stories.given(*facts).when(command)
        assert answer.refusal is None, answer.refusal
        facts = (*facts, *answer.events)
    return facts


AGAIN = DeclareConflict(KIM, CALL, ConflictKind.FAMILY, app(LIMA))
STORIES: dict[str, tuple[Command, ...]] = {
    "nothing else": (),
    "a revision": (ReviseScore(app(LIMA), KIM, DOCUMENT, NEED, Decimal(60), "r"),),
    "a withdrawal": (WithdrawApplication(app(LIMA), "r"),),
    "a recusal": (RecuseEvaluator(KIM, app(LIMA), "r"),),
    "an interest in an application": (AGAIN,),
    "an interest in a call": (DeclareConflict(KIM, CALL, ConflictKind.OTHER),),
    "a waiver": (AGAIN, WaiveConflict(KIM, app(LIMA), "r")),
    "an interest after the waiver": (AGAIN, WaiveConflict(KIM, app(LIMA), "r"), AGAIN),
    "an interest in the call after the waiver": (
        AGAIN,
        WaiveConflict(KIM, app(LIMA), "r"),
        DeclareConflict(KIM, CALL, ConflictKind.OTHER),
    ),
    "an invalidation": (InvalidateEvaluation(app(LIMA), KIM, DOCUMENT, "r"),),
    "ineligibility": (
        DetermineEligibility(app(LIMA), "DAC 2024", (RuleChecked("country", holds=False),)),
    ),
}


@pytest.mark.parametrize("what", STORIES)
def test_the_live_ranking_is_what_would_be_recorded_after(what: str) -> None:
    facts = then(scenes.SCORED, *STORIES[what])
    recorded = ranked_now(facts, DOCUMENT)
    assert recorded is not None
    assert live(facts, DOCUMENT) == recorded.lines
    assert recorded.lines


def test_applications_without_a_score_or_with_an_abstention_have_a_line_without_a_rank() -> None:
    facts = then(scenes.SCORING, AbstainFromEvaluation(app(LIMA), KIM, DOCUMENT, "r"))
    recorded = ranked_now(facts, DOCUMENT)
    assert recorded is not None
    assert live(facts, DOCUMENT) == recorded.lines
    assert [line.decided_by for line in recorded.lines] == ["no-quorum"] * 3
    before_assignment = live(scenes.RECEIVED, DOCUMENT)
    assert [line.rank for line in before_assignment] == [None] * 3


def test_a_variant_weighs_by_the_country_of_the_city() -> None:
    weights = tuple(
        VariantWeight(c, Decimal(w)) for c, w in ((NEED, 10), (FIT, 10), (CAPACITY, 80))
    )
    tailored = replace(
        scenes.DRAFTED,
        rubric=replace(scenes.RUBRIC, variants=(Variant("v", CityGroup(("LK",)), weights),)),
    )
    facts = scenes.swapped(scenes.SCORED, scenes.DRAFTED, tailored)
    recorded = ranked_now(facts, DOCUMENT)
    assert recorded is not None
    assert live(facts, DOCUMENT) == recorded.lines
    assert live(facts, DOCUMENT) != live(scenes.SCORED, DOCUMENT)


def test_a_later_stage_ranks_those_that_were_let_through() -> None:
    assert {line.scored.application for line in live(scenes.ADVANCED, FINAL)} == {
        app(LIMA),
        app(PHNOM_PENH),
    }
    revoked = then(scenes.FINAL_SCORED, RevokeSelection(CALL, DOCUMENT, "r"))
    assert live(revoked, FINAL) == ()


def test_a_promoted_reserve_takes_the_place_in_the_next_stage() -> None:
    facts = scenes.approved(scenes.RANKED, scenes.select(LIMA), scenes.reserve(PHNOM_PENH))
    facts = then(facts, PromoteReserve(CALL, DOCUMENT, app(PHNOM_PENH), app(LIMA), "r"))
    assert [line.scored.application for line in live(facts, FINAL)] == [app(PHNOM_PENH)]


def test_a_sheet_that_does_not_count_says_why() -> None:
    facts = then(
        scenes.SCORED,
        RecuseEvaluator(KIM, app(LIMA), "r"),
        DeclareConflict(LEE, CALL, ConflictKind.FAMILY, app(LIMA)),
        InvalidateEvaluation(app(COLOMBO), LEE, DOCUMENT, "r"),
    )
    lima = told(*facts).row(VIEW, f"scored:{app(LIMA)}:document", ScoredRow)
    assert [(s.evaluator, s.barred) for s in lima.sheets] == [(KIM, "recused"), (LEE, "conflicted")]
    colombo = told(*facts).row(VIEW, f"scored:{app(COLOMBO)}:document", ScoredRow)
    assert [s.status for s in colombo.sheets] == ["counts", "invalidated"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(facts=histories)
def test_whatever_happens_the_live_ranking_is_what_the_rules_record(
    facts: tuple[Event, ...],
) -> None:
    for position, event in enumerate(facts):
        if isinstance(event, RankingComputed):
            assert event.position == position - 1
            assert live(facts, event.stage, event.position) == event.lines
            assert live(facts, event.stage, position) == event.lines
    for stage in (DOCUMENT, FINAL):
        recorded = ranked_now(facts, stage)
        if recorded is not None:
            assert live(facts, stage) == recorded.lines
