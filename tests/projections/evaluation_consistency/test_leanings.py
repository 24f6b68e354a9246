"""Leanings: against a published table, a second computation, and what must not be told."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from projections.evaluation_consistency.severity import severities
from projections.evaluation_consistency.shrinkage import Leaning

# Shrout and Fleiss 1979, Psychological Bulletin 86(2), table 2: six targets, four judges.
SHROUT_FLEISS = [
    (9.0, 2.0, 5.0, 8.0),
    (6.0, 1.0, 3.0, 2.0),
    (8.0, 4.0, 6.0, 8.0),
    (7.0, 1.0, 2.0, 6.0),
    (10.0, 5.0, 6.0, 9.0),
    (6.0, 2.0, 4.0, 7.0),
]
PANEL = {f"t{n}": dict(zip("abcd", row, strict=True)) for n, row in enumerate(SHROUT_FLEISS)}


def found(marks: dict[str, dict[str, float]]) -> list[Leaning]:
    leanings = [e.leaning for e in severities(marks).evaluators]
    assert all(leanings)
    return [leaning for leaning in leanings if leaning]


def test_on_a_full_panel_the_variances_are_those_of_the_published_table() -> None:
    """Table 3 of the paper gives the mean squares of judges, 32.49, and of error, 1.02."""
    model = severities(PANEL).model
    assert model.reason is None
    assert model.degrees == 15
    assert model.chance == pytest.approx(1.02, abs=5e-3)
    assert model.between == pytest.approx((32.49 - 1.02) / 6, abs=5e-3)


def test_on_a_full_panel_a_leaning_is_the_judge_s_mean_drawn_towards_all_judges() -> None:
    report = severities(PANEL)
    means = np.array(SHROUT_FLEISS).mean(axis=0)
    between, chance = report.model.between, report.model.chance
    assert between is not None
    assert chance is not None
    share = between / (between + chance / 6)
    for leaning, mean in zip(found(PANEL), means, strict=True):
        assert leaning.fitted == pytest.approx(mean - means.mean())
        assert leaning.shrunk == pytest.approx(share * (mean - means.mean()))
        assert leaning.low < leaning.shrunk < leaning.high
        assert (leaning.high - leaning.low) / 2 == pytest.approx(
            1.96 * np.sqrt(3 / 4 * between * chance / 6 / (between + chance / 6)), rel=1e-3
        )


def test_on_a_sparse_panel_planted_leanings_are_found_and_worth_is_not_mistaken_for_them() -> None:
    """Each of 400 applications of very different worth goes to three of ten evaluators."""
    random = Random(7)
    planted = {f"e{n}": (n - 4.5) * 2 for n in range(10)}
    marks: dict[str, dict[str, float]] = {}
    for n in range(400):
        worth = random.gauss(60, 15)
        panel = random.sample(sorted(planted), 3)
        marks[f"t{n}"] = {e: worth + planted[e] + random.gauss(0, 3) for e in panel}

    leanings = dict(zip(sorted(planted), found(marks), strict=True))

    assert all(abs(leanings[e].shrunk - planted[e]) < 1 for e in planted)
    assert severities(marks).model.chance == pytest.approx(9, rel=0.15)


def test_whoever_marked_little_is_drawn_further_towards_nought() -> None:
    random = Random(3)
    marks: dict[str, dict[str, float]] = {
        f"t{n}": {e: random.gauss(50, 4) + (5 if e in "acegx" else -5) for e in "abcdefghx"}
        for n in range(60)
    }
    for n in range(6):
        marks[f"t{n}"]["y"] = random.gauss(50, 4) + 5
    *_, x, y = found(marks)
    assert 0 < y.shrunk / y.fitted < x.shrunk / x.fitted < 1
    assert y.high - y.low > x.high - x.low


def test_where_evaluators_do_not_differ_beyond_chance_nobody_leans() -> None:
    marks = {f"t{n}": {e: float((n * k) % 7) for k, e in enumerate("abcd", 2)} for n in range(14)}
    report = severities(marks)
    assert report.model.between == 0
    assert {leaning.shrunk for leaning in found(marks)} == {0}


@pytest.mark.parametrize(
    ("marks", "reason"),
    [
        ({f"t{n}": {"a": 1, "b": n} for n in range(20)}, "fewer than 3 evaluators"),
        (
            {f"t{n}": {"a": 1, "b": 2, "c": 3} for n in range(9)}
            | {f"u{n}": {"d": 1, "e": 2, "f": 3} for n in range(9)},
            "2 parts",
        ),
        (
            {f"t{n}": {"a": 1, "b": 2, **({"c": 3} if n < 4 else {})} for n in range(20)},
            "1 evaluators, c among them, share fewer than 5",
        ),
        ({f"t{n}": {"a": 1, "b": 2, "c": 3} for n in range(5)}, "only 8 degrees of freedom"),
        ({}, "nobody has marked anything"),
    ],
)
def test_a_design_that_cannot_tell_says_why_and_tells_nothing(
    marks: dict[str, dict[str, float]], reason: str
) -> None:
    report = severities(marks)
    assert reason in (report.model.reason or "")
    assert all(e.leaning is None for e in report.evaluators)
