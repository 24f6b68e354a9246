"""Rubrics and score sheets in one line each, for worked examples of ranking."""

from __future__ import annotations

from decimal import Decimal

from core.groups import CityFacts
from core.ranking import Candidate, Mark, Ranked, Scored, Sheet, score
from core.rubric import (
    Aggregation,
    Criterion,
    Rubric,
    Scale,
)
from core.vocabulary import ActorId, ApplicationId, CriterionId, EvaluatorId, Text

D = Decimal

GRADES = {"A": 100, "B": 90, "C": 80, "D": 70, "E": 60}
GRADE_SCALE = Scale(D(60), D(100), D(10))
TO_FIVE = Scale(D(0), D(5), D("0.5"))
TO_HUNDRED = Scale(D(0), D(100), D(1))
REVERSED = Scale(D("5.0"), D("1.0"), D("0.1"))
IDS = tuple(CriterionId(name) for name in "abcdef")


def rubric(  # the criteria are named a, b, c ... in the order of their weights
    *weights: str | int,
    scale: Scale = TO_HUNDRED,
    aggregation: Aggregation | None = None,
    tie_breaks: str = "",
    quorum: int = 1,
) -> Rubric:
    criteria = tuple(
        Criterion(IDS[i], Text(IDS[i]), D(weight), scale, na_allowed=True)
        for i, weight in enumerate(weights)
    )
    breaks = tuple(CriterionId(name) for name in tie_breaks)
    return Rubric(Text("Rubric"), criteria, aggregation or Aggregation(), breaks, quorum)


def candidate(name: str, *sheets: tuple[str | int | None, ...], country: str = "") -> Candidate:
    return Candidate(
        ApplicationId(name),
        CityFacts(country),
        tuple(
            Sheet(
                EvaluatorId(ActorId(f"e{number}")),
                tuple(
                    Mark(IDS[i], None if value is None else D(value))
                    for i, value in enumerate(values)
                ),
            )
            for number, values in enumerate(sheets, 1)
        ),
    )


def total(rule: Rubric, *sheets: tuple[str | int | None, ...]) -> D | None:
    return score(rule, candidate("x", *sheets)).total


def kept(scored: Scored) -> str:
    return " ".join(s.evaluator for s in scored.sheets if s.kept)


def places(lines: tuple[Ranked, ...]) -> list[tuple[str, int | None, str]]:
    return [(line.scored.application, line.rank, line.decided_by) for line in lines]
