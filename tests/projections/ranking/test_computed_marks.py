"""The live ranking of a tailored stage is, at every moment, what the rules would record."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.applications.commands import CorrectApplicationIndicator, RecordApplicationIndicator
from core.applications.events import ApplicationWithdrawn
from core.cities.commands import AssessCapacity, CorrectCityIndicator, RecordCityIndicator
from core.groups import CityFacts
from core.handlers.table import Command
from core.ledger.codec import Event
from core.ranking import Ranked
from projections.ranking.fold import VIEW
from projections.ranking.queries import placed
from projections.ranking.rows import FrameworkRow, ScoredRow
from tests import stories
from tests.projections.histories import STEPS, history, ranked_now
from tests.projections.told import given as told
from tests.scenes import COLOMBO, DOCUMENT, LIMA, PHNOM_PENH, app
from tests.tailored_scenes import FIGURES, LOCKED, SCORED, own_share, spending, submitted


def live(facts: tuple[Event, ...]) -> tuple[Ranked, ...]:
    rows = told(*facts).rows(VIEW)
    rubric = rows["framework:ssp:1"]
    assert isinstance(rubric, FrameworkRow)
    of_stage = [r for r in rows.values() if isinstance(r, ScoredRow) and r.stage == DOCUMENT]
    return placed(rubric.rubric, of_stage)


CHANGES: dict[str, tuple[Command, ...]] = {
    "nothing else": (),
    "a correction": (CorrectCityIndicator(LIMA, spending("26"), "r"),),
    "a share that was not known": (RecordApplicationIndicator(app(COLOMBO), own_share("70")),),
    "a share that was wrong": (CorrectApplicationIndicator(app(LIMA), own_share("1"), "r"),),
    "an assessment after the application": (AssessCapacity(LIMA, 1, "b"),),
}


@pytest.mark.parametrize("what", CHANGES)
def test_the_live_ranking_is_what_would_be_recorded_after(what: str) -> None:
    facts: tuple[Event, ...] = (*SCORED, *FIGURES)
    for command in CHANGES[what]:
        facts = (*facts, *stories.given(*facts).when(command).events)
    recorded = ranked_now(facts, DOCUMENT)
    assert recorded is not None
    assert live(facts) == recorded.lines
    assert recorded.lines[0].scored.computed


def test_an_application_whose_figure_is_missing_has_no_place_and_says_why() -> None:
    story = told(*SCORED)
    row = story.row(VIEW, f"scored:{app(LIMA)}:document", ScoredRow)
    assert row.scored is None
    assert "[indicator-missing]" in row.problem
    assert live(SCORED) == ()


def test_a_row_names_the_variant_that_holds_for_its_city() -> None:
    story = told(*SCORED, *FIGURES)
    low = story.row(VIEW, f"scored:{app(PHNOM_PENH)}:document", ScoredRow)
    other = story.row(VIEW, f"scored:{app(LIMA)}:document", ScoredRow)
    assert (low.variant, other.variant) == ("low-capacity", "")
    assert low.city == CityFacts("KH", capacity=2)
    assert low.figures.city == (spending("3"),)


def test_a_city_that_applies_anew_is_weighed_anew() -> None:
    gone = (*SCORED, *FIGURES, ApplicationWithdrawn(app(PHNOM_PENH), "r"))
    row = told(*gone, submitted(PHNOM_PENH, 4)).row(
        VIEW, f"scored:{app(PHNOM_PENH)}:document", ScoredRow
    )
    assert row.variant == ""
    assert row.figures.application == ()


TAILORED = st.builds(history, st.sampled_from((SCORED, (*SCORED, *FIGURES), LOCKED)), STEPS)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(facts=TAILORED)
def test_whatever_happens_the_live_ranking_is_what_the_rules_record(
    facts: tuple[Event, ...],
) -> None:
    recorded = ranked_now(facts, DOCUMENT)
    if recorded is not None:
        assert live(facts) == recorded.lines


def test_a_figure_before_the_application_counts_as_well() -> None:
    command = RecordCityIndicator(LIMA, spending("25.4"))
    early = stories.given(*SCORED[:6]).when(command).events
    assert early
    facts = (*SCORED[:6], *early, *SCORED[6:], *FIGURES[1:])
    recorded = ranked_now(facts, DOCUMENT)
    assert recorded is not None
    assert live(facts) == recorded.lines
