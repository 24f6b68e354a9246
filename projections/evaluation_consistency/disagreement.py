"""On which applications the evaluators disagree most: where a panel should talk once more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from statistics import stdev

from core.ranking import Scored


@dataclass(frozen=True, slots=True)
class Disagreement:
    """The spread of the evaluators' own totals for an application, in points.

    `deviation` is the sample standard deviation; `farthest` is the evaluator whose total lies
    farthest from the mean of the others.
    """

    application_id: str
    evaluators: int
    lowest: Decimal
    highest: Decimal
    deviation: float
    farthest: str


def disagreements(scored: Iterable[Scored]) -> tuple[Disagreement, ...]:
    """Return every application with two totals or more, the most disputed first."""
    found = (_disagreement(item) for item in scored)
    return tuple(sorted((d for d in found if d), key=lambda d: (-d.deviation, d.application_id)))


def _disagreement(item: Scored) -> Disagreement | None:
    totals = [(s.evaluator, s.total) for s in item.sheets if s.total is not None]
    if len(totals) < 2:  # noqa: PLR2004  # a spread needs two
        return None
    values = [total for _, total in totals]
    # Whoever lies farthest from the mean of all lies farthest from that of the others.
    mean = sum(values, Decimal(0)) / len(values)
    farthest, _ = max(sorted(totals), key=lambda pair: abs(pair[1] - mean))
    return Disagreement(
        item.application,
        len(values),
        min(values),
        max(values),
        stdev(map(float, values)),
        farthest,
    )
