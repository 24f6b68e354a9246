"""Krippendorff's alpha against his own example, another implementation and its own algebra."""

import math
from random import Random
from typing import get_args

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.evaluation_consistency.alpha import Level, krippendorff_alpha

LEVELS: tuple[Level, ...] = get_args(Level)

# Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", section C: four observers,
# twelve units; a full stop is a missing value.
KRIPPENDORFF = {
    f"u{unit:02}": {
        observer: int(line[unit])
        for observer, line in {
            "A": "123321412...",
            "B": "1233224125.3",
            "C": ".3332342251.",
            "D": "12332441251.",
        }.items()
        if line[unit] != "."
    }
    for unit in range(12)
}

sparse = st.dictionaries(
    st.sampled_from([f"u{number}" for number in range(8)]),
    st.dictionaries(st.sampled_from("abcde"), st.integers(0, 6), max_size=5),
    max_size=8,
)
levels = st.sampled_from(LEVELS)


def moved(
    marks: dict[str, dict[str, int]], shift: float = 0, unit: float = 1
) -> dict[str, dict[str, float]]:
    return {
        u: {o: shift + unit * v for o, v in given_marks.items()} for u, given_marks in marks.items()
    }


@pytest.mark.parametrize(
    ("level", "published"),
    [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)],
)
def test_krippendorffs_example_with_missing_marks_is_reproduced(
    level: Level, published: float
) -> None:
    result = krippendorff_alpha(KRIPPENDORFF, level)
    assert result.value == pytest.approx(published, abs=5e-4)
    # Unit 12 has a single mark, which cannot be paired.
    assert (result.units, result.marks) == (11, 40)


@given(sparse, levels)
def test_alpha_equals_that_of_another_implementation(
    marks: dict[str, dict[str, int]], level: Level
) -> None:
    result = krippendorff_alpha(marks, level)
    pairable = [v for m in marks.values() if len(m) > 1 for v in m.values()]
    if len(set(pairable)) < 2:
        assert result.value is None
        assert result.reason is not None
        return
    matrix = [[marks[u].get(o, math.nan) for u in sorted(marks)] for o in "abcde"]
    expected = krippendorff.alpha(np.array(matrix, dtype=float), level_of_measurement=level)
    assert result.value == pytest.approx(float(expected), abs=1e-9)
    assert result.reason is None


@given(
    st.dictionaries(
        st.text("tuvw", min_size=1, max_size=3),
        st.tuples(st.integers(0, 6), st.sets(st.sampled_from("abcde"), min_size=2)),
        min_size=2,
    ).filter(lambda units: len({mark for mark, _ in units.values()}) > 1),
    levels,
)
def test_perfect_agreement_is_one(units: dict[str, tuple[int, set[str]]], level: Level) -> None:
    marks = {unit: dict.fromkeys(observers, mark) for unit, (mark, observers) in units.items()}
    assert krippendorff_alpha(marks, level).value == 1


@given(sparse, levels, st.randoms(use_true_random=False))
def test_the_order_of_the_mappings_has_no_influence(
    marks: dict[str, dict[str, int]], level: Level, random: Random
) -> None:
    shuffled = {
        unit: dict(random.sample(sorted(marks[unit].items()), len(marks[unit])))
        for unit in random.sample(sorted(marks), len(marks))
    }
    assert krippendorff_alpha(shuffled, level) == krippendorff_alpha(marks, level)


@given(sparse, levels, st.permutations("abcde"))
def test_who_gave_which_mark_of_a_unit_has_no_influence(
    marks: dict[str, dict[str, int]], level: Level, order: list[str]
) -> None:
    swapped = {
        f"{ord(u[1])}-{u}": {order["abcde".index(o)]: v for o, v in m.items()}
        for u, m in marks.items()
    }
    before, after = krippendorff_alpha(marks, level), krippendorff_alpha(swapped, level)
    assert after.value == pytest.approx(before.value)


@given(sparse, st.integers(-9, 9), st.sampled_from([0.5, 3]))
def test_interval_alpha_ignores_the_origin_and_unit_of_the_scale(
    marks: dict[str, dict[str, int]], shift: int, unit: float
) -> None:
    before = krippendorff_alpha(marks, "interval").value
    assert krippendorff_alpha(moved(marks, shift, unit), "interval").value == pytest.approx(before)


@given(sparse, st.sampled_from([0.5, 3]))
def test_ratio_alpha_ignores_the_unit_of_the_scale(
    marks: dict[str, dict[str, int]], unit: float
) -> None:
    before = krippendorff_alpha(marks, "ratio").value
    assert krippendorff_alpha(moved(marks, unit=unit), "ratio").value == pytest.approx(before)


def test_ratio_alpha_depends_on_the_origin_of_the_scale() -> None:
    shifted = krippendorff_alpha(moved(KRIPPENDORFF, shift=5), "ratio").value
    assert shifted != pytest.approx(krippendorff_alpha(KRIPPENDORFF, "ratio").value, abs=1e-3)


@given(sparse)
def test_ordinal_alpha_depends_on_nothing_but_the_order_of_the_marks(
    marks: dict[str, dict[str, int]],
) -> None:
    stretched = {u: {o: v**3 for o, v in m.items()} for u, m in marks.items()}
    before = krippendorff_alpha(marks, "ordinal").value
    assert krippendorff_alpha(stretched, "ordinal").value == before


@pytest.mark.parametrize(
    ("marks", "level", "reason"),
    [
        ({}, "interval", "no target has two marks to compare"),
        ({"a": {"x": 1}, "b": {"y": 2}}, "nominal", "no target has two marks to compare"),
        (
            {"a": {"x": 3, "y": 3}, "b": {"x": 3, "y": 3}, "c": {"x": 1}},
            "ordinal",
            "all comparable marks are the same: there is no variation to agree on",
        ),
        ({"a": {"x": -1, "y": 1}}, "ratio", "a ratio scale has no negative marks"),
        (
            {"a": {"x": 0, "y": 1e-200}},
            "interval",
            "the marks differ by less than arithmetic can resolve",
        ),
    ],
)
def test_undefined_cases_give_no_value_but_a_reason(
    marks: dict[str, dict[str, float]], level: Level, reason: str
) -> None:
    result = krippendorff_alpha(marks, level)
    assert (result.value, result.reason) == (None, reason)
    assert (result.observed, result.expected) == (None, None)


def test_two_zeros_on_a_ratio_scale_do_not_differ() -> None:
    marks = {"a": {"x": 0, "y": 0}, "b": {"x": 4, "y": 4}}
    assert krippendorff_alpha(marks, "ratio").value == 1
