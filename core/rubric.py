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

from core.groups import CityFacts, CityGroup
from core.indicators import Banding, Holder
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
    `OF_HUNDRED` counts a mark as its share of the best one (weight x mark / best);
    `SUM` adds marks up, a weight of 100 counting a mark once (weight x mark / 100): only
    there need weights not sum to 100.
    """

    OF_SCALE = "of-scale"
    OF_HUNDRED = "of-hundred"
    SUM = "sum"


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
    is the mean mark that an application needs, in the scale's unit. A criterion with a
    `banding` is computed, and nobody scores it: `na_allowed` then says that it is N/A where
    its indicator is not on record; otherwise nothing is ranked before it is.
    """

    id: CriterionId
    title: Text
    weight: Decimal
    scale: Scale
    floor: Decimal | None = None
    na_allowed: bool = False
    banding: Banding | None = None

    @property
    def kind(self) -> CriterionKind:
        """Whether evaluators score it, or it is computed."""
        return CriterionKind.QUALITATIVE if self.banding is None else CriterionKind.QUANTITATIVE


@dataclass(frozen=True, slots=True)
class VariantWeight:
    """The weight of one criterion within a variant, in percent."""

    criterion: CriterionId
    weight: Decimal


@dataclass(frozen=True, slots=True)
class Variant:
    """Weights tailored to a group of cities, and the rule that says which cities those are."""

    id: str
    group: CityGroup
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

    @property
    def judged(self) -> tuple[Criterion, ...]:
        """The criteria that evaluators score."""
        return tuple(c for c in self.criteria if c.kind is CriterionKind.QUALITATIVE)

    @property
    def looks_at_cities(self) -> bool:
        """Whether a criterion is computed from a figure about the city."""
        return any(c.banding and c.banding.of is Holder.CITY for c in self.criteria)

    def variant(self, city: CityFacts) -> Variant | None:
        """Return the variant for the group that a city belongs to, or None."""
        return next((v for v in self.variants if v.group.holds(city)), None)

    def weights(self, city: CityFacts) -> dict[CriterionId, Decimal]:
        """Return each criterion's weight for a city."""
        if variant := self.variant(city):
            return {w.criterion: w.weight for w in variant.weights}
        return {c.id: c.weight for c in self.criteria}
