"""Whether the computed criteria of a rubric give every application a mark, and the right way."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from core.errors import Violation, broken
from core.indicators import Banding
from core.results import Direction
from core.rubric import Criterion, Missing, Rubric
from core.vocabulary import filled, quantity, slug

_FEWEST_BANDS = 2


def banding_violations(rubric: Rubric) -> Iterator[Violation]:
    """Yield every rule that a computed criterion breaks."""
    if not rubric.judged:
        rule = "a quorum of evaluators scores at least one criterion"
        yield Violation("nothing-to-score", rule, "criteria")
    for i, criterion in enumerate(rubric.criteria):
        if criterion.banding is not None:
            yield from _banding(criterion, criterion.banding, f"criteria.{i}.banding")
            yield from _not_available(rubric, criterion, f"criteria.{i}.na_allowed")


def _banding(criterion: Criterion, banding: Banding, path: str) -> Iterator[Violation]:
    yield from broken(slug, banding.indicator, f"{path}.indicator")
    yield from broken(filled, banding.unit, f"{path}.unit")
    for j, band in enumerate(banding.bands):
        if band.at_least is not None:
            yield from broken(quantity, band.at_least, f"{path}.bands.{j}.at_least")
        if not criterion.scale.allows(band.mark):
            rule = "a band's mark stands on a step of the criterion's scale"
            yield Violation("off-scale", rule, f"{path}.bands.{j}.mark", str(band.mark))
    if not _rises(banding):
        yield Violation(
            "banding-unsound",
            "a banding has two bands or more; the first has no lower end, and each of the others "
            "begins above the one before",
            f"{path}.bands",
            ", ".join(str(band.at_least) for band in banding.bands),
        )
    elif not _follows(criterion, banding):
        yield Violation(
            "banding-against-direction",
            f"{banding.direction} is better here, so no such value has a worse mark",
            f"{path}.bands",
            ", ".join(str(band.mark) for band in banding.bands),
        )


def _rises(banding: Banding) -> bool:
    if len(banding.bands) < _FEWEST_BANDS or banding.bands[0].at_least is not None:
        return False
    ends = [band.at_least for band in banding.bands[1:]]
    finite = [end for end in ends if end is not None and end.is_finite()]
    return len(finite) == len(ends) and all(a < b for a, b in pairwise(finite))


def _follows(criterion: Criterion, banding: Banding) -> bool:
    marks = [band.mark for band in banding.bands if band.mark.is_finite()]
    rising = (banding.direction is Direction.INCREASING) == criterion.scale.higher_is_better
    return all(a <= b if rising else a >= b for a, b in pairwise(marks))


def _not_available(rubric: Rubric, criterion: Criterion, path: str) -> Iterator[Violation]:
    """A missing figure is missing in every sheet: it must not leave none of them."""
    excludes = rubric.aggregation.missing is Missing.EXCLUDE_EVALUATION
    if criterion.na_allowed and excludes:
        rule = "an indicator that is not on record would exclude every evaluation"
        yield Violation("na-excludes-all", rule, path, criterion.id)
