"""Severity against hand-worked panels, a slow second computation and its own algebra."""

from decimal import Decimal
from random import Random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.evaluation_consistency.severity import Severity, severities

sparse = st.dictionaries(
    st.sampled_from([f"t{number}" for number in range(7)]),
    st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 9), max_size=4),
    max_size=7,
)


def test_a_mark_is_compared_with_the_mean_of_the_others_on_the_same_target() -> None:
    # x: 4 against 1.5, then 6 against 8. y: 1 against 3, then 8 against 6. z: 2 against 2.5.
    report = severities({"a": {"x": 4, "y": 1, "z": 2}, "b": {"x": 6, "y": 8}})
    assert [(row.evaluator, row.n) for row in report.evaluators] == [("x", 2), ("y", 2), ("z", 1)]
    assert [row.deviation for row in report.evaluators] == [0.25, 0, -0.5]


def test_decimal_marks_are_taken_as_they_are() -> None:
    report = severities({"a": {"x": Decimal("4.5"), "y": Decimal("4.0")}})
    assert [row.deviation for row in report.evaluators] == [0.5, -0.5]


def test_an_evaluator_alone_on_every_target_gets_no_deviation_but_a_reason() -> None:
    report = severities({"a": {"x": 4, "y": 1}, "b": {"z": 9}})
    assert report.evaluators[2] == Severity(
        "z", 0, None, "no other evaluator marked the same targets", 1
    )


def test_a_target_without_a_second_mark_does_not_count() -> None:
    report = severities({"a": {"x": 4, "y": 1}, "b": {"x": 9}})
    assert [(row.n, row.deviation) for row in report.evaluators] == [(1, 3), (1, -3)]


def test_a_panel_that_shares_targets_in_a_chain_is_connected() -> None:
    report = severities({"a": {"x": 1, "y": 2}, "b": {"y": 3, "z": 4}})
    assert (report.connected, report.components) == (True, 1)
    assert report.advisory is True
    assert report.advice.startswith("Advisory:")
    assert "parts" not in report.advice


def test_panels_that_share_nothing_fall_into_parts_and_the_advice_says_so() -> None:
    report = severities({"a": {"x": 1, "y": 2}, "b": {"v": 3, "w": 4}})
    assert (report.connected, report.components) == (False, 2)
    assert "2 parts" in report.advice
    parts = {row.evaluator: row.component for row in report.evaluators}
    assert parts["x"] == parts["y"]
    assert parts["v"] == parts["w"]
    assert parts["x"] != parts["v"]


def test_nothing_marked_is_not_connected() -> None:
    report = severities({"a": {}})
    assert (report.evaluators, report.connected, report.components) == ((), False, 0)
    assert report.advice == "Advisory: nobody has marked anything."
    assert report.advisory is True


@given(sparse)
def test_deviations_equal_those_of_a_computation_mark_by_mark(
    marks: dict[str, dict[str, int]],
) -> None:
    expected: dict[str, list[float]] = {
        e: [] for given_marks in marks.values() for e in given_marks
    }
    for given_marks in marks.values():
        for evaluator, mark in given_marks.items():
            others = [m for e, m in given_marks.items() if e != evaluator]
            if others:
                expected[evaluator].append(mark - fmean(others))
    rows = {row.evaluator: row for row in severities(marks).evaluators}
    assert rows.keys() == expected.keys()
    for evaluator, deviations in expected.items():
        assert rows[evaluator].n == len(deviations)
        mean = fmean(deviations) if deviations else None
        assert rows[evaluator].deviation == pytest.approx(mean, abs=1e-12)


@given(sparse)
def test_evaluators_are_in_one_part_exactly_if_a_chain_of_shared_targets_joins_them(
    marks: dict[str, dict[str, int]],
) -> None:
    groups: list[set[str]] = []
    for given_marks in marks.values():
        joined = set(given_marks)
        if joined:
            touching = [group for group in groups if group & joined]
            groups = [group for group in groups if not group & joined]
            groups.append(joined.union(*touching))
    report = severities(marks)
    assert report.components == len(groups)
    assert report.connected == (len(groups) == 1)
    parts: dict[int, set[str]] = {}
    for row in report.evaluators:
        parts.setdefault(row.component, set()).add(row.evaluator)
    assert sorted(map(sorted, parts.values())) == sorted(map(sorted, groups))


@given(sparse, st.randoms(use_true_random=False))
def test_the_order_of_the_mappings_has_no_influence(
    marks: dict[str, dict[str, int]], random: Random
) -> None:
    shuffled = {
        target: dict(random.sample(sorted(marks[target].items()), len(marks[target])))
        for target in random.sample(sorted(marks), len(marks))
    }
    assert severities(shuffled) == severities(marks)


@given(sparse, st.integers(-5, 5))
def test_a_target_on_which_everyone_marks_higher_changes_nobodys_severity(
    marks: dict[str, dict[str, int]], shift: int
) -> None:
    moved = {
        target: {e: m + shift * (target == "t0") for e, m in given_marks.items()}
        for target, given_marks in marks.items()
    }
    before = [row.deviation for row in severities(marks).evaluators]
    assert [row.deviation for row in severities(moved).evaluators] == pytest.approx(
        before, abs=1e-12
    )
