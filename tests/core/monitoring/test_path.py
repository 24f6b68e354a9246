"""The path of an indicator: a straight line between promises, steps where it moves in steps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.monitoring.path import Expected, behind, expected
from core.results import Direction, Indicator, Measure, Period, Target
from tests.project_scenes import INDICATOR, STARTS, TARGETS, WOMEN, Y2024, Y2025

FIRST, SECOND = TARGETS


def on(day: date, of: Indicator = INDICATOR) -> Expected:
    found = expected(of, STARTS, (), day)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("day", "value", "target"),
    [
        (STARTS, "120.5", FIRST),
        (date(2024, 9, 20), "125.25", FIRST),  # half of the 204 days to the first target
        (Y2024.end, "130", FIRST),
        (date(2025, 7, 2), "140.027397260273972602739726", SECOND),  # 183 of 365 days
        (Y2025.end, "150", SECOND),
        (date(2028, 12, 31), "150", SECOND),
    ],
)
def test_the_path_leads_from_the_baseline_to_each_target_by_the_end_of_its_period(
    day: date, value: str, target: Target
) -> None:
    assert float(on(day).value) == pytest.approx(float(value))
    assert on(day).target == target


def test_the_planned_change_is_that_between_the_points_around_the_day() -> None:
    assert on(date(2024, 9, 20)).change == Fraction("9.5")
    assert on(date(2025, 7, 2)).change == on(date(2028, 1, 1)).change == 20


@pytest.mark.parametrize("measure", [Measure.ORDINAL, Measure.NOMINAL])
def test_what_moves_in_steps_is_where_it_was_until_the_next_step_is_due(measure: Measure) -> None:
    steps = replace(INDICATOR, measure=measure)
    assert on(date(2024, 12, 30), steps).value == Fraction("120.5")
    assert on(date(2024, 12, 31), steps).value == 130
    assert on(date(2025, 12, 30), steps).value == 130


def test_a_breakdown_has_no_baseline_and_so_no_path_before_its_first_target_is_due() -> None:
    women = replace(
        INDICATOR, targets=(*TARGETS, replace(FIRST, value=Decimal(60), dimensions=WOMEN))
    )
    assert expected(women, STARTS, WOMEN, date(2024, 12, 30)) is None
    found = expected(women, STARTS, WOMEN, date(2024, 12, 31))
    assert found is not None
    assert (found.value, found.change) == (Fraction(60), Fraction(0))
    assert expected(INDICATOR, STARTS, WOMEN, date(2024, 12, 31)) is None


def test_a_target_for_the_first_day_alone_is_the_path_from_then_on() -> None:
    at_once = replace(INDICATOR, targets=(Target(Period(STARTS, STARTS), Decimal(5)),))
    assert on(STARTS, at_once).value == on(STARTS + timedelta(days=9), at_once).value == 5


def test_behind_is_beyond_the_tolerance_on_the_side_that_is_worse() -> None:
    path = Expected(Fraction(140), SECOND, Fraction(20))
    tenth = Fraction(1, 10)
    assert behind(INDICATOR, path, Fraction("137.999"), tenth)
    assert not behind(INDICATOR, path, Fraction(138), tenth)
    assert not behind(INDICATOR, path, Fraction(200), tenth)
    falling = replace(INDICATOR, direction=Direction.DECREASING)
    assert behind(falling, path, Fraction("142.001"), tenth)
    assert not behind(falling, path, Fraction(142), tenth)
    assert not behind(falling, path, Fraction(0), tenth)


def test_where_nothing_is_to_change_nothing_is_tolerated() -> None:
    path = Expected(Fraction(140), SECOND, Fraction(0))
    assert behind(INDICATOR, path, Fraction("139.999"), Fraction(1, 10))
    assert not behind(INDICATOR, path, Fraction(140), Fraction(1, 10))


@given(st.dates(STARTS, date(2029, 1, 1)), st.dates(STARTS, date(2029, 1, 1)))
def test_a_path_to_rising_targets_never_falls(one: date, other: date) -> None:
    earlier, later = sorted((one, other))
    assert on(earlier).value <= on(later).value
