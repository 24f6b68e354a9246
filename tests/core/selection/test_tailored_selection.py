"""A tailored stage: what is computed is an input as any other, and groups are settled for good."""

from __future__ import annotations

from datetime import date

import pytest

from core.applications.commands import (
    CorrectApplicationIndicator,
    RecordApplicationIndicator,
    SubmitApplication,
)
from core.applications.events import (
    ApplicationSubmitted,
    ApplicationWithdrawn,
    EligibilityDetermined,
)
from core.cities.commands import (
    AssessCapacity,
    ChangeTier,
    CorrectCityIndicator,
    EnterPool,
    RecordCityIndicator,
    ReviseProfile,
)
from core.cities.events import CapacityAssessed, PoolEntered, ProfileRevised
from core.evaluations.commands import ReviseScore, SubmitScores
from core.evaluations.events import ScoresSubmitted
from core.frameworks.commands import DraftFramework, PublishFramework
from core.groups import CityFacts
from core.handlers.table import Command
from core.ranking import Mark
from core.selection.commands import ApproveSelection, ComputeRanking, ConfirmQuorum
from core.selection.events import RankingComputed
from core.vocabulary import Channel, CityId, Text, Tier
from tests.scenes import (
    CALL,
    COLOMBO,
    DOCUMENT,
    FIT,
    IN_MARCH,
    KIM,
    LIMA,
    NEED,
    PHNOM_PENH,
    SSP,
    Facts,
    app,
    project,
    proposed,
    select,
)
from tests.stories import MANAGER, given
from tests.tailored_scenes import (
    APPLIED,
    FIGURES,
    LOCKED,
    MEANS,
    RUBRIC,
    SCORED,
    SHARE,
    D,
    own_share,
    spending,
)

CONFIRMED = (*LOCKED, *given(*LOCKED).when(ConfirmQuorum(CALL, DOCUMENT)).events)


def ranked(facts: Facts) -> RankingComputed:
    return given(*facts).when(ComputeRanking(CALL, DOCUMENT)).only(RankingComputed)


def totals(facts: Facts) -> dict[str, object]:
    return {line.scored.application: line.scored.total for line in ranked(facts).lines}


def then(facts: Facts, *commands: Command) -> Facts:
    for command in commands:
        answer = given(*facts).when(command)
        assert answer.refusal is None, answer.refusal
        facts = (*facts, *answer.events)
    return facts


def test_a_tailored_stage_is_ranked_by_hand_as_by_the_rules() -> None:
    """Lima 40 x .95 + 40 x .9 + 10 x .8 + 10 x .8 = 90.

    Phnom Penh, of low capacity: 50 x .9 + 10 x .75 + 30 x 1 + 10 x .6 = 88.5. Colombo, whose own
    share is not known: (40 x .75 + 40 x .8 + 10 x .6) x 100 / 90 = 75.56.
    """
    found = totals(CONFIRMED)
    assert found[app(LIMA)] == 90
    assert found[app(PHNOM_PENH)] == D("88.5")
    assert D("75.555") < D(str(found[app(COLOMBO)])) < D("75.556")


def test_a_ranking_names_what_it_computed_from_and_shows_the_way() -> None:
    ranking = ranked(CONFIRMED)
    assert {f"city-{c}" for c in (LIMA, PHNOM_PENH, COLOMBO)} <= {i.stream for i in ranking.inputs}
    lima = next(line.scored for line in ranking.lines if line.scored.application == app(LIMA))
    means, share = lima.computed
    assert (means.criterion, means.figure, means.at_least, means.mark) == (
        MEANS,
        spending("25.4"),
        D(10),
        D(80),
    )
    assert (share.criterion, share.figure, share.at_least, share.mark) == (
        SHARE,
        own_share("20"),
        D(20),
        D(80),
    )
    colombo = ranking.lines[2].scored
    assert (colombo.computed[1].figure, colombo.computed[1].mark) == (None, None)


def test_a_stage_is_not_ranked_before_the_figures_that_it_needs() -> None:
    bare = tuple(fact for fact in CONFIRMED if fact not in FIGURES)
    answer = given(*bare).when(ComputeRanking(CALL, DOCUMENT))
    answer.refused("indicator-missing", field=f"{app(LIMA)}.means", value="planning-budget")
    assert answer.codes == ["indicator-missing"] * 3


def test_evaluators_do_not_score_what_is_computed() -> None:
    marks = (Mark(NEED, D(90)), Mark(FIT, D(90)))
    unscored = tuple(fact for fact in SCORED if not isinstance(fact, ScoresSubmitted))
    submit = SubmitScores(app(LIMA), KIM, DOCUMENT, (*marks, Mark(MEANS, D(60))))
    given(*unscored).when(submit).refused(
        "criterion-computed", field="marks.2.criterion", value="means", rule="planning-budget"
    )
    given(*unscored).when(SubmitScores(app(LIMA), KIM, DOCUMENT, marks[:1])).refused(
        "criterion-missing", field="marks.fit"
    )
    given(*SCORED).when(ReviseScore(app(LIMA), KIM, DOCUMENT, MEANS, D(60), "r")).refused(
        "criterion-computed", field="criterion", value="means"
    )


@pytest.mark.parametrize(
    "change",
    [
        CorrectCityIndicator(LIMA, spending("30"), "the accounts were restated"),
        RecordCityIndicator(LIMA, spending("30", date(2024, 3, 31))),
        RecordApplicationIndicator(app(COLOMBO), own_share("70")),
        CorrectApplicationIndicator(app(LIMA), own_share("60"), "page 4"),
    ],
    ids=lambda c: type(c).__name__,
)
def test_a_figure_that_changes_outdates_the_ranking(change: Command) -> None:
    facts = proposed((*CONFIRMED, ranked(CONFIRMED)), select(LIMA))
    assert not given(*facts).when(ApproveSelection(CALL, DOCUMENT), by=MANAGER).codes
    given(*then(facts, change)).when(ApproveSelection(CALL, DOCUMENT), by=MANAGER).refused(
        "ranking-outdated", field="stage"
    )


def test_a_figure_within_its_band_or_of_another_day_outdates_nothing_but_the_trace() -> None:
    """The mark stays; but what the ranking shows would not be what is on record."""
    facts = proposed((*CONFIRMED, ranked(CONFIRMED)), select(LIMA))
    older = then(facts, RecordCityIndicator(LIMA, spending("3", date(2022, 12, 31))))
    assert not given(*older).when(ApproveSelection(CALL, DOCUMENT), by=MANAGER).codes
    within = then(facts, CorrectCityIndicator(LIMA, spending("25.3"), "r"))
    given(*within).when(ApproveSelection(CALL, DOCUMENT), by=MANAGER).refused("ranking-outdated")


# Which group a city belongs to


def submits(city: CityId, facts: Facts) -> CityFacts | None:
    submit = SubmitApplication(CALL, city, Channel.OPEN_CALL, project())
    event = given(*facts).when(submit, at=IN_MARCH).only(ApplicationSubmitted)
    return event.city


def test_an_application_keeps_what_was_known_of_its_city_when_it_was_handed_in() -> None:
    applied = ApplicationSubmitted | EligibilityDetermined
    known = tuple(fact for fact in APPLIED if not isinstance(fact, applied))
    assert submits(LIMA, known) == CityFacts("PE")
    assert submits(PHNOM_PENH, known) == CityFacts("KH", capacity=2)
    more = (
        *known,
        ProfileRevised(LIMA, Text("Lima"), "Andes", "PELIM", "r"),
        PoolEntered(LIMA, CALL, Tier.READY, ("r",)),
        CapacityAssessed(LIMA, 3, "b"),
        CapacityAssessed(LIMA, 1, "b"),
    )
    assert submits(LIMA, more) == CityFacts("PE", "Andes", Tier.READY, 1)


MOVES: list[tuple[Command, ...]] = [
    (AssessCapacity(PHNOM_PENH, 4, "another interview"), AssessCapacity(LIMA, 1, "b")),
    (ReviseProfile(LIMA, Text("Lima"), "r", "Andes", "PELIM"),),
    (EnterPool(COLOMBO, CALL, Tier.IN_TOUCH, ("r",)), ChangeTier(COLOMBO, Tier.READY, "r")),
    (DraftFramework(SSP, RUBRIC), PublishFramework(SSP, 2)),
]


@pytest.mark.parametrize("moves", MOVES, ids=lambda m: type(m[0]).__name__)
def test_nothing_that_is_recorded_later_moves_a_city_into_another_group(
    moves: tuple[Command, ...],
) -> None:
    assert totals(then(CONFIRMED, *moves)) == totals(CONFIRMED)


def test_a_city_that_applies_anew_is_looked_at_anew() -> None:
    known = (*APPLIED, ApplicationWithdrawn(app(PHNOM_PENH), "r"))
    assert submits(PHNOM_PENH, (*known, CapacityAssessed(PHNOM_PENH, 4, "b"))) == CityFacts(
        "KH", capacity=4
    )
