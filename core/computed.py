"""Marks that nobody gives: those of quantitative criteria, each with the figure behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from core.errors import DomainError, Violation
from core.indicators import Banding, Figure, Figures, Holder
from core.rubric import Rubric
from core.vocabulary import ApplicationId, CriterionId


@dataclass(frozen=True, slots=True)
class Computed:
    """One criterion's mark, and the way to it: the figure, and the band that it lies in.

    `figure` and `mark` are None where the indicator is not on record. `at_least` is where the
    band begins, None for the lowest.
    """

    criterion: CriterionId
    of: Holder
    figure: Figure | None
    at_least: Decimal | None
    mark: Decimal | None


def computed(rubric: Rubric, figures: Figures) -> tuple[Computed, ...]:
    """Return the mark of every quantitative criterion, in the rubric's order."""
    return tuple(
        _mark(criterion.id, criterion.banding, figures)
        for criterion in rubric.criteria
        if criterion.banding is not None
    )


def _mark(criterion: CriterionId, banding: Banding, figures: Figures) -> Computed:
    figure = figures.latest(banding)
    if figure is None:
        return Computed(criterion, banding.of, None, None, None)
    band = banding.band(figure.value)
    return Computed(criterion, banding.of, figure, band.at_least, band.mark)


def require_computable(rubric: Rubric, figures: Mapping[ApplicationId, Figures]) -> None:
    """Refuse where a mark cannot be computed, naming every application and criterion."""
    if not any(criterion.banding for criterion in rubric.criteria):
        return
    broken = [v for name, held in figures.items() for v in _uncomputable(rubric, held, name)]
    if broken:
        raise DomainError(*broken)


def _uncomputable(rubric: Rubric, figures: Figures, application: str) -> Iterator[Violation]:
    for criterion in rubric.criteria:
        if (banding := criterion.banding) is None:
            continue
        figure = figures.latest(banding)
        where = f"{application}.{criterion.id}"
        if figure is None and not criterion.na_allowed:
            rule = f"{criterion.id} is computed from {banding.indicator} of the {banding.of}"
            yield Violation("indicator-missing", rule, where, banding.indicator)
        elif figure is not None and figure.unit != banding.unit:
            rule = f"{criterion.id} is computed from {banding.indicator} in {banding.unit!r}"
            yield Violation("wrong-unit", rule, where, figure.unit)
