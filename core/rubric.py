"""What a call is scored by: criteria, scales, weights, and how marks become a total.

A rubric is data that several slices read, so its shape stands beside the slices,
not in one of them. Every number is decimal, and the rubric itself says where it
rounds: rounding each weighted criterion and rounding only the total give different
official results, and neither may be guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from core.errors import Violation
from core.vocabulary import CriterionId, Text

HUNDRED = Decimal(100)


class CriterionKind(StrEnum):
    """Whether marks come from evaluators or are computed from indicators."""

    QUALITATIVE = "qualitative"
    QUANTITATIVE = "quantitative"


class Trim(StrEnum):
    """Which evaluators' totals are left out before the mean."""

    NONE = "none"
    DROP_HIGH_LOW = "drop-high-low"


class TrimTies(StrEnum):
    """What is dropped where several evaluators share the highest or lowest total."""

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
        return mark.is_finite() and low <= mark <= high and (mark - low) % self.step == 0


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


def violations(rubric: Rubric) -> Iterator[Violation]:
    """Yield every rule that `rubric` breaks; none means that it may be published."""
    if not rubric.criteria:
        yield Violation("no-criteria", "a rubric has at least one criterion", "criteria")
        return
    ids = [c.id for c in rubric.criteria]
    for i, criterion in enumerate(rubric.criteria):
        yield from _criterion(criterion, f"criteria.{i}", first=ids.index(criterion.id) == i)
    yield from _weights("criteria", [c.weight for c in rubric.criteria])
    for i, variant in enumerate(rubric.variants):
        yield from _weights(f"variants.{i}.weights", [w.weight for w in variant.weights])
        if sorted(w.criterion for w in variant.weights) != sorted(ids):
            yield Violation(
                "variant-incomplete",
                "a variant weighs each criterion of the rubric once",
                f"variants.{i}.weights",
                variant.id,
            )
    grouped = [country for variant in rubric.variants for country in variant.countries]
    for country in sorted({c for c in grouped if grouped.count(c) > 1}):
        yield Violation(
            "variant-ambiguous", "a country belongs to one variant at most", "variants", country
        )
    for i, tie_break in enumerate(rubric.tie_breaks):
        if tie_break not in ids:
            yield Violation(
                "unknown-criterion",
                "a tie-break names a criterion of the rubric",
                f"tie_breaks.{i}",
                tie_break,
            )
    if rubric.quorum < 1:
        yield Violation(
            "quorum-too-small", "a quorum is at least one evaluator", "quorum", str(rubric.quorum)
        )
    yield from _aggregation(rubric)


def _criterion(criterion: Criterion, path: str, *, first: bool) -> Iterator[Violation]:
    scale = criterion.scale
    if not first:
        yield Violation(
            "criterion-repeated", "each criterion has an id of its own", f"{path}.id", criterion.id
        )
    span = abs(scale.best - scale.worst)
    if not (scale.step > 0 and span > 0 and span % scale.step == 0):
        yield Violation(
            "scale-unsound",
            "a scale has two different ends, whole steps apart",
            f"{path}.scale",
            f"{scale.worst} to {scale.best} by {scale.step}",
        )
        return
    for anchor in scale.anchors:
        if not scale.allows(anchor.mark):
            yield Violation(
                "off-scale",
                "an anchor stands on a step of its scale",
                f"{path}.scale.anchors",
                str(anchor.mark),
            )
    low, high = sorted((scale.worst, scale.best))
    if criterion.floor is not None and not low <= criterion.floor <= high:
        yield Violation(
            "floor-off-scale",
            "a floor lies within its scale",
            f"{path}.floor",
            str(criterion.floor),
        )


def _weights(path: str, weights: list[Decimal]) -> Iterator[Violation]:
    if any(not w.is_finite() or w < 0 for w in weights):
        yield Violation("weight-negative", "a weight is a number from 0 to 100", path)
    elif sum(weights) != HUNDRED:
        yield Violation(
            "weights-not-100", "the weights of a rubric sum to 100", path, str(sum(weights))
        )


def _aggregation(rubric: Rubric) -> Iterator[Violation]:
    aggregation, criteria = rubric.aggregation, rubric.criteria
    if len({c.scale.higher_is_better for c in criteria}) > 1:
        yield Violation(
            "mixed-directions",
            "all scales of a rubric point the same way: higher or lower is better",
            "criteria",
        )
    if aggregation.points is Points.OF_HUNDRED and not all(
        c.scale.best > 0 and c.scale.higher_is_better for c in criteria
    ):
        yield Violation(
            "share-of-best-undefined",
            "points of a hundred need scales on which higher is better",
            "aggregation.points",
            aggregation.points,
        )
    if aggregation.trim is not Trim.NONE and aggregation.trim_from < 3:  # noqa: PLR2004
        yield Violation(
            "trim-leaves-none",
            "dropping the highest and the lowest needs three evaluators or more",
            "aggregation.trim_from",
            str(aggregation.trim_from),
        )
    at = [rounding.at for rounding in aggregation.roundings]
    if len(set(at)) < len(at) or any(r.step <= 0 for r in aggregation.roundings):
        yield Violation(
            "rounding-unsound",
            "each place rounds at most once, to a positive step",
            "aggregation.roundings",
        )
