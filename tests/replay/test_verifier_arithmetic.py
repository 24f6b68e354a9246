"""The verifier in one file ranks by arithmetic of its own, and comes to what the rules come to."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.groups import CityFacts, CityGroup
from core.indicators import Band, Banding, Figure, Figures, Holder
from core.ledger.codec import to_json
from core.ranking import Candidate, Mark, Sheet, rank
from core.results import Direction
from core.rubric import (
    Aggregation,
    Criterion,
    Missing,
    Points,
    RoundAt,
    Rounding,
    RoundMode,
    Rubric,
    Scale,
    Trim,
    TrimTies,
    Variant,
    VariantWeight,
)
from core.vocabulary import ActorId, ApplicationId, CriterionId, EvaluatorId, IndicatorId, Text
from replay.verifier import ssp_verify

D = Decimal
SCALES = (
    Scale(D(60), D(100), D(10)),
    Scale(D(0), D(3), D(1)),
    Scale(D(0), D(5), D("0.5")),
    Scale(D("5.0"), D("1.0"), D("0.1")),
)
WEIGHTS = ((100,), (40, 60), (40, 40, 20), (70, 30, 0), (33, 33, 34))
STEPS = (D(1), D("0.5"), D("0.01"), D("0.3"))


FIGURES = st.lists(
    st.builds(
        Figure,
        st.sampled_from((IndicatorId("income"), IndicatorId("staff"))),
        st.just("unit"),
        st.decimals(-10, 10, places=2),
        st.dates(date(2020, 1, 1), date(2024, 1, 1)),
        st.just("source"),
    ),
    max_size=4,
    unique_by=lambda figure: (figure.indicator, figure.on),
).map(tuple)


@st.composite
def banded(draw: st.DrawFn, scale: Scale) -> Banding:
    """Any bands on a scale."""
    low, high = sorted((scale.worst, scale.best))
    steps = st.integers(0, int((high - low) / scale.step))
    ends = sorted(draw(st.sets(st.decimals(-9, 9, places=1), min_size=1, max_size=3)))
    marks = sorted(draw(steps) for _ in range(len(ends) + 1))
    bands = (Band(low + n * scale.step, end) for n, end in zip(marks, (None, *ends), strict=True))
    direction = Direction.INCREASING if scale.higher_is_better else Direction.DECREASING
    indicator = draw(st.sampled_from((IndicatorId("income"), IndicatorId("staff"))))
    return Banding(indicator, "unit", draw(st.sampled_from(Holder)), direction, tuple(bands))


@st.composite
def rounds(draw: st.DrawFn) -> tuple[Rubric, list[Candidate]]:
    """Any rubric that can be published, and marks on its scale."""
    scale = draw(st.sampled_from(SCALES))
    weights = draw(st.sampled_from(WEIGHTS))
    low, high = sorted((scale.worst, scale.best))
    marks = st.integers(0, int((high - low) / scale.step)).map(lambda n: low + n * scale.step)
    ids = [CriterionId(name) for name in "abc"][: len(weights)]
    criteria = tuple(
        Criterion(i, Text(i), D(w), scale, floor=draw(st.none() | marks), na_allowed=True)
        for i, w in zip(ids, weights, strict=True)
    )
    straight, turned = (
        tuple(VariantWeight(i, D(w)) for i, w in zip(ids, order, strict=True))
        for order in (weights, weights[::-1])
    )
    variants = draw(st.integers(0, 2))
    points = (Points.OF_SCALE, Points.SUM, *([Points.OF_HUNDRED] * scale.higher_is_better))
    aggregation = Aggregation(
        draw(st.sampled_from(points)),
        draw(st.sampled_from(Trim)),
        draw(st.sampled_from(TrimTies)),
        draw(st.integers(3, 5)),
        draw(st.sampled_from((Missing.REWEIGH, Missing.EXCLUDE_EVALUATION))),
        tuple(
            Rounding(at, draw(st.sampled_from(STEPS)), draw(st.sampled_from(RoundMode)))
            for at in draw(st.lists(st.sampled_from(RoundAt), unique=True))
        ),
        draw(st.none() | st.integers(0, 100).map(D)),
    )
    rubric = Rubric(
        Text("Any"),
        criteria,
        aggregation,
        tuple(draw(st.lists(st.sampled_from(ids), unique=True))),
        draw(st.integers(1, 4)),
        (
            Variant("andes", CityGroup(("PE",)), turned),
            Variant("any", CityGroup(("PE", "KH")), straight),
        )[:variants],
    )
    bandings = [draw(st.none() | banded(scale)) for _ in ids]
    bandings[0] = None  # something is left to evaluators
    rubric = replace(
        rubric,
        criteria=tuple(
            replace(c, banding=b) for c, b in zip(rubric.criteria, bandings, strict=True)
        ),
    )
    candidates = [
        Candidate(
            ApplicationId(f"x{n}"),
            CityFacts(draw(st.sampled_from(("PE", "KH", "")))),
            tuple(
                Sheet(
                    EvaluatorId(ActorId(f"e{e}")),
                    tuple(Mark(i, draw(st.none() | marks)) for i in ids),
                )
                for e in range(draw(st.integers(0, 7)))
            ),
            Figures(draw(FIGURES), draw(FIGURES)),
        )
        for n in range(draw(st.integers(0, 6)))
    ]
    return rubric, candidates


def alone(rubric: Rubric, candidates: list[Candidate]) -> list[Any]:
    """Rank as the verifier in one file does."""
    published = json.loads(to_json(rubric))
    scored = [
        ssp_verify.score(
            published,
            json.loads(to_json(c.city)),
            c.application,
            given_marks(c),
            json.loads(to_json(c.figures)),
        )
        for c in candidates
    ]
    return ssp_verify.ranked(published, scored)


def given_marks(candidate: Candidate) -> dict[str, dict[str, str | None]]:
    return {
        sheet.evaluator: {
            mark.criterion: None if mark.value is None else str(mark.value) for mark in sheet.marks
        }
        for sheet in candidate.sheets
    }


@settings(max_examples=200)
@given(rounds())
def test_every_number_of_a_ranking_is_the_one_that_the_rules_give(
    round_: tuple[Rubric, list[Candidate]],
) -> None:
    rubric, candidates = round_
    recorded = [json.loads(to_json(line)) for line in rank(rubric, candidates)]
    assert ssp_verify.difference(alone(rubric, candidates), recorded, "lines") == ""


def changed(document: Any, at: int) -> bool:  # noqa: ANN401  # any JSON document
    """Change the scalar that is `at` places from the beginning; False where there is none."""
    stack = [(document, key) for key in places(document)]
    for place, key in stack:
        value = place[key]
        if isinstance(value, dict | list):
            stack += [(value, inner) for inner in places(value)]
        elif at == 0:
            place[key] = other(value)
            return True
        else:
            at -= 1
    return False


def places(document: Any) -> list[Any]:  # noqa: ANN401  # as `changed`
    return [*document] if hasattr(document, "keys") else [*range(len(document))]


def other(value: bool | int | str | None) -> bool | int | str:  # noqa: FBT001  # a JSON scalar
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return f"1{value or ''}"


@given(rounds(), st.integers(0, 200))
def test_no_number_of_a_ranking_can_be_another(
    round_: tuple[Rubric, list[Candidate]], at: int
) -> None:
    rubric, candidates = round_
    recorded = [json.loads(to_json(line)) for line in rank(rubric, candidates)]
    if changed(recorded, at):
        assert ssp_verify.difference(alone(rubric, candidates), recorded, "lines") != ""


def test_thirds_are_exact_until_they_are_compared() -> None:
    assert ssp_verify.mean([Fraction(1), Fraction(1), Fraction(2)]) == Fraction(4, 3)
    assert ssp_verify.settled(Fraction(4, 3)) == D("1.3333333333333333333")
    theirs = "1.333333333333333333333333333"
    assert ssp_verify.difference(Fraction(4, 3), theirs, "mean") == ""
    assert "mean is 1.34" in ssp_verify.difference(Fraction(4, 3), "1.34", "mean")


def test_a_mark_that_is_missing_and_has_no_rule_is_named() -> None:
    scale = SCALES[0]
    rubric = Rubric(
        Text("Strict"), (Criterion(CriterionId("a"), Text("A"), D(100), scale),), Aggregation()
    )
    sheet = Sheet(EvaluatorId(ActorId("e1")), (Mark(CriterionId("a"), None),))
    with pytest.raises(ssp_verify.Wrong, match="e1 gave no mark for a"):
        alone(replace(rubric), [Candidate(ApplicationId("x"), CityFacts(""), (sheet,))])
