"""Kendall's W against a published table, Friedman's test and its own algebra."""

import math
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from projections.evaluation_consistency.concordance import kendall_w

# Shrout and Fleiss 1979, table 2: six targets, four judges, with ties within judges.
ROWS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]

panels = st.tuples(st.integers(3, 7), st.integers(2, 5)).flatmap(
    lambda shape: st.lists(
        st.lists(st.integers(1, 5), min_size=shape[1], max_size=shape[1]),
        min_size=shape[0],
        max_size=shape[0],
    )
)


def as_marks(rows: list[list[int]]) -> dict[str, dict[str, int]]:
    return {f"t{i}": {f"e{j}": value for j, value in enumerate(row)} for i, row in enumerate(rows)}


def test_the_concordance_of_shrout_and_fleisss_judges_is_corrected_for_ties() -> None:
    result = kendall_w(as_marks(ROWS))
    assert result.w == pytest.approx(0.887, abs=5e-4)
    assert (result.targets, result.evaluators, result.degrees_of_freedom) == (6, 4, 5)
    assert result.chi_square == pytest.approx(4 * 5 * 0.88704, abs=1e-3)
    # The 99.5 % point of chi-square with 5 degrees of freedom is 16.75, the 99.9 % point 20.52.
    assert result.p is not None
    assert 0.001 < result.p < 0.005


@given(panels)
def test_the_chi_square_and_p_are_those_of_friedmans_test(rows: list[list[int]]) -> None:
    result = kendall_w(as_marks(rows))
    columns = np.array(rows).T
    if all(len(set(column)) == 1 for column in columns.tolist()):
        assert result.w is None
        return
    friedman = stats.friedmanchisquare(*rows)
    assert result.chi_square == pytest.approx(float(friedman.statistic), abs=1e-9)
    assert result.p == pytest.approx(float(friedman.pvalue), abs=1e-9)
    assert result.w is not None
    assert -1e-12 <= result.w <= 1 + 1e-12


def test_the_same_order_is_one_however_the_scale_is_used() -> None:
    assert kendall_w(as_marks([[1, 10], [2, 20], [3, 50], [3, 50]])).w == 1


def test_two_opposite_orders_have_no_concordance() -> None:
    result = kendall_w(as_marks([[1, 3], [2, 2], [3, 1]]))
    assert (result.w, result.chi_square, result.p) == (0, 0, 1)


@given(panels, st.randoms(use_true_random=False))
def test_the_order_of_the_mappings_has_no_influence(rows: list[list[int]], random: Random) -> None:
    marks = as_marks(rows)
    shuffled = {
        target: dict(random.sample(sorted(marks[target].items()), len(marks[target])))
        for target in random.sample(sorted(marks), len(marks))
    }
    assert kendall_w(shuffled) == kendall_w(marks)


@given(panels, st.permutations(range(7)))
def test_relabelling_targets_and_evaluators_changes_nothing(
    rows: list[list[int]], order: list[int]
) -> None:
    relabelled = {
        f"t{order[i]}": {f"e{order[j]}": value for j, value in enumerate(row)}
        for i, row in enumerate(rows)
    }
    assert kendall_w(relabelled).w == pytest.approx(kendall_w(as_marks(rows)).w)


@given(panels, st.lists(st.sampled_from([math.exp, math.sqrt, float]), min_size=5, max_size=5))
def test_nothing_but_each_evaluators_order_matters(
    rows: list[list[int]], scales: list["type[float]"]
) -> None:
    rescaled = {
        f"t{i}": {f"e{j}": float(scales[j](value)) for j, value in enumerate(row)}
        for i, row in enumerate(rows)
    }
    assert kendall_w(rescaled) == kendall_w(as_marks(rows))


@pytest.mark.parametrize(
    ("marks", "reason"),
    [
        ({}, "fewer than two targets were marked: there is no order"),
        ({"a": {"x": 1, "y": 2}}, "fewer than two targets were marked: there is no order"),
        (
            {"a": {"x": 1}, "b": {"x": 2}},
            "fewer than two evaluators: there is no other order to compare with",
        ),
        (
            {"a": {"x": 1, "y": 2}, "b": {"x": 2}},
            "1 of the panel's 4 marks are missing: W needs them all",
        ),
        (
            {"a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 2}},
            "every evaluator gave all targets the same mark: there is no order",
        ),
    ],
)
def test_undefined_cases_give_no_value_but_a_reason(
    marks: dict[str, dict[str, int]], reason: str
) -> None:
    result = kendall_w(marks)
    assert result.reason == reason
    assert (result.w, result.chi_square, result.degrees_of_freedom, result.p) == (None,) * 4
