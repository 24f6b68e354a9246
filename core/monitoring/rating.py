"""Rating schemes: how grades on criteria become one overall grade; data, and this its shape.

Agencies rate the same projects in different ways, and change their ways. So a scheme is
a file, and this reads none: it is handed over, and the event says which one it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import floor

from core.vocabulary import Text

_SHOWN = Decimal("0.01")


class DacCriterion(StrEnum):
    """The six evaluation criteria of the OECD DAC, as revised in 2019."""

    RELEVANCE = "relevance"
    COHERENCE = "coherence"
    EFFECTIVENESS = "effectiveness"
    EFFICIENCY = "efficiency"
    IMPACT = "impact"
    SUSTAINABILITY = "sustainability"


@dataclass(frozen=True, slots=True)
class SchemeRef:
    """One version of a scheme, and the SHA-256 of the file that it was read from."""

    id: str
    version: int
    digest: str


@dataclass(frozen=True, slots=True)
class Grade:
    """A step of a scale."""

    code: str
    title: Text


@dataclass(frozen=True, slots=True)
class SchemeCriterion:
    """What is graded: one or more criteria of the DAC together."""

    id: str
    covers: tuple[DacCriterion, ...]


@dataclass(frozen=True, slots=True)
class KnockOut:
    """Where this criterion is worse than `at_worst`, the overall grade is `best` or worse."""

    criterion: str
    at_worst: str
    best: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A criterion's grade is one of these."""

    criterion: str
    grades: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a decision table: where all conditions hold, this is the overall grade."""

    when: tuple[Condition, ...]
    overall: str


@dataclass(frozen=True, slots=True)
class Scheme:
    """A way of rating.

    Grades stand best first. With `rows`, the first that fits decides; without, the
    weighted mean of the grades' places does, a half going to the worse grade, and
    knock-outs bound it. `weighed` says whether an evaluation may set weights.
    """

    ref: SchemeRef
    title: Text
    source: str
    url: str
    criteria: tuple[SchemeCriterion, ...]
    grades: tuple[Grade, ...]
    overall: tuple[Grade, ...]
    weighed: bool = False
    knock_outs: tuple[KnockOut, ...] = ()
    rows: tuple[Row, ...] = ()

    def place(self, code: str) -> int:
        """Return where a grade stands on the scale, from 1, the best."""
        return [grade.code for grade in self.grades].index(code) + 1


@dataclass(frozen=True, slots=True)
class Overall:
    """An overall grade and how it came about; `mean` is None where none was taken."""

    grade: str
    mean: Decimal | None
    decided_by: str


def overall(
    scheme: Scheme, grades: Mapping[str, str], weights: Mapping[str, int]
) -> Overall | None:
    """Return the overall grade of a grade for each criterion.

    None where no row of a decision table fits: such a table has a gap.
    """
    if not scheme.rows:
        return _bounded(scheme, grades, weights)
    for number, row in enumerate(scheme.rows, 1):
        if all(grades[condition.criterion] in condition.grades for condition in row.when):
            return Overall(row.overall, None, f"row {number}")
    return None


def _bounded(scheme: Scheme, grades: Mapping[str, str], weights: Mapping[str, int]) -> Overall:
    total = sum(scheme.place(grade) * weights[criterion] for criterion, grade in grades.items())
    mean = Fraction(total, sum(weights[criterion] for criterion in grades))
    # Exact, so that a mean of just a half is one: it goes to the worse, the higher place.
    place, decided_by = floor(mean + Fraction(1, 2)), "mean"
    for knock_out in scheme.knock_outs:
        bound = scheme.place(knock_out.best)
        failed = scheme.place(grades[knock_out.criterion]) > scheme.place(knock_out.at_worst)
        if failed and place < bound:
            place, decided_by = bound, f"knock-out: {knock_out.criterion}"
    shown = (Decimal(mean.numerator) / Decimal(mean.denominator)).quantize(_SHOWN)
    return Overall(scheme.overall[place - 1].code, shown, decided_by)
