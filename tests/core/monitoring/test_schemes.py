"""Rating schemes: each shipped file is sound, never changes, and gives the grades it promises."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.handlers.rating_schemes import FOLDER, shipped
from core.monitoring.rating import Overall, Scheme, overall

KFW = shipped()["kfw-six-points", 1]
JICA = shipped()["jica-flow-chart", 1]
PLAIN = shipped()["plain-four-points", 1]
SCHEMES = pytest.mark.parametrize("scheme", shipped().values(), ids=lambda s: s.ref.id)

# A file that ratings were made by stays as it is: what must change is a new version beside it.
PINNED = {
    ("jica-flow-chart", 1): "52b99e2d0f6b7977df9a420fdc69972b693d38737d479edf27c8afed2a4a560f",
    ("kfw-six-points", 1): "4bf35aaf70c60c7b116caf7627f23cabdbc2670b342336e3b46207f39b98459f",
    ("plain-four-points", 1): "05a34f7177fff1b2285f1c3fda7f5b5e80c6ac35a5395dbfee8bcfb962f7dd98",
}


def graded(scheme: Scheme, grades: str, *weights: int) -> Overall:
    """Grade the criteria in the scheme's order, one letter each."""
    ids = [criterion.id for criterion in scheme.criteria]
    weighed = dict(zip(ids, weights or [1] * len(ids), strict=True))
    found = overall(scheme, dict(zip(ids, grades, strict=True)), weighed)
    assert found is not None
    return found


def test_a_version_of_a_scheme_never_changes() -> None:
    assert {key: scheme.ref.digest for key, scheme in shipped().items()} == PINNED


def test_a_file_is_named_by_its_scheme_and_version() -> None:
    names = {f"{scheme_id}.{version}.toml" for scheme_id, version in shipped()}
    assert names == {path.name for path in FOLDER.iterdir()}


@SCHEMES
def test_a_scheme_says_where_it_comes_from(scheme: Scheme) -> None:
    assert scheme.source
    assert scheme.url.startswith("https://")
    assert all((scheme.title.ko, *(g.title.ko for g in (*scheme.grades, *scheme.overall))))


@SCHEMES
def test_a_scheme_covers_each_criterion_of_the_dac_once(scheme: Scheme) -> None:
    covered = [dac for criterion in scheme.criteria for dac in criterion.covers]
    assert sorted(covered) == sorted(
        ["relevance", "coherence", "effectiveness", "efficiency", "impact", "sustainability"]
    )


@SCHEMES
def test_a_scheme_names_only_criteria_and_grades_that_it_has(scheme: Scheme) -> None:
    criteria = {criterion.id for criterion in scheme.criteria}
    grades, ends = {g.code for g in scheme.grades}, {g.code for g in scheme.overall}
    for knock_out in scheme.knock_outs:
        assert knock_out.criterion in criteria
        assert {knock_out.at_worst, knock_out.best} <= grades
    for row in scheme.rows:
        assert row.overall in ends
        for condition in row.when:
            assert condition.criterion in criteria
            assert set(condition.grades) <= grades


@pytest.mark.parametrize("scheme", [s for s in shipped().values() if s.rows])
def test_a_decision_table_has_no_gap(scheme: Scheme) -> None:
    grades = [grade.code for grade in scheme.grades]
    ends = {grade.code for grade in scheme.overall}
    for combination in product(grades, repeat=len(scheme.criteria)):
        assert graded(scheme, "".join(combination)).grade in ends


@SCHEMES
@given(data=st.data())
def test_a_better_grade_never_makes_the_overall_grade_worse(
    scheme: Scheme, data: st.DataObject
) -> None:
    grades = [grade.code for grade in scheme.grades]
    ends = [grade.code for grade in scheme.overall]
    many = len(scheme.criteria)
    places = data.draw(
        st.lists(st.integers(0, len(grades) - 1), min_size=many, max_size=many), "places"
    )
    better = [data.draw(st.integers(0, place), "better") for place in places]
    first, second = ("".join(grades[place] for place in found) for found in (places, better))
    assert ends.index(graded(scheme, second).grade) <= ends.index(graded(scheme, first).grade)


@pytest.mark.parametrize(
    ("grades", "expected"),
    [
        ("111111", Overall("1", Decimal("1.00"), "mean")),
        ("666666", Overall("6", Decimal("6.00"), "mean")),
        # 12 of 6 is 2; 15 of 6 is 2.5, and a half goes to the worse grade.
        ("122322", Overall("2", Decimal("2.00"), "mean")),
        ("222333", Overall("3", Decimal("2.50"), "mean")),
        # Good on average, but it will not last.
        ("111114", Overall("4", Decimal("1.50"), "knock-out: sustainability")),
        ("111141", Overall("4", Decimal("1.50"), "knock-out: impact")),
        ("114111", Overall("4", Decimal("1.50"), "knock-out: effectiveness")),
        # The other three knock nothing out.
        ("441411", Overall("3", Decimal("2.50"), "mean")),
        # Worse on average than where the knock-out holds it.
        ("666664", Overall("6", Decimal("5.67"), "mean")),
    ],
)
def test_kfw_successful_needs_effectiveness_impact_and_sustainability(
    grades: str, expected: Overall
) -> None:
    assert graded(KFW, grades) == expected


def test_kfw_criteria_are_weighed_by_the_project() -> None:
    assert graded(KFW, "133333", 10, 1, 1, 1, 1, 1) == Overall("2", Decimal("1.67"), "mean")


@given(st.lists(st.sampled_from("123456"), min_size=6, max_size=6))
def test_kfw_is_successful_exactly_where_mean_and_knock_outs_allow_it(grades: list[str]) -> None:
    numbers = [int(grade) for grade in grades]
    allowed = sum(numbers) < 3.5 * 6 and max(numbers[2], numbers[4], numbers[5]) <= 3
    assert (int(graded(KFW, "".join(grades)).grade) <= 3) == allowed


@pytest.mark.parametrize(
    ("grades", "expected"),
    [
        ("3333", "A"),
        ("3323", "A"),
        ("3322", "B"),
        ("3313", "B"),
        ("3223", "B"),
        ("3222", "C"),
        ("3122", "D"),
        ("1333", "D"),
    ],
)
def test_the_flow_chart_asks_one_criterion_after_the_other(grades: str, expected: str) -> None:
    found = graded(JICA, grades)
    assert found.grade == expected
    assert found.mean is None
    assert found.decided_by.startswith("row ")


@pytest.mark.parametrize(
    ("grades", "expected"), [("444444", "4"), ("443333", "3"), ("444333", "3"), ("111112", "1")]
)
def test_four_plain_points_are_averaged(grades: str, expected: str) -> None:
    assert graded(PLAIN, grades).grade == expected


def test_a_decision_table_with_a_gap_decides_nothing_there() -> None:
    gap = replace(JICA, rows=JICA.rows[:1])
    assert overall(gap, dict.fromkeys((c.id for c in JICA.criteria), "3"), {}) is None
