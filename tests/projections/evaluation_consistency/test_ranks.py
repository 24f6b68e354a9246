"""Rank intervals: the draws vary around the very order that the rubric gives."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ranking import Standing
from core.rubric import Aggregation, Missing, RoundAt, Rounding, RoundMode, Rubric, Trim, TrimTies
from core.vocabulary import CriterionId
from projections.evaluation_consistency.competition import Competition, competition
from projections.evaluation_consistency.ranks import SETTLED, places_of, ranks
from projections.evaluation_consistency.resampling import as_they_were
from tests.projections.evaluation_consistency.contests import (
    Given,
    contest,
    evaluations,
    rubric,
)


def compete(of: Rubric, given_: Given, slots: int = 1) -> Competition:
    rows = evaluations(given_)
    return competition(contest(of, rows, slots), rows, None)


@st.composite
def rubrics(draw: st.DrawFn) -> Rubric:
    roundings = tuple(
        Rounding(at, draw(st.sampled_from([Decimal("0.01"), Decimal("0.5"), Decimal(1)])), mode)
        for at in RoundAt
        for mode in [draw(st.sampled_from(RoundMode))]
        if draw(st.booleans())
    )
    aggregation = Aggregation(
        trim=draw(st.sampled_from(Trim)),
        trim_ties=draw(st.sampled_from(TrimTies)),
        trim_from=draw(st.integers(3, 5)),
        missing=draw(st.sampled_from([Missing.REWEIGH, Missing.EXCLUDE_EVALUATION])),
        roundings=roundings,
        total_floor=draw(st.none() | st.integers(20, 80).map(Decimal)),
    )
    breaks = draw(st.lists(st.sampled_from([CriterionId("c0"), CriterionId("c1")]), unique=True))
    return rubric((60, 40), aggregation, tie_breaks=tuple(breaks), quorum=draw(st.integers(1, 3)))


MARKS = st.tuples(st.integers(0, 10), st.none() | st.integers(0, 10))
GIVEN = st.dictionaries(
    st.sampled_from([f"call:a{n}" for n in range(6)]),
    st.dictionaries(st.sampled_from("uvwxyz"), MARKS, min_size=1, max_size=6),
    min_size=1,
    max_size=6,
)


@given(rubrics(), GIVEN)
def test_without_resampling_the_draws_are_the_very_order_of_the_rubric(
    of: Rubric, given_: Given
) -> None:
    found = compete(of, given_)

    drawn = as_they_were(of, [line.scored for line in found.lines])

    assert drawn.ranked[0].tolist() == [line.rank is not None for line in found.lines]
    assert places_of(drawn)[0].tolist() == [line.rank or len(found.lines) for line in found.lines]


def test_evaluators_who_agree_leave_nothing_to_chance() -> None:
    given_ = {f"call:a{n}": dict.fromkeys("xyz", (n,)) for n in range(1, 6)}

    found = ranks(compete(rubric(), given_, slots=2))

    assert [(i.rank, i.low, i.high, i.through) for i in found.intervals] == [
        (1, 1, 1, 1.0),
        (2, 2, 2, 1.0),
        (3, 3, 3, 0.0),
        (4, 4, 4, 0.0),
        (5, 5, 5, 0.0),
    ]
    assert found.coin_toss.applications == ()


def test_where_two_are_as_good_as_each_other_the_line_between_them_is_a_coin_toss() -> None:
    given_: Given = {
        "call:best": dict.fromkeys("xyz", (10,)),
        "call:one": {"x": (9,), "y": (5,), "z": (4,)},
        "call:two": {"x": (4,), "y": (8,), "z": (5,)},
        "call:last": dict.fromkeys("xyz", (0,)),
    }

    found = ranks(compete(rubric(), given_, slots=2))

    assert found.coin_toss.applications == ("call:one", "call:two")
    assert (found.coin_toss.first, found.coin_toss.last) == (2, 3)
    through = {i.application_id: i.through for i in found.intervals}
    assert through["call:best"] == 1
    assert SETTLED < through["call:two"] < 1 - SETTLED


def test_a_share_of_draws_is_the_share_of_all_panels_that_could_have_been() -> None:
    """Two marks each: of the four panels of one, each as likely, and of the four of the other."""
    given_: Given = {"call:a": {"x": (8,), "y": (4,)}, "call:b": {"x": (7,), "y": (5,)}}

    found = ranks(compete(rubric(), given_), draws=20_000)

    # a's means are 8, 6, 6, 4 and b's 7, 6, 6, 5; a is first in 4 + 4 + 2 of 16, and shares in 4.
    through = {i.application_id: i.through for i in found.intervals}
    assert through["call:a"] == pytest.approx(10 / 16, abs=0.01)
    assert through["call:b"] == pytest.approx(10 / 16, abs=0.01)


def test_a_report_about_one_moment_is_always_the_same() -> None:
    given_: Given = {f"call:a{n}": {"x": (n,), "y": (9 - n,), "z": (5,)} for n in range(10)}
    assert ranks(compete(rubric(), given_)) == ranks(compete(rubric(), given_))


def test_an_application_that_a_draw_puts_below_a_floor_is_last_in_it() -> None:
    given_: Given = {"call:a": {"x": (10,), "y": (0,)}, "call:b": {"x": (6,), "y": (6,)}}
    floor = Aggregation(total_floor=Decimal(50))

    found = ranks(compete(rubric(aggregation=floor), given_), draws=20_000)

    a, b = (next(i for i in found.intervals if i.application_id == f"call:{x}") for x in "ab")
    assert a.high == 2
    assert a.through == pytest.approx(1 / 4, abs=0.01)  # both draws 10; at 5 it is second to b
    assert b.through == pytest.approx(3 / 4, abs=0.01)


def test_no_application_has_no_ranks() -> None:
    found = ranks(competition(contest(rubric(), []), [], None))
    assert found.intervals == ()
    assert found.coin_toss == type(found.coin_toss)((), 0, 0)


def test_a_lower_mark_is_better_where_the_scale_says_so() -> None:
    found = compete(rubric(), {"call:a": {"x": (3,)}, "call:b": {"x": (7,)}})
    upside_down = as_they_were(found.rubric, [line.scored for line in found.lines])
    assert [line.scored.standing for line in found.lines] == [Standing.RANKED] * 2
    assert np.diff(upside_down.keys[0][0])[0] > 0
