"""A simulated panel of seven: how good each project is, and how each evaluator would grade it.

Grades are a city's quality, shifted by how it does on the criterion and by how severe the
evaluator is, with chance on top: the same four parts that a consistency report tells apart. The
sizes are such that one evaluator's grade agrees with another's about as well as in published
panels (an intraclass correlation of .4 to .5).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from random import Random

from core.ranking import Mark
from core.rubric import Rubric
from core.vocabulary import ActorId, ApplicationId, CriterionId, EvaluatorId, StageId

EVALUATORS = tuple(EvaluatorId(ActorId(f"simulated-{n}")) for n in range(1, 8))
_SEVERITIES = dict(zip(EVALUATORS, (1.5, -0.5, -4.5, 0.5, 2.0, 3.5, -2.0), strict=True))
_GRADE, _LOWEST, _HIGHEST = 10, 60, 100
_OTHERS_FROM, _OTHERS_TO = 60, 91
_BEST = 97
_BY_CRITERION, _BY_STAGE, _CHANCE = 3.0, 2.0, 9.0
_Sheet = tuple[ApplicationId, EvaluatorId, StageId]


class Panel:
    """Seven evaluators; the seed is fixed, so that they always give the same grades.

    `best` are the cities that are to come out first, since that is published.
    """

    def __init__(self, cities: Iterable[str], best: Iterable[str]) -> None:
        """Draw how good each city's project is."""
        self._random = Random(2024)  # noqa: S311  # a fixed seed is the point
        self._best = frozenset(best)
        self._sheets: dict[_Sheet, dict[CriterionId, int]] = {}
        self._shifts: dict[tuple[str, StageId], list[float]] = {}
        spread = _OTHERS_TO - _OTHERS_FROM
        self._quality = {
            city: _BEST
            if city in self._best
            else _OTHERS_FROM + spread * self._random.betavariate(2, 2.2)
            for city in cities
        }

    def marks(
        self,
        city: str,
        rubric: Rubric,
        application: ApplicationId,
        evaluator: EvaluatorId,
        stage: StageId,
    ) -> tuple[Mark, ...]:
        """Return an evaluator's score sheet."""
        shifts = self._shifts.get((city, stage)) or self._shift(city, stage, len(rubric.criteria))
        sheet = {
            criterion.id: self._grade(self._quality[city] + shift + _SEVERITIES[evaluator])
            for criterion, shift in zip(rubric.criteria, shifts, strict=True)
        }
        self._sheets[application, evaluator, stage] = sheet
        return tuple(Mark(criterion, Decimal(grade)) for criterion, grade in sheet.items())

    def second_reading(
        self, application: ApplicationId, evaluator: EvaluatorId, stage: StageId
    ) -> tuple[CriterionId, Decimal]:
        """Return the criterion that stands furthest from the others', one grade nearer to them."""
        own = self._sheets[application, evaluator, stage]
        others = {
            criterion: [
                sheet[criterion]
                for (a, e, s), sheet in self._sheets.items()
                if (a, s) == (application, stage) and e != evaluator
            ]
            for criterion in own
        }
        away = {c: own[c] - sum(given) / len(given) for c, given in others.items()}
        criterion = max(away, key=lambda c: abs(away[c]))
        own[criterion] += -_GRADE if away[criterion] > 0 else _GRADE
        return criterion, Decimal(own[criterion])

    def _shift(self, city: str, stage: StageId, criteria: int) -> list[float]:
        """Draw how a project does on each criterion of a stage."""
        by_stage = self._random.gauss(0, _BY_STAGE)
        shifts = [by_stage + self._random.gauss(0, _BY_CRITERION) for _ in range(criteria)]
        if city in self._best:
            shifts = [abs(shift) / 2 for shift in shifts]
        self._shifts[city, stage] = shifts
        return shifts

    def _grade(self, points: float) -> int:
        """Return the nearest grade, E to A, with chance on top."""
        drawn = points + self._random.gauss(0, _CHANCE)
        return min(_HIGHEST, max(_LOWEST, _GRADE * round(drawn / _GRADE)))
