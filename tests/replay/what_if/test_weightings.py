"""Weights that are changed, grids around them, and ranks under each without their traces."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import hypothesis
import pytest
from hypothesis import strategies as st

from core.errors import DomainError
from core.groups import CityFacts, CityGroup
from core.indicators import Figures
from core.ranking import Candidate, Mark, Sheet, rank
from core.rubric import Aggregation, Missing, Points, Rubric, Variant, VariantWeight
from core.vocabulary import ApplicationId, CriterionId
from replay.what_if.answer import what_if
from replay.what_if.choosing import groups_of
from replay.what_if.question import NewWeight, Question
from replay.what_if.weighing import Weighing
from replay.what_if.weights import grid_around, reweighed, weights_of, with_weights
from tests.core.test_computed import FIGURES, candidate
from tests.core.test_ranking_properties import candidates, rubrics
from tests.stories import log_of
from tests.tailored_scenes import RUBRIC as COMPUTED
from tests.tailored_scenes import spending
from tests.what_if_rounds import DECISION, WEIGHED, Told, app, who

D = Decimal
ABROAD = CityGroup(countries=("PE",))


@st.composite
def weightings(draw: st.DrawFn, rubric: Rubric) -> Rubric:
    """The rubric with any other weights, some of them none at all."""

    def drawn() -> dict[CriterionId, Decimal]:
        shares = draw(
            st.lists(st.integers(0, 30), min_size=len(rubric.criteria), max_size=8).filter(any)
        )
        used = [D(share) + D(share % 7) / 4 for share in shares[: len(rubric.criteria)]]
        used[0] = used[0] or D(1)
        return dict(zip((c.id for c in rubric.criteria), used, strict=True))

    return with_weights(rubric, {variant: drawn() for variant in weights_of(rubric)})


@st.composite
def stages(draw: st.DrawFn) -> tuple[Rubric, list[Candidate], list[Rubric]]:
    """A stage with floors, variants, trimming and marks missing, and weightings of its rubric."""
    rubric = draw(rubrics())
    scale = rubric.criteria[0].scale
    middle = (scale.worst + scale.best) / 2
    floors = st.sampled_from([None, middle])
    criteria = tuple(replace(c, floor=draw(floors)) for c in rubric.criteria)
    aggregation = replace(
        rubric.aggregation,
        total_floor=draw(floors),
        missing=draw(st.sampled_from([Missing.REWEIGH, Missing.EXCLUDE_EVALUATION])),
    )
    if draw(st.booleans()):
        aggregation = replace(aggregation, points=Points.SUM)
    own = tuple(VariantWeight(c.id, c.weight) for c in criteria)
    variants = (Variant("abroad", ABROAD, own),) if draw(st.booleans()) else ()
    rubric = replace(rubric, criteria=criteria, aggregation=aggregation, variants=variants)
    found = [draw(candidates(rubric, f"x{n}")) for n in range(draw(st.integers(1, 6)))]
    there = [replace(c, city=CityFacts(draw(st.sampled_from(["", "PE"])))) for c in found]
    # Applications with the same sheets are ranked as one, so some must be alike.
    alike = replace(there[0], application=ApplicationId("alike"))
    return rubric, [*there, alike], [draw(weightings(rubric)) for _ in range(3)]


@hypothesis.given(stages())
@hypothesis.settings(max_examples=150)
def test_ranks_without_traces_are_the_ranks_that_the_rules_give(
    stage: tuple[Rubric, list[Candidate], list[Rubric]],
) -> None:
    rubric, found, others = stage
    weighing = Weighing(rubric, found)
    for other in (rubric, *others):
        assert weighing.groups(other) == groups_of(rank(other, found))


SHARES = st.lists(st.integers(0, 50), min_size=3, max_size=3).filter(lambda w: sum(w) <= 100)


@hypothesis.given(st.integers(0, 10_000), SHARES)
def test_weights_that_are_not_named_share_the_rest_in_proportion(
    named: int, own: list[int]
) -> None:
    weights = [*own[:2], 100 - sum(own[:2])]
    hypothesis.assume(sum(weights[1:]) > 0)
    ids = [c.id for c in WEIGHED.criteria]
    before = with_weights(WEIGHED, {"": dict(zip(ids, map(D, weights), strict=True))})
    weight = D(named) / 100
    after = weights_of(reweighed(before, [NewWeight(ids[0], weight)]))[""]
    assert after[ids[0]] == weight
    assert sum(after.values()) == 100
    rest = sum(weights[1:])
    for criterion, was in zip(ids[1:], weights[1:], strict=True):
        assert abs(after[criterion] - (100 - weight) * was / rest) < D("0.01")


def test_the_hundredth_that_is_left_over_goes_to_whom_rounding_cost_most() -> None:
    changed = reweighed(WEIGHED, [NewWeight("need", D(50))])
    assert list(weights_of(changed)[""].values()) == [D(50), D("33.33"), D("16.67")]


def test_a_weight_is_for_everybody_or_for_one_variant_and_what_is_nearer_counts() -> None:
    own = tuple(
        VariantWeight(c.id, D(w)) for c, w in zip(WEIGHED.criteria, (20, 20, 60), strict=True)
    )
    tailored = replace(WEIGHED, variants=(Variant("abroad", ABROAD, own),))

    def changed(*asked: NewWeight) -> list[list[Decimal]]:
        return [list(w.values()) for w in weights_of(reweighed(tailored, asked)).values()]

    everybody = NewWeight("need", D(60))
    assert changed(everybody) == [[60, D("26.67"), D("13.33")], [60, 10, 30]]
    assert changed(NewWeight("need", D(60), "abroad")) == [[40, 40, 20], [60, 10, 30]]
    assert changed(NewWeight("need", D(60), "")) == [[60, D("26.67"), D("13.33")], [20, 20, 60]]
    nearer = (NewWeight("need", D(20), "abroad"), everybody)
    assert changed(*nearer) == [[60, D("26.67"), D("13.33")], [20, 20, 60]]


def test_marks_that_are_added_up_keep_their_weights_where_one_changes() -> None:
    summed = replace(WEIGHED, aggregation=Aggregation(points=Points.SUM))
    changed = reweighed(summed, [NewWeight("need", D(100))])
    assert list(weights_of(changed)[""].values()) == [100, 40, 20]


def test_nothing_can_share_what_is_left_where_no_other_criterion_counts() -> None:
    ids = [c.id for c in WEIGHED.criteria]
    one = with_weights(WEIGHED, {"": dict(zip(ids, (D(100), D(0), D(0)), strict=True))})
    with pytest.raises(DomainError, match="weights-not-100"):
        reweighed(one, [NewWeight("need", D(50))])
    assert len(grid_around(one, 20, D(100))) == 1, "there is nothing to weigh otherwise"


@pytest.mark.parametrize("spread", [D(10), D("12.5"), D(100)])
def test_a_grid_is_the_same_for_everybody_and_keeps_to_the_whole(spread: Decimal) -> None:
    grid = grid_around(WEIGHED, 60, spread)
    assert grid == grid_around(WEIGHED, 60, spread)
    found = [tuple(weights_of(rubric)[""].values()) for rubric in grid]
    assert len(set(found)) == len(found) == 60
    assert {sum(weights) for weights in found} == {D(100)}
    share = spread / 100
    for weights in found:
        for weight, own in zip(weights, (40, 40, 20), strict=True):
            # Moved by a share at most, then scaled by what the others moved by at most.
            assert own * (1 - share) / (1 + share) - D("0.01") <= weight
            assert weight * (1 - share) <= own * (1 + share) + D("0.01")
    assert max(w[0] for w in found) > 40 > min(w[0] for w in found)


def test_a_grid_begins_as_its_rule_says() -> None:
    """By hand: a half, a third and a fifth of the way from -20 to +20 percent."""
    [first] = grid_around(WEIGHED, 1, D(20))
    moved = (D(40), D(40) * (1 - D("0.2") / 3), D(20) * (1 - D("0.12")))
    shares = [m * 100 / sum(moved) for m in moved]
    assert [*weights_of(first)[""].values()] == [round(share, 2) for share in shares]


ROUND = Told(
    {
        ("x", "e1"): (10, 6, 8),
        ("y", "e1"): (6, 10, 8),
        ("z", "e1"): (1, 1, 1),
    },
    slots=1,
)


def test_an_outcome_that_hangs_on_the_weights_is_told_from_one_that_does_not() -> None:
    """Need speaks for x, fit for y, as much: whoever is selected is so by the weights alone."""
    answer = what_if(log_of(ROUND.decided()), DECISION, Question(grid=40))
    assert answer.after.selected == (app("x"),), "the tie is broken by need"
    found = answer.stability
    assert found is not None
    assert (found.asked, found.weightings) == (40, 40)
    by_name = {a.application_id: a for a in found.applications}
    assert set(by_name) == {app("x"), app("y")}
    assert by_name[app("x")].selected + by_name[app("y")].selected == 40
    assert 5 < by_name[app("x")].selected == found.unchanged < 35
    assert (by_name[app("y")].best_rank, by_name[app("y")].worst_rank) == (1, 2)
    other = [t for t in found.tried if t.gained]
    assert all((t.gained, t.lost) == ((app("y"),), (app("x"),)) for t in other)
    assert found.nearest == min(other, key=lambda t: t.distance)
    assert found.nearest is not None
    need, fit, _ = (w.weight for w in found.nearest.weights)
    assert fit > need
    sure = what_if(log_of(ROUND.but(slots=2).decided()), DECISION, Question(grid=40)).stability
    assert sure is not None
    assert (sure.unchanged, sure.nearest) == (40, None)


def test_who_says_na_to_everything_has_no_total_under_any_weights() -> None:
    silent = Sheet(who("e1"), tuple(Mark(c.id, None) for c in WEIGHED.criteria))
    found = [Candidate(app("x"), CityFacts(""), (silent,))]
    assert Weighing(WEIGHED, found).groups(WEIGHED) == groups_of(rank(WEIGHED, found)) == []


def test_computed_marks_stand_in_every_sheet_under_any_weights() -> None:
    figures = (FIGURES, Figures((spending("3"),), FIGURES.application))
    found = [
        replace(candidate((90, 90), (100, 90), figures=f), application=ApplicationId(f"x{n}"))
        for n, f in enumerate(figures)
    ]
    weighing = Weighing(COMPUTED, found)
    for rubric in (COMPUTED, *grid_around(COMPUTED, 5, D(50))):
        assert weighing.groups(rubric) == groups_of(rank(rubric, found)) == [["x1"], ["x0"]]
