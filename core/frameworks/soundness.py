"""Whether a rubric can be published: every rule that it breaks, named at once.

A published rubric never changes, so what would leave a stage without a ranking, or a
ranking without a clear reading, is refused before.
"""

from __future__ import annotations

from collections.abc import Iterator

from core.errors import Violation, broken
from core.frameworks.bandings import banding_violations
from core.frameworks.tailoring import variant_violations, weight_violations
from core.rubric import (
    Criterion,
    Missing,
    Points,
    Rounding,
    Rubric,
    Scale,
    Trim,
    whole_steps,
)
from core.vocabulary import filled, finite

RESERVED = frozenset({"total", "shared"})
"""What a ranking says besides criteria: of a floor that was missed, of a place that is shared."""

_FEWEST_TO_TRIM = 3


def violations(rubric: Rubric) -> Iterator[Violation]:
    """Yield every rule that `rubric` breaks; none means that it may be published."""
    yield from broken(filled, rubric.title.en, "title.en")
    if not rubric.criteria:
        yield Violation("no-criteria", "a rubric has at least one criterion", "criteria")
        return
    ids = [c.id for c in rubric.criteria]
    for i, criterion in enumerate(rubric.criteria):
        yield from _identity(criterion, f"criteria.{i}.id", first=ids.index(criterion.id) == i)
        yield from _scale(criterion, f"criteria.{i}")
    yield from banding_violations(rubric)
    yield from weight_violations(rubric, "criteria", [c.weight for c in rubric.criteria])
    yield from variant_violations(rubric)
    for i, tie_break in enumerate(rubric.tie_breaks):
        if tie_break not in ids:
            rule = "a tie-break names a criterion of the rubric"
            yield Violation("unknown-criterion", rule, f"tie_breaks.{i}", tie_break)
    if rubric.quorum < 1:
        rule = "a quorum is at least one evaluator"
        yield Violation("quorum-too-small", rule, "quorum", str(rubric.quorum))
    yield from _aggregation(rubric)


def _identity(criterion: Criterion, path: str, *, first: bool) -> Iterator[Violation]:
    yield from broken(filled, criterion.id, path)
    if not first:
        yield Violation(
            "criterion-repeated", "each criterion has an id of its own", path, criterion.id
        )
    if criterion.id in RESERVED:
        rule = "a ranking says 'total' and 'shared' in its own sense"
        yield Violation("criterion-reserved", rule, path, criterion.id)


def _scale(criterion: Criterion, path: str) -> Iterator[Violation]:
    scale, floor = criterion.scale, criterion.floor
    numbers = {"worst": scale.worst, "best": scale.best, "step": scale.step}
    endless = [v for k, n in numbers.items() for v in broken(finite, n, f"{path}.scale.{k}")]
    yield from endless
    if endless:
        return
    low, high = sorted((scale.worst, scale.best))
    if not (scale.step > 0 and low < high and whole_steps(low, high, scale.step)):
        yield Violation(
            "scale-unsound",
            "a scale has two different ends, whole steps apart",
            f"{path}.scale",
            f"{scale.worst} to {scale.best} by {scale.step}",
        )
        return
    for i, anchor in enumerate(scale.anchors):
        if not scale.allows(anchor.mark):
            rule = "an anchor stands on a step of its scale"
            yield Violation("off-scale", rule, f"{path}.scale.anchors.{i}", str(anchor.mark))
    if floor is not None and not (floor.is_finite() and low <= floor <= high):
        rule = "a floor lies within its scale"
        yield Violation("floor-off-scale", rule, f"{path}.floor", str(floor))


def _aggregation(rubric: Rubric) -> Iterator[Violation]:
    aggregation, criteria = rubric.aggregation, rubric.criteria
    scales = [c.scale for c in criteria if c.scale.worst.is_finite() and c.scale.best.is_finite()]
    if len({scale.higher_is_better for scale in scales}) > 1:
        rule = "all scales of a rubric point the same way: higher or lower is better"
        yield Violation("mixed-directions", rule, "criteria")
    if aggregation.points is Points.OF_HUNDRED and not all(map(_has_share_of_best, scales)):
        yield Violation(
            "share-of-best-undefined",
            "points of a hundred need scales on which higher is better",
            "aggregation.points",
            aggregation.points,
        )
    if aggregation.trim is not Trim.NONE and aggregation.trim_from < _FEWEST_TO_TRIM:
        yield Violation(
            "trim-leaves-none",
            "dropping the highest and the lowest needs three evaluators or more",
            "aggregation.trim_from",
            str(aggregation.trim_from),
        )
    at = [rounding.at for rounding in aggregation.roundings]
    if len(set(at)) < len(at) or not all(map(_has_step, aggregation.roundings)):
        rule = "each place rounds at most once, to a positive step"
        given = ", ".join(f"{r.at} to {r.step}" for r in aggregation.roundings)
        yield Violation("rounding-unsound", rule, "aggregation.roundings", given)
    if aggregation.total_floor is not None:
        yield from broken(finite, aggregation.total_floor, "aggregation.total_floor")
    yield from _not_available(rubric)


def _not_available(rubric: Rubric) -> Iterator[Violation]:
    if rubric.aggregation.missing is not Missing.REFUSE:
        return
    weighed = {c.id for c in rubric.criteria if c.weight}
    weighed |= {w.criterion for v in rubric.variants for w in v.weights if w.weight}
    for i, criterion in enumerate(rubric.criteria):
        if criterion.na_allowed and criterion.id in weighed:
            yield Violation(
                "na-undefined",
                "a rubric that allows N/A on a criterion that counts says what becomes of it",
                f"criteria.{i}.na_allowed",
                criterion.id,
            )


def _has_share_of_best(scale: Scale) -> bool:
    return scale.best > 0 and scale.higher_is_better


def _has_step(rounding: Rounding) -> bool:
    return rounding.step.is_finite() and rounding.step > 0
