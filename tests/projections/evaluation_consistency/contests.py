"""Stages for tests of statistics: a rubric, and who gave which marks to whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from core.groups import CityFacts
from core.indicators import Figures
from core.ranking import Mark
from core.rubric import Aggregation, Criterion, Rubric, Scale
from core.vocabulary import ActorId, ApplicationId, CriterionId, EvaluatorId, Text
from projections.evaluation_consistency.rows import EvaluationRow, MarkAt
from projections.ranking.queries import Contest
from projections.ranking.rows import COUNTS, ScoredRow, SheetRow

FIRST_OF_MAY = datetime(2024, 5, 1, tzinfo=UTC)
Given = Mapping[str, Mapping[str, Sequence[int | None]]]
"""Application → evaluator → a mark for each criterion, None for N/A."""


def rubric(
    weights: Sequence[int] = (100,), aggregation: Aggregation | None = None, **more: object
) -> Rubric:
    scale = Scale(Decimal(0), Decimal(10), Decimal(1))
    criteria = tuple(
        Criterion(CriterionId(f"c{n}"), Text(f"C{n}"), Decimal(weight), scale, na_allowed=True)
        for n, weight in enumerate(weights)
    )
    return Rubric(Text("r"), criteria, aggregation or Aggregation(), **more)  # type: ignore[arg-type]


def evaluation(
    application: str, evaluator: str, marks: Sequence[int | None], *later: MarkAt
) -> EvaluationRow:
    first = tuple(
        MarkAt(f"c{n}", None if m is None else Decimal(m), FIRST_OF_MAY, 0, first=True)
        for n, m in enumerate(marks)
    )
    return EvaluationRow(application, "call", "stage", evaluator, (*first, *later))


def contest(
    of: Rubric, evaluations: Sequence[EvaluationRow], slots: int = 1, barred: Sequence[str] = ()
) -> Contest:
    rows: dict[str, list[SheetRow]] = {}
    for row in evaluations:
        marks = tuple(Mark(CriterionId(c), v) for c, v in row.marks_at(None).items())
        who = EvaluatorId(ActorId(row.evaluator))
        sheet = SheetRow(who, marks, COUNTS, "recused" if who in barred else "")
        rows.setdefault(row.application_id, []).append(sheet)
    return Contest(
        of,
        slots,
        tuple(
            ScoredRow(
                ApplicationId(a), "call", "stage", CityFacts("PE"), Figures(), "", tuple(sheets)
            )
            for a, sheets in sorted(rows.items())
        ),
    )


def evaluations(given: Given) -> list[EvaluationRow]:
    return [evaluation(a, e, marks) for a, by in given.items() for e, marks in by.items()]
