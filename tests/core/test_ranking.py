"""From totals to ranks: worked examples by hand."""

from __future__ import annotations

from core.ranking import Mark, rank, with_mark
from core.rubric import (
    Aggregation,
    Missing,
    Points,
)
from tests.score_sheets import (
    IDS,
    REVERSED,
    D,
    candidate,
    places,
    rubric,
)

# Ranks


def test_ties_are_broken_in_the_published_order_and_the_trace_names_what_decided() -> None:
    """Of equal totals, x and y differ in b only, y and z in a; w stands apart."""
    rule = rubric(40, 40, 20, tie_breaks="ab")
    lines = rank(
        rule,
        [
            candidate("z", (80, 80, 80)),
            candidate("y", (90, 70, 80)),
            candidate("x", (90, 75, 70)),
            candidate("w", (100, 100, 100)),
        ],
    )
    assert [line.scored.total for line in lines] == [100, 80, 80, 80]
    assert places(lines) == [("w", 1, "total"), ("x", 2, "b"), ("y", 3, "b"), ("z", 4, "a")]
    assert not any(line.tied for line in lines)


def test_a_criterion_that_is_no_tie_break_breaks_no_tie() -> None:
    lines = rank(rubric(50, 50), [candidate("x", (90, 70)), candidate("y", (70, 90))])
    assert places(lines) == [("x", 1, "shared"), ("y", 1, "shared")]


def test_equals_share_a_rank_and_the_next_is_counted_from_their_number() -> None:
    lines = rank(
        rubric(100),
        [
            candidate("d", (60,)),
            candidate("c", (80,)),
            candidate("b", (80,)),
            candidate("a", (90,)),
        ],
    )
    assert places(lines) == [
        ("a", 1, "total"),
        ("b", 2, "shared"),
        ("c", 2, "shared"),
        ("d", 4, "total"),
    ]
    assert [line.tied for line in lines] == [False, True, True, False]


def test_where_lower_is_better_the_lower_mean_breaks_a_tie() -> None:
    rule = rubric(50, 50, scale=REVERSED, aggregation=Aggregation(Points.OF_SCALE), tie_breaks="a")
    lines = rank(rule, [candidate("x", (3, 1)), candidate("y", (1, 3))])
    assert places(lines) == [("y", 1, "a"), ("x", 2, "a")]


def test_a_tie_break_that_nobody_scored_counts_as_the_worst_mark() -> None:
    rule = rubric(50, 50, tie_breaks="b", aggregation=Aggregation(missing=Missing.REWEIGH))
    lines = rank(rule, [candidate("x", (80, None)), candidate("y", (90, 70))])
    assert places(lines) == [("y", 1, "b"), ("x", 2, "b")]


def test_a_single_application_is_first_and_none_is_no_ranking() -> None:
    assert places(rank(rubric(100), [candidate("x", (0,))])) == [("x", 1, "total")]
    assert rank(rubric(100), []) == ()


def test_those_without_a_rank_come_last_the_floor_before_the_quorum() -> None:
    rule = rubric(100, quorum=2, aggregation=Aggregation(total_floor=D(50)))
    lines = rank(
        rule,
        [candidate("b", (1,)), candidate("a", (1,), (1,)), candidate("d", (60,), (60,))],
    )
    assert places(lines) == [
        ("d", 1, "total"),
        ("a", None, "below-floor"),
        ("b", None, "no-quorum"),
    ]


def test_one_mark_is_replaced_and_the_others_stay() -> None:
    marks = (Mark(IDS[0], D(1)), Mark(IDS[1], D(2)))
    assert with_mark(marks, IDS[1], None) == (Mark(IDS[0], D(1)), Mark(IDS[1], None))
