"""What a call is scored by: criteria, scales, weights, and how marks become a total.

A rubric is data that several slices read, so its shape stands beside the slices,
not in one of them. Every number is decimal, and the rubric itself says where it
rounds: rounding each weighted criterion and rounding only the total give different
official results, and neither may be guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation, localcontext
from enum import StrEnum

from core.vocabulary import CriterionId, Text

HUNDRED = Decimal(100)
_EXACT = Context(prec=28, traps=[Inexact, InvalidOperation])


class CriterionKind(StrEnum):
    """Whether marks come from evaluators or are computed from indicators."""

    QUALITATIVE = "qualitative"
    QUANTITATIVE = "quantitative"


class Trim(StrEnum):
    """Which evaluators' totals are left out before the mean."""

    NONE = "none"
    DROP_HIGH_LOW = "drop-high-low"


class TrimTies(StrEnum):
    """What is dropped where several evaluators share the highest or lowest total.

    `DROP_ONE` drops, in the order of their ids, the first of the lowest and the last of
    the highest; `DROP_ALL` drops all of both, or none where nobody would be left.
    """

    DROP_ONE = "drop-one"
    DROP_ALL = "drop-all"


class Points(StrEnum):
    """The unit of a total.

    `OF_SCALE` keeps the scale's own unit (weight x mark / 100);
    `OF_HUNDRED` counts a mark as its share of the best one (weight x mark / best).
    """

    OF_SCALE = "of-scale"
    OF_HUNDRED = "of-hundred"


class Missing(StrEnum):
    """What an explicit N/A does to an evaluator's total. It is never zero."""

    REFUSE = "refuse"
    REWEIGH = "reweigh"
    EXCLUDE_EVALUATION = "exclude-evaluation"


class RoundAt(StrEnum):
    """Where along the way from marks to total a rounding applies."""

    CRITERION = "criterion"
    EVALUATOR = "evaluator"
    TOTAL = "total"


class RoundMode(StrEnum):
    """How a rounding treats what lies between two steps."""

    HALF_UP = "half-up"
    HALF_EVEN = "half-even"
    DOWN = "down"


def whole_steps(low: Decimal, high: Decimal, step: Decimal) -> bool:
    """Whether `high` lies whole steps above `low`; what is too fine to be told does not."""
    with localcontext(_EXACT):
        try:
            return (high - low) % step == 0
        except DecimalException:
            return False


@dataclass(frozen=True, slots=True)
class Anchor:
    """What one mark of a scale means, in words."""

    mark: Decimal
    meaning: Text


@dataclass(frozen=True, slots=True)
class Scale:
    """The marks that may be given: from `worst` to `best` in steps of `step`.

    `best` below `worst` says that lower is better.
    """

    worst: Decimal
    best: Decimal
    step: Decimal
    anchors: tuple[Anchor, ...] = ()

    @property
    def higher_is_better(self) -> bool:
        """Whether a greater mark is a better one."""
        return self.best > self.worst

    def allows(self, mark: Decimal) -> bool:
        """Whether `mark` lies on a step of the scale."""
        low, high = sorted((self.worst, self.best))
        return mark.is_finite() and low <= mark <= high and whole_steps(low, mark, self.step)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One question of the rubric.

    `weight` is in percent of the total; 0 records marks that do not count. `floor`
    is the mean mark that an application needs, in the scale's unit.
    """

    id: CriterionId
    title: Text
    weight: Decimal
    scale: Scale
    kind: CriterionKind = CriterionKind.QUALITATIVE
    floor: Decimal | None = None
    na_allowed: bool = False


@dataclass(frozen=True, slots=True)
class VariantWeight:
    """The weight of one criterion within a variant, in percent."""

    criterion: CriterionId
    weight: Decimal


@dataclass(frozen=True, slots=True)
class Variant:
    """Weights tailored to a group of cities, and the countries that make the group."""

    id: str
    countries: tuple[str, ...]
    weights: tuple[VariantWeight, ...]


@dataclass(frozen=True, slots=True)
class Rounding:
    """One rounding: where it applies, to which step, and how."""

    at: RoundAt
    step: Decimal
    mode: RoundMode = RoundMode.HALF_UP


@dataclass(frozen=True, slots=True)
class Aggregation:
    """How marks become a total.

    `trim_from` is the least number of evaluators for which trimming applies.
    `total_floor` is in the unit of `points`.
    """

    points: Points = Points.OF_HUNDRED
    trim: Trim = Trim.NONE
    trim_ties: TrimTies = TrimTies.DROP_ONE
    trim_from: int = 5
    missing: Missing = Missing.REFUSE
    roundings: tuple[Rounding, ...] = ()
    total_floor: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Rubric:
    """Criteria, aggregation, tie-breaks in order, and the quorum of evaluators."""

    title: Text
    criteria: tuple[Criterion, ...]
    aggregation: Aggregation
    tie_breaks: tuple[CriterionId, ...] = ()
    quorum: int = 1
    variants: tuple[Variant, ...] = ()

    def criterion(self, criterion_id: str) -> Criterion | None:
        """Return the criterion of that id, or None."""
        return next((c for c in self.criteria if c.id == criterion_id), None)

    @property
    def higher_is_better(self) -> bool:
        """Whether a greater total is a better one."""
        return self.criteria[0].scale.higher_is_better

    def weights(self, country: str) -> dict[CriterionId, Decimal]:
        """Return each criterion's weight for a city of `country`."""
        for variant in self.variants:
            if country in variant.countries:
                return {w.criterion: w.weight for w in variant.weights}
        return {c.id: c.weight for c in self.criteria}
