"""Which floors an application does not reach: of single criteria, and of the total."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from core.rubric import Rubric
from core.vocabulary import CriterionId


def floors_missed(
    rubric: Rubric, total: Decimal | None, means: Mapping[CriterionId, Decimal | None]
) -> tuple[str, ...]:
    """Name the criteria whose mean misses its floor, and "total" where the total does."""

    def misses(value: Decimal | None, floor: Decimal | None) -> bool:
        if floor is None:
            return False
        return value is None or (value < floor if rubric.higher_is_better else value > floor)

    missed: list[str] = [c.id for c in rubric.criteria if misses(means[c.id], c.floor)]
    if misses(total, rubric.aggregation.total_floor):
        missed.append("total")
    return tuple(missed)
