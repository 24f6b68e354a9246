"""The demo's two rubrics: practice that is known in Seoul, with weights that are ours.

The criteria weights of the 2024 round were not published. The shape follows what is:
up to seven evaluators, criteria weighted 40/40/20, grades A to E worth 100 to 60
percent, and the highest and the lowest evaluator left out.
"""

from __future__ import annotations

from decimal import Decimal

from core.frameworks.commands import DraftFramework
from core.rubric import (
    Aggregation,
    Anchor,
    Criterion,
    Missing,
    RoundAt,
    Rounding,
    Rubric,
    Scale,
    Trim,
)
from core.vocabulary import CriterionId, FrameworkId, Text

_GRADES = Scale(
    Decimal(60),
    Decimal(100),
    Decimal(10),
    tuple(
        Anchor(Decimal(mark), Text(f"{grade}: {en}", f"{grade}: {ko}"))
        for mark, grade, en, ko in (
            (100, "A", "excellent", "매우 우수"),
            (90, "B", "good", "우수"),
            (80, "C", "fair", "보통"),
            (70, "D", "weak", "미흡"),
            (60, "E", "poor", "매우 미흡"),
        )
    ),
)


def _criterion(name: str, en: str, ko: str, weight: int) -> Criterion:
    return Criterion(CriterionId(name), Text(en, ko), Decimal(weight), _GRADES)


DOCUMENT = DraftFramework(
    FrameworkId("ssp-document"),
    Rubric(
        Text("Document evaluation (illustrative weights)", "서류 평가 (예시 배점)"),
        (
            _criterion("need", "Need and relevance", "필요성 및 적합성", 40),
            _criterion("feasibility", "Feasibility", "실현 가능성", 40),
            _criterion("cooperation", "Will to cooperate", "협력 의지", 20),
        ),
        Aggregation(
            trim=Trim.DROP_HIGH_LOW,
            missing=Missing.REFUSE,
            roundings=(Rounding(RoundAt.TOTAL, Decimal("0.01")),),
        ),
        tie_breaks=(CriterionId("need"), CriterionId("feasibility")),
        quorum=5,
    ),
)

FINAL = DraftFramework(
    FrameworkId("ssp-final"),
    Rubric(
        Text("Final evaluation (illustrative weights)", "최종 평가 (예시 배점)"),
        (
            _criterion("plan", "Quality of the plan", "사업 계획의 우수성", 40),
            _criterion("impact", "Expected impact", "기대 효과", 40),
            _criterion("expansion", "Chance of a follow-up project", "후속 사업 가능성", 20),
        ),
        Aggregation(
            trim=Trim.DROP_HIGH_LOW,
            missing=Missing.REFUSE,
            total_floor=Decimal(85),
            roundings=(Rounding(RoundAt.TOTAL, Decimal("0.01")),),
        ),
        tie_breaks=(CriterionId("impact"), CriterionId("plan")),
        quorum=5,
    ),
)
