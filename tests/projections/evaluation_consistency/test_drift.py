"""Drift: a slope where marks moved against the others', a reason where it can't be told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from scipy import stats

from projections.evaluation_consistency.competition import competition
from projections.evaluation_consistency.disagreement import disagreements
from projections.evaluation_consistency.drift import FEWEST, Dated, drifts
from tests.projections.evaluation_consistency.contests import (
    FIRST_OF_MAY,
    contest,
    evaluations,
    rubric,
)


def given_on(days: list[int], values: list[float], evaluator: str = "x") -> list[Dated]:
    return [
        Dated(f"t{n}", evaluator, value, FIRST_OF_MAY + timedelta(days=day))
        for n, (day, value) in enumerate(zip(days, values, strict=True))
    ]


def test_an_evaluator_who_grows_strict_has_a_falling_slope() -> None:
    days = list(range(10))
    steady = given_on(days, [70.0] * 10, "y")
    strict = given_on(days, [70.0 - 2 * day for day in days])
    x, y = drifts([*strict, *steady])
    assert (x.evaluator, x.n, x.days) == ("x", 10, 9)
    assert x.slope == pytest.approx(-2)
    assert y.slope == pytest.approx(2)  # against x, whoever stays the same seems to rise


def test_the_interval_is_student_s() -> None:
    days, values = list(range(9)), [3.0, 1, 4, 1, 5, 9, 2, 6, 5]
    x, _ = drifts([*given_on(days, values), *given_on(days, [0.0] * 9, "y")])
    line = stats.linregress(days, values)
    reach = stats.t.ppf(0.975, 7) * line.stderr
    assert x.slope == pytest.approx(line.slope)
    assert x.low == pytest.approx(line.slope - reach)
    assert x.high == pytest.approx(line.slope + reach)


def test_too_few_marks_marks_alone_and_marks_of_one_moment_tell_nothing() -> None:
    few = list(range(FEWEST - 1))
    x, _ = drifts([*given_on(few, [1.0] * 7), *given_on(few, [2.0] * 7, "y")])
    assert (x.slope, x.reason) == (None, "fewer than 8 marks that can be compared with others'")
    (alone,) = drifts(given_on(list(range(20)), [1.0] * 20))
    assert (alone.n, alone.slope) == (0, None)
    at_once = [0] * 9
    x, _ = drifts([*given_on(at_once, [1.0] * 9), *given_on(at_once, [2.0] * 9, "y")])
    assert (x.slope, x.reason) == (None, "all marks were given at one moment")


def test_the_most_disputed_application_comes_first_with_who_stands_apart() -> None:
    rows = evaluations(
        {
            "call:calm": {"x": (5,), "y": (5,), "z": (6,)},
            "call:disputed": {"x": (9,), "y": (8,), "z": (1,)},
            "call:alone": {"x": (3,)},
        }
    )
    found = disagreements(competition(contest(rubric(), rows), rows, None).scored)
    assert [d.application_id for d in found] == ["call:disputed", "call:calm"]
    assert (float(found[0].lowest), float(found[0].highest)) == (10, 90)
    assert found[0].farthest == "z"
    assert found[0].deviation == pytest.approx(43.589, abs=1e-3)
