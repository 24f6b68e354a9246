"""From marks to a total: worked examples by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import localcontext

import pytest

from core.errors import DomainError
from core.groups import CityGroup
from core.ranking import Standing, rank, score
from core.rubric import (
    Aggregation,
    Missing,
    Points,
    RoundAt,
    Rounding,
    RoundMode,
    Scale,
    Trim,
    TrimTies,
    Variant,
    VariantWeight,
)
from tests.score_sheets import (
    GRADE_SCALE,
    GRADES,
    IDS,
    REVERSED,
    TO_FIVE,
    D,
    candidate,
    kept,
    places,
    rubric,
    total,
)

# From marks to a total


def test_grades_a_to_e_weighted_40_40_20() -> None:
    """A, B and D: 40 x 100% + 40 x 90% + 20 x 70% = 40 + 36 + 14 = 90."""
    trace = score(rubric(40, 40, 20, scale=GRADE_SCALE), candidate("x", (100, 90, 70)))
    assert [w.points for w in trace.sheets[0].weighted] == [40, 36, 14]
    assert trace.sheets[0].total == 90
    assert trace.total == 90


def test_the_highest_and_the_lowest_of_seven_are_dropped() -> None:
    """Each gives one grade throughout: 100 90 90 80 80 70 60; 410 / 5 = 82 without the ends."""
    rule = rubric(40, 40, 20, scale=GRADE_SCALE, aggregation=Aggregation(trim=Trim.DROP_HIGH_LOW))
    grades = [GRADES[g] for g in "CABBDEC"]
    trace = score(rule, candidate("x", *((g, g, g) for g in grades)))
    assert [s.total for s in trace.sheets] == [80, 100, 90, 90, 70, 60, 80]
    assert kept(trace) == "e1 e3 e4 e5 e7"
    assert trace.total == 82
    assert [m.mean for m in trace.means] == [82, 82, 82]


def test_evaluators_are_dropped_by_their_whole_total_and_not_by_criterion() -> None:
    """e1 gives the best mark in a and the worst in b; its total lies in the middle."""
    rule = rubric(50, 50, aggregation=Aggregation(trim=Trim.DROP_HIGH_LOW, trim_from=3))
    trace = score(rule, candidate("x", (100, 0), (60, 60), (30, 30)))
    assert [s.total for s in trace.sheets] == [50, 60, 30]
    assert kept(trace) == "e1"
    assert [m.mean for m in trace.means] == [100, 0]


def test_fewer_evaluators_than_the_rule_begins_with_are_all_kept() -> None:
    aggregation = Aggregation(trim=Trim.DROP_HIGH_LOW, trim_from=5)
    assert total(rubric(100, aggregation=aggregation), (0,), (50,), (50,), (60,)) == 40
    five = ((0,), (50,), (50,), (65,), (100,))
    assert total(rubric(100, aggregation=aggregation), *five) == 55


def test_nobody_is_dropped_where_the_rubric_does_not_say_so() -> None:
    assert total(rubric(100), *[(mark,) for mark in (0, 50, 50, 50, 50, 60, 90)]) == 50


TIED_ENDS = ((50,), (50,), (70,), (80,), (90,), (90,), (90,))


def test_of_tied_extremes_one_each_is_dropped_by_the_order_of_ids() -> None:
    """50 50 70 80 90 90 90: one 50 and one 90 go; (50+70+80+90+90) / 5 = 76."""
    aggregation = Aggregation(trim=Trim.DROP_HIGH_LOW, trim_ties=TrimTies.DROP_ONE)
    trace = score(rubric(100, aggregation=aggregation), candidate("x", *TIED_ENDS))
    assert kept(trace) == "e2 e3 e4 e5 e6"
    assert trace.total == 76


def test_of_tied_extremes_all_are_dropped_where_the_rubric_says_so() -> None:
    """Both 50s and all 90s go; (70+80) / 2 = 75."""
    aggregation = Aggregation(trim=Trim.DROP_HIGH_LOW, trim_ties=TrimTies.DROP_ALL)
    trace = score(rubric(100, aggregation=aggregation), candidate("x", *TIED_ENDS))
    assert kept(trace) == "e3 e4"
    assert trace.total == 75


@pytest.mark.parametrize("ties", list(TrimTies))
def test_where_all_agree_there_is_still_a_total(ties: TrimTies) -> None:
    aggregation = Aggregation(trim=Trim.DROP_HIGH_LOW, trim_ties=ties)
    assert total(rubric(100, aggregation=aggregation), *[(80,)] * 5) == 80


def test_where_all_stand_at_one_of_two_extremes_nobody_is_dropped_by_drop_all() -> None:
    aggregation = Aggregation(trim=Trim.DROP_HIGH_LOW, trim_ties=TrimTies.DROP_ALL)
    assert total(rubric(100, aggregation=aggregation), *[(60,)] * 3, *[(90,)] * 2) == 72


# Rounding


def test_rounding_each_criterion_half_up_differs_from_rounding_only_the_end() -> None:
    """Weights 30 and 70 of marks out of 100, to whole points.

    45 gives 13.5 and 65 gives 45.5: rounded each, 14 + 46 = 60; added first, 59.
    """
    each = Aggregation(roundings=(Rounding(RoundAt.CRITERION, D(1)),))
    end = Aggregation(roundings=(Rounding(RoundAt.TOTAL, D(1)),))
    assert total(rubric(30, 70, aggregation=each), (45, 65)) == 60
    assert total(rubric(30, 70, aggregation=end), (45, 65)) == 59


@pytest.mark.parametrize(
    ("mode", "low", "high"),
    [
        (RoundMode.HALF_UP, "0.3", "0.4"),
        (RoundMode.HALF_EVEN, "0.2", "0.4"),
        (RoundMode.DOWN, "0.2", "0.3"),
    ],
)
def test_a_half_goes_up_or_to_the_even_or_down(mode: RoundMode, low: str, high: str) -> None:
    """The means of 0 and 0.5, and of 0.2 and 0.5, are 0.25 and 0.35."""
    scale = Scale(D(0), D(100), D("0.1"))
    rule = rubric(
        100,
        scale=scale,
        aggregation=Aggregation(roundings=(Rounding(RoundAt.TOTAL, D("0.1"), mode),)),
    )
    assert total(rule, (0,), ("0.5",)) == D(low)
    assert total(rule, ("0.2",), ("0.5",)) == D(high)


def test_rounding_each_evaluator_differs_from_rounding_the_mean() -> None:
    """Totals 70.4, 70.4 and 70.6: rounded each, 70 + 70 + 71 = 211, a mean of 70.33; else 70."""
    scale = Scale(D(0), D(100), D("0.2"))
    each = Aggregation(roundings=(Rounding(RoundAt.EVALUATOR, D(1)),))
    both = Aggregation(
        roundings=(Rounding(RoundAt.EVALUATOR, D(1)), Rounding(RoundAt.TOTAL, D("0.1")))
    )
    sheets = (("70.4",), ("70.4",), ("70.6",))
    assert total(rubric(100, scale=scale, aggregation=each), *sheets) == D("70.333333333333333333")
    assert total(rubric(100, scale=scale, aggregation=both), *sheets) == D("70.3")


SIXTHS = Scale(D(0), D(6), D(1))


def test_a_half_reached_over_sixths_is_a_half() -> None:
    """Of 6 points, 25 each: (5,2,6,2) are 15/24 of 100, which is 62.5 and goes up to 63.

    Decimals alone add up to 62.49999999999999999999999999.
    """
    whole = Aggregation(roundings=(Rounding(RoundAt.TOTAL, D(1)),))
    rule = rubric(25, 25, 25, 25, scale=SIXTHS, aggregation=whole)
    assert total(rule, (5, 2, 6, 2)) == 63


def test_a_floor_reached_over_sixths_is_reached() -> None:
    """Of 6 points, 25 each: (5,5,3,5) are 18/24 of 100, which is 75."""
    rule = rubric(25, 25, 25, 25, scale=SIXTHS, aggregation=Aggregation(total_floor=D(75)))
    assert score(rule, candidate("x", (5, 5, 3, 5))).standing is Standing.RANKED


def test_extremes_that_are_equal_over_different_thirds_are_dropped_together() -> None:
    """Of 3 points, 40/40/20: (1,0,2) and (2,0,0) both give 80/3, the lowest."""
    aggregation = Aggregation(
        trim=Trim.DROP_HIGH_LOW, trim_ties=TrimTies.DROP_ALL, missing=Missing.REWEIGH
    )
    rule = rubric(40, 40, 20, scale=Scale(D(0), D(3), D(1)), aggregation=aggregation)
    found = score(rule, candidate("x", (1, 0, 2), (2, 0, 0), (3, 3, 3), (3, 3, 0), (0, 3, 3)))
    assert kept(found) == "e4 e5"
    assert found.total == 70


def test_equal_totals_reached_over_different_thirds_are_tied() -> None:
    """Of 3 points, 40/40/20: (1,0,2) and (0,3,3) give 130/3 as (0,3,1) and (1,2,0) do."""
    rule = rubric(40, 40, 20, scale=Scale(D(0), D(3), D(1)))
    lines = rank(rule, [candidate("x", (1, 0, 2), (0, 3, 3)), candidate("y", (0, 3, 1), (1, 2, 0))])
    assert places(lines) == [("x", 1, "shared"), ("y", 1, "shared")]


def test_the_arithmetic_does_not_depend_on_the_caller_s_precision() -> None:
    rule = rubric(40, 60, scale=Scale(D(0), D(3), D(1)), tie_breaks="a")
    found = [candidate("x", (1, 2), (2, 2)), candidate("y", (3, 1), (2, 3))]
    with localcontext(prec=4):
        coarse = rank(rule, found)
    assert coarse == rank(rule, found)


# Scales on which lower is better


def test_where_lower_is_better_the_least_total_is_first() -> None:
    """From 1.0 (best) to 5.0 in tenths: means 1.5, 2.0 and 2.25."""
    rule = rubric(100, scale=REVERSED, aggregation=Aggregation(Points.OF_SCALE))
    lines = rank(
        rule,
        [
            candidate("x", ("2.0",), ("2.5",)),
            candidate("y", ("1.2",), ("1.8",)),
            candidate("z", (2,)),
        ],
    )
    assert [(line.scored.application, line.scored.total) for line in lines] == [
        ("y", D("1.5")),
        ("z", D("2.0")),
        ("x", D("2.25")),
    ]


def test_points_of_the_scale_keep_its_unit() -> None:
    """Weights 60 and 40 on 1.0 to 5.0: 0.6 x 1.5 + 0.4 x 3.0 = 2.1."""
    rule = rubric(60, 40, scale=REVERSED, aggregation=Aggregation(Points.OF_SCALE))
    assert total(rule, ("1.5", "3.0")) == D("2.1")


def test_where_lower_is_better_a_floor_is_missed_from_above() -> None:
    rule = rubric(
        100, scale=REVERSED, aggregation=Aggregation(Points.OF_SCALE, total_floor=D("3.0"))
    )
    lines = rank(rule, [candidate("x", ("3.1",)), candidate("y", ("3.0",))])
    assert places(lines) == [("y", 1, "total"), ("x", None, "below-floor")]


# Missing marks


def test_a_missing_mark_is_reweighed_over_those_that_were_given() -> None:
    """N/A on 20%: (40 x 90% + 40 x 70%) / 80% = 64 / 0.8 = 80, and never 64."""
    aggregation = Aggregation(missing=Missing.REWEIGH)
    assert total(rubric(40, 40, 20, aggregation=aggregation), (90, 70, None)) == 80


def test_a_sheet_with_a_missing_mark_is_left_out_where_the_rubric_says_so() -> None:
    aggregation = Aggregation(missing=Missing.EXCLUDE_EVALUATION)
    found = score(
        rubric(40, 40, 20, aggregation=aggregation), candidate("x", (90, 70, None), (60, 60, 60))
    )
    assert [s.total for s in found.sheets] == [None, 60]
    assert kept(found) == "e2"
    assert found.total == 60
    assert [m.mean for m in found.means] == [60, 60, 60]


def test_a_sheet_that_was_left_out_stays_out_when_others_are_dropped_at_the_ends() -> None:
    aggregation = Aggregation(
        trim=Trim.DROP_HIGH_LOW, trim_from=3, missing=Missing.EXCLUDE_EVALUATION
    )
    rule = rubric(50, 50, aggregation=aggregation)
    found = score(rule, candidate("x", (99, None), (10, 10), (20, 20), (30, 30)))
    assert kept(found) == "e3"
    assert [m.mean for m in found.means] == [20, 20]


def test_the_marks_that_were_given_are_rounded_and_the_missing_one_is_not() -> None:
    """40% of 91 is 36.4, to 36 points; over the 80% that were scored, (36 + 28) / 0.8 = 80."""
    rounded = Aggregation(missing=Missing.REWEIGH, roundings=(Rounding(RoundAt.CRITERION, D(1)),))
    assert total(rubric(40, 40, 20, aggregation=rounded), (91, 70, None)) == 80


def test_a_missing_mark_is_refused_where_the_rubric_does_not_say_what_it_means() -> None:
    with pytest.raises(DomainError) as refused:
        total(rubric(40, 40, 20), (90, 70, None))
    (violation,) = refused.value.violations
    assert violation.code == "mark-missing"
    assert (violation.field, violation.value) == ("x.e1.c", "N/A")


@pytest.mark.parametrize("missing", list(Missing))
def test_a_missing_mark_that_does_not_count_changes_nothing(missing: Missing) -> None:
    aggregation = Aggregation(missing=missing)
    assert total(rubric(100, 0, aggregation=aggregation), (90, None), (80, 10)) == 85


@pytest.mark.parametrize("missing", [Missing.REWEIGH, Missing.EXCLUDE_EVALUATION])
def test_a_sheet_of_nothing_but_na_has_no_total(missing: Missing) -> None:
    rule = rubric(60, 40, aggregation=Aggregation(missing=missing))
    found = score(rule, candidate("x", (None, None), (80, 80)))
    assert [s.total for s in found.sheets] == [None, 80]
    assert found.total == 80
    empty = score(rule, candidate("x", (None, None)))
    assert (empty.total, empty.standing) == (None, Standing.NO_QUORUM)


def test_a_mark_that_is_not_on_the_sheet_is_missing_and_not_zero() -> None:
    aggregation = Aggregation(missing=Missing.REWEIGH)
    assert total(rubric(40, 60, aggregation=aggregation), (90,)) == 90


# Floors, quorum, variants


def test_a_floor_of_a_criterion_is_for_its_mean_mark() -> None:
    """Floor 3 of 5 on the first criterion: means 3.0 and 2.75."""
    rule = rubric(50, 50, scale=TO_FIVE)
    first = replace(rule.criteria[0], floor=D(3))
    rule = replace(rule, criteria=(first, rule.criteria[1]))
    lines = rank(rule, [candidate("x", ("2.5", 5), (3, 5)), candidate("y", ("2.5", 2), ("3.5", 2))])
    assert places(lines) == [("y", 1, "total"), ("x", None, "below-floor")]
    assert lines[1].scored.floors_missed == ("a",)
    assert lines[1].scored.total == D("77.5")


def test_a_floor_of_the_total_is_reached_by_reaching_it() -> None:
    rule = rubric(100, aggregation=Aggregation(total_floor=D(85)))
    lines = rank(rule, [candidate("x", (84,), (85,)), candidate("y", (84,), (86,))])
    assert places(lines) == [("y", 1, "total"), ("x", None, "below-floor")]
    assert lines[1].scored.floors_missed == ("total",)


def test_a_floor_is_compared_with_the_rounded_total() -> None:
    rule = rubric(
        100,
        aggregation=Aggregation(total_floor=D(85), roundings=(Rounding(RoundAt.TOTAL, D(1)),)),
    )
    assert score(rule, candidate("x", (84,), (85,))).standing is Standing.RANKED


def test_every_floor_that_was_missed_is_named() -> None:
    rule = rubric(50, 50, aggregation=Aggregation(total_floor=D(50)))
    rule = replace(rule, criteria=tuple(replace(c, floor=D(40)) for c in rule.criteria))
    assert score(rule, candidate("x", (30, 39))).floors_missed == ("a", "b", "total")


def test_a_floor_is_missed_by_a_criterion_that_nobody_scored() -> None:
    rule = rubric(50, 50, aggregation=Aggregation(missing=Missing.REWEIGH))
    rule = replace(rule, criteria=(rule.criteria[0], replace(rule.criteria[1], floor=D(10))))
    assert score(rule, candidate("x", (30, None))).floors_missed == ("b",)


def test_an_application_without_a_quorum_has_no_rank_but_keeps_its_total() -> None:
    rule = rubric(100, quorum=2)
    lines = rank(rule, [candidate("x", (100,)), candidate("y", (50,), (50,)), candidate("z")])
    assert places(lines) == [("y", 1, "total"), ("x", None, "no-quorum"), ("z", None, "no-quorum")]
    assert lines[1].scored.total == 100


def test_sheets_that_were_dropped_at_the_ends_count_for_the_quorum() -> None:
    rule = rubric(100, quorum=3, aggregation=Aggregation(trim=Trim.DROP_HIGH_LOW, trim_from=3))
    found = score(rule, candidate("x", (10,), (50,), (90,)))
    assert (kept(found), found.standing) == ("e2", Standing.RANKED)


def test_sheets_left_out_for_a_missing_mark_do_not_count_for_the_quorum() -> None:
    rule = rubric(50, 50, quorum=2, aggregation=Aggregation(missing=Missing.EXCLUDE_EVALUATION))
    assert score(rule, candidate("x", (50, None), (50, 50))).standing is Standing.NO_QUORUM


def test_a_variant_weighs_the_marks_of_its_countries_otherwise() -> None:
    weights = (VariantWeight(IDS[0], D(20)), VariantWeight(IDS[1], D(80)))
    rule = replace(rubric(50, 50), variants=(Variant("andes", CityGroup(("PE", "BO")), weights),))
    assert score(rule, candidate("x", (100, 0), country="PE")).total == 20
    assert score(rule, candidate("x", (100, 0), country="KH")).total == 50
