"""Intraclass correlations against published tables, a real panel and their own algebra."""

import csv
import math
from decimal import Decimal
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from projections.evaluation_consistency.icc import (
    Coefficient,
    OneWay,
    TwoWay,
    choose_design,
    one_way,
    two_way,
)
from tests.reference import reference

# Shrout and Fleiss 1979, table 2: six targets, four judges.
SHROUT_FLEISS = {
    f"target-{row}": {f"judge-{column}": value for column, value in enumerate(values)}
    for row, values in enumerate(
        [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    )
}

grades = st.integers(10, 50).map(lambda tenths: tenths / 10)
labels = [f"e{number}" for number in range(5)]
sparse = st.dictionaries(
    st.sampled_from([f"t{number}" for number in range(7)]),
    st.dictionaries(st.sampled_from(labels), grades, max_size=5),
    max_size=7,
)
panels = st.tuples(st.integers(2, 5), st.integers(2, 5)).flatmap(
    lambda shape: st.lists(
        st.lists(grades, min_size=shape[1], max_size=shape[1]),
        min_size=shape[0],
        max_size=shape[0],
    )
)


def as_marks(rows: list[list[float]]) -> dict[str, dict[str, float]]:
    return {f"t{i}": {f"e{j}": value for j, value in enumerate(row)} for i, row in enumerate(rows)}


def coefficients(result: OneWay | TwoWay) -> list[Coefficient]:
    if isinstance(result, OneWay):
        return [result.single, result.average]
    return [
        result.agreement_single,
        result.agreement_average,
        result.consistency_single,
        result.consistency_average,
    ]


def values(result: OneWay | TwoWay) -> list[float | None]:
    return [coefficient.value for coefficient in coefficients(result)]


def limits(coefficient: Coefficient) -> tuple[float, float]:
    assert coefficient.interval is not None
    return coefficient.interval.lower, coefficient.interval.upper


@pytest.fixture
def aibs() -> dict[str, dict[str, Decimal]]:
    marks: dict[str, dict[str, Decimal]] = {}
    with reference("AIBS.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            marks.setdefault(row["ID"], {})[row["RevID"]] = Decimal(row["Score"])
    return marks


def test_the_one_way_coefficients_of_shrout_and_fleiss_are_reproduced() -> None:
    result = one_way(SHROUT_FLEISS)
    assert values(result) == pytest.approx([0.166, 0.443], abs=5e-4)
    assert (result.targets, result.marks, result.k0) == (6, 24, 4)
    # Table 3 of the paper: mean squares between and within targets.
    assert (result.msb, result.msw) == pytest.approx((11.24, 6.26), abs=5e-3)


def test_the_two_way_coefficients_of_shrout_and_fleiss_are_reproduced() -> None:
    result = two_way(SHROUT_FLEISS)
    assert values(result) == pytest.approx([0.290, 0.620, 0.715, 0.909], abs=5e-4)
    assert (result.targets, result.evaluators) == (6, 4)
    assert (result.msr, result.msc, result.mse) == pytest.approx((11.24, 32.49, 1.02), abs=5e-3)


def test_the_intervals_are_those_that_revelles_psych_manual_prints_for_the_same_table() -> None:
    # R package psych, documentation of ICC(): lower and upper bounds, as printed there.
    one, two = one_way(SHROUT_FLEISS), two_way(SHROUT_FLEISS)
    assert limits(one.single) == pytest.approx((-0.133, 0.72), abs=5e-3)
    assert limits(one.average) == pytest.approx((-0.884, 0.91), abs=5e-3)
    assert limits(two.agreement_single) == pytest.approx((0.019, 0.76), abs=5e-3)
    assert limits(two.agreement_average) == pytest.approx((0.071, 0.93), abs=5e-3)
    assert limits(two.consistency_single) == pytest.approx((0.342, 0.95), abs=5e-3)
    assert limits(two.consistency_average) == pytest.approx((0.676, 0.99), abs=5e-3)
    exact = [
        coefficient.interval.exact for coefficient in coefficients(two) if coefficient.interval
    ]
    assert exact == [False, False, True, True]


def test_a_real_panel_gives_its_published_coefficients(aibs: dict[str, dict[str, Decimal]]) -> None:
    result = one_way(aibs)
    assert (result.msb, result.msw) == pytest.approx((1.10901, 0.40028), abs=5e-6)
    assert values(result) == pytest.approx([0.37115, 0.63907], abs=5e-6)
    assert choose_design(aibs).kind == "one-way"


def test_the_best_of_a_real_panel_alone_look_far_less_reliable(
    aibs: dict[str, dict[str, Decimal]],
) -> None:
    best = sorted(aibs, key=lambda target: sum(aibs[target].values()))[:58]
    result = one_way({target: aibs[target] for target in best})
    assert result.single.value == pytest.approx(0.06982, abs=5e-6)


def test_unequal_numbers_of_marks_use_k0_and_say_that_the_interval_is_approximate() -> None:
    # By hand: means 2, 5, 9 of 2, 1 and 3 marks, grand mean 6; SSB 32 + 1 + 27, SSW 2 + 0 + 2.
    marks = {"a": {"x": 1, "y": 3}, "b": {"x": 5}, "c": {"x": 8, "y": 9, "z": 10}}
    result = one_way(marks)
    k0 = (6 - 14 / 6) / 2
    assert (result.k0, result.msb, result.msw) == pytest.approx((k0, 30, 4 / 3))
    assert result.single.value == pytest.approx((30 - 4 / 3) / (30 + (k0 - 1) * 4 / 3))
    assert result.average.value == pytest.approx((30 - 4 / 3) / 30)
    assert result.single.interval is not None
    assert not result.single.interval.exact


def test_a_full_panel_is_a_two_way_design() -> None:
    design = choose_design(SHROUT_FLEISS)
    assert (design.kind, design.targets, design.evaluators, design.marks) == ("two-way", 6, 4, 24)
    assert design.reason == "all 4 evaluators marked all 6 targets"


def test_one_missing_mark_makes_it_a_one_way_design() -> None:
    marks = {"a": {"x": 1, "y": 2}, "b": {"x": 2, "y": 4}, "c": {"x": 5}}
    design = choose_design(marks)
    assert design.kind == "one-way"
    assert design.reason.startswith("evaluators differ between targets: 5 of the 6 marks")
    refused = two_way(marks)
    assert refused.msr is None
    assert {coefficient.reason for coefficient in coefficients(refused)} == {
        "1 of the full panel's 6 marks are missing"
    }


@pytest.mark.parametrize(
    ("marks", "reason"),
    [
        ({}, "fewer than two targets were marked"),
        ({"a": {"x": 1, "y": 2}}, "fewer than two targets were marked"),
        ({"a": {"x": 1, "y": 2}, "b": {}}, "fewer than two targets were marked"),
        ({"a": {"x": 1}, "b": {"y": 2}}, "no target has two marks to compare"),
        (
            {"a": {"x": 0.1, "y": 0.1}, "b": {"x": 0.1, "y": 0.1}},
            "all marks are the same: there is no variance to apportion",
        ),
    ],
)
def test_undefined_cases_give_no_value_but_a_reason(
    marks: dict[str, dict[str, float]], reason: str
) -> None:
    design = choose_design(marks)
    assert (design.kind, design.reason) == (None, reason)
    for result in (one_way(marks), two_way(marks)):
        for coefficient in coefficients(result):
            assert coefficient == Coefficient(None, reason, None, reason)


def test_targets_with_equal_means_have_no_reliability_of_means() -> None:
    # 0.1 + 0.7 and 0.3 + 0.5 differ in the last bit; the targets do not.
    marks = {"a": {"x": 0.1, "y": 0.7}, "b": {"x": 0.3, "y": 0.5}, "c": {"x": 0.7, "y": 0.1}}
    result = one_way(marks)
    assert result.msb == 0
    assert result.single.value == pytest.approx(-1)
    assert result.average.value is None
    assert (
        result.average.reason == "the targets' mean marks differ too little to tell targets apart"
    )
    assert two_way(marks).consistency_average.value is None
    assert two_way(marks).agreement_average.value is None


def test_perfect_agreement_is_one_with_no_interval() -> None:
    marks = as_marks([[1.1, 1.1, 1.1], [2.3, 2.3, 2.3], [4.7, 4.7, 4.7]])
    for coefficient in coefficients(one_way(marks)) + coefficients(two_way(marks)):
        assert coefficient.value == 1
        assert coefficient.interval is None
        assert coefficient.interval_reason == "the mean squares leave the F interval undefined"


def test_a_mark_that_is_not_a_number_is_an_error_and_not_a_missing_mark() -> None:
    marks = {"a": {"x": Decimal("NaN"), "y": Decimal(1)}, "b": {"x": Decimal(1), "y": Decimal(2)}}
    with pytest.raises(ValueError, match="'x' for 'a' is not a finite number"):
        one_way(marks)


def test_an_interval_that_the_approximation_cannot_give_is_left_out() -> None:
    # The lower limit of a single mark is below -1/2, which no mean of three marks can follow.
    unbounded = two_way(as_marks([[5, 2, 2], [1, 2, 2], [3, 5, 3]]))
    assert limits(unbounded.agreement_single)[0] < -1 / 2
    # Satterthwaite's degrees of freedom are 0.003, and the limits would miss the value.
    tiny = two_way(as_marks([[1, 1, 1, 1, 1.6], [1, 1, 1, 1.4, 1.1]]))
    for coefficient in (unbounded.agreement_average, tiny.agreement_single):
        assert coefficient.value is not None
        assert coefficient.interval is None
        assert coefficient.interval_reason == "the mean squares leave the F interval undefined"


def test_an_agreement_whose_denominator_cancels_is_refused_and_not_exploded() -> None:
    # MSR = MSC = 0.01 and MSE = 0.04 on three targets: MSR + (MSC - MSE) / 3 is zero, but floats
    # leave 9e-18 of it.
    panel = two_way(as_marks([[1.5, 1.8, 1.6], [1.7, 1.5, 1.4], [1.8, 1.4, 1.7]]))
    assert (panel.msr, panel.msc, panel.mse) == pytest.approx((0.01, 0.01, 0.04))
    assert panel.agreement_average.value is None
    assert panel.agreement_single.value is not None


@given(sparse)
def test_every_coefficient_is_a_number_of_at_most_one_or_has_a_reason(
    marks: dict[str, dict[str, float]],
) -> None:
    for coefficient in coefficients(one_way(marks)) + coefficients(two_way(marks)):
        assert (coefficient.value is None) == (coefficient.reason is not None)
        assert (coefficient.interval is None) == (coefficient.interval_reason is not None)
        if coefficient.value is not None:
            assert math.isfinite(coefficient.value)
            assert coefficient.value <= 1 + 1e-12
        if coefficient.value is not None and coefficient.interval is not None:
            interval = coefficient.interval
            assert interval.lower <= coefficient.value + 1e-9
            assert coefficient.value <= interval.upper + 1e-9


@given(sparse, st.randoms(use_true_random=False))
def test_the_order_of_the_mappings_has_no_influence(
    marks: dict[str, dict[str, float]], random: Random
) -> None:
    shuffled = {
        target: dict(random.sample(sorted(marks[target].items()), len(marks[target])))
        for target in random.sample(sorted(marks), len(marks))
    }
    assert one_way(shuffled) == one_way(marks)
    assert two_way(shuffled) == two_way(marks)
    assert choose_design(shuffled) == choose_design(marks)


@given(panels, st.permutations(range(5)))
def test_relabelling_targets_and_evaluators_changes_nothing(
    rows: list[list[float]], order: list[int]
) -> None:
    marks = as_marks(rows)
    relabelled = {
        f"t{order[int(target[1:])]}": {f"e{order[int(e[1:])]}": v for e, v in given_marks.items()}
        for target, given_marks in marks.items()
    }
    assert values(one_way(relabelled)) == pytest.approx(values(one_way(marks)))
    assert values(two_way(relabelled)) == pytest.approx(values(two_way(marks)))


@given(panels, st.lists(st.integers(-5, 5), min_size=5, max_size=5))
def test_consistency_ignores_how_severe_each_evaluator_is(
    rows: list[list[float]], shifts: list[int]
) -> None:
    shifted = [[value + shifts[j] for j, value in enumerate(row)] for row in rows]
    before, after = two_way(as_marks(rows)), two_way(as_marks(shifted))
    # A shift can make identical marks differ, and then a coefficient appears where none was.
    assume(before.msr is not None and after.msr is not None)
    assert after.consistency_single.value == pytest.approx(before.consistency_single.value)
    assert after.consistency_average.value == pytest.approx(before.consistency_average.value)


def test_agreement_does_not_ignore_how_severe_each_evaluator_is() -> None:
    severe = {
        t: {e: v - 5 * (e == "judge-0") for e, v in m.items()} for t, m in SHROUT_FLEISS.items()
    }
    assert two_way(severe).agreement_single.value != pytest.approx(
        two_way(SHROUT_FLEISS).agreement_single.value
    )


@given(panels, st.integers(-5, 5), st.sampled_from([0.5, 2, 10]))
def test_the_unit_and_origin_of_the_scale_have_no_influence(
    rows: list[list[float]], shift: int, unit: float
) -> None:
    moved = as_marks([[shift + unit * value for value in row] for row in rows])
    marks = as_marks(rows)
    assert values(one_way(moved)) == pytest.approx(values(one_way(marks)))
    assert values(two_way(moved)) == pytest.approx(values(two_way(marks)))
