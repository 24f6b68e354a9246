"""Whether weights, and those tailored to groups of cities, leave totals that can be compared.

Cities of different groups stand in one order of ranks. So a city belongs to one group at most,
and the best and the worst marks throughout give the same total in every group.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Context, Decimal, DecimalException, Inexact, localcontext
from fractions import Fraction
from itertools import combinations

from core.errors import Violation, broken
from core.groups import CityGroup
from core.rubric import HUNDRED, Criterion, Points, Rubric, Variant
from core.vocabulary import CriterionId, country, filled

_CAPACITIES = range(1, 5)


def weight_violations(rubric: Rubric, path: str, weights: list[Decimal]) -> Iterator[Violation]:
    """Yield what is wrong with the weights of a rubric or of a variant."""
    if any(not w.is_finite() or w < 0 for w in weights):
        given = ", ".join(map(str, weights))
        yield Violation("weight-negative", "a weight is a number from 0 to 100", path, given)
    elif rubric.aggregation.points is Points.SUM:
        if not any(weights):
            rule = "marks that are added up have a weight, 100 to count once"
            yield Violation("weights-not-100", rule, path, "0")
    elif (total := _sum(weights)) != HUNDRED:
        yield Violation("weights-not-100", "the weights of a rubric sum to 100", path, str(total))


def _sum(weights: list[Decimal]) -> Decimal:
    """Add exactly, or else give what no weights may sum to."""
    with localcontext(Context(traps=[Inexact])):
        try:
            return sum(weights, Decimal(0))
        except DecimalException:
            return Decimal("NaN")


def variant_violations(rubric: Rubric) -> Iterator[Violation]:
    """Yield what is wrong with the variants of a rubric."""
    ids = sorted(c.id for c in rubric.criteria)
    for i, variant in enumerate(rubric.variants):
        path = f"variants.{i}"
        yield from broken(filled, variant.id, f"{path}.id")
        yield from _group(variant.group, f"{path}.group")
        own = list(
            weight_violations(rubric, f"{path}.weights", [w.weight for w in variant.weights])
        )
        yield from own
        if sorted(w.criterion for w in variant.weights) != ids:
            rule = "a variant weighs each criterion of the rubric once"
            yield Violation("variant-incomplete", rule, f"{path}.weights", variant.id)
        elif not own and not _comparable(rubric, variant):
            rule = "the best marks, and the worst, give the same total in every group"
            yield Violation("variant-incomparable", rule, f"{path}.weights", variant.id)
    for one, other in combinations(rubric.variants, 2):
        if one.id == other.id or one.group.overlaps(other.group):
            rule = "a city belongs to one variant at most"
            yield Violation("variant-ambiguous", rule, "variants", f"{one.id}, {other.id}")


def _group(group: CityGroup, path: str) -> Iterator[Violation]:
    for j, code in enumerate(group.countries):
        yield from broken(country, code, f"{path}.countries.{j}")
    for j, region in enumerate(group.regions):
        yield from broken(filled, region, f"{path}.regions.{j}")
    for j, level in enumerate(group.capacities):
        if level not in _CAPACITIES:
            rule = "capacity is 1 (low) to 4 (high)"
            yield Violation("capacity-off-scale", rule, f"{path}.capacities.{j}", str(level))
    if group.asks_nothing:
        rule = "a group asks for something: every city belongs to the rubric's own weights"
        yield Violation("group-of-all", rule, path)


def _comparable(rubric: Rubric, variant: Variant) -> bool:
    """Whether the totals of a variant have the ends that the rubric's own totals have."""
    weights = {w.criterion: w.weight for w in variant.weights}
    marks = [mark for c in rubric.criteria for mark in (c.scale.best, c.scale.worst)]
    share = rubric.aggregation.points is Points.OF_HUNDRED
    if not all(m.is_finite() for m in marks) or (share and not all(marks[::2])):
        return True  # what is wrong with a scale is said of the scale

    def ends(of: Mapping[CriterionId, Decimal]) -> tuple[Fraction, Fraction]:
        best, worst = (
            sum(
                (Fraction(of[c.id]) * _points(c, end, share=share) for c in rubric.criteria),
                Fraction(),
            )
            for end in ("best", "worst")
        )
        return best, worst

    return ends(weights) == ends({c.id: c.weight for c in rubric.criteria})


def _points(criterion: Criterion, end: str, *, share: bool) -> Fraction:
    mark = criterion.scale.best if end == "best" else criterion.scale.worst
    return Fraction(mark) / (Fraction(criterion.scale.best) if share else 100)
