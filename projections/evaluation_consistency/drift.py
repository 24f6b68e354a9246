"""Whether an evaluator's marks moved, against the others', as the days went by.

For each evaluator the deviation from colleagues on the same application is regressed on the
day of the mark (ordinary least squares; the interval is Student's, Draper and Smith 1998,
"Applied Regression Analysis", section 1.4). Tiring, or growing strict, shows as a slope. One in
twenty evaluators who never changed will show one by chance, so this asks questions only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from core.vocabulary import Instant

FEWEST = 8
_LEVEL = 0.95
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Drift:
    """An evaluator's slope in units of the mark a day, with its 95 % interval.

    Without a slope, `reason` says why; `n` counts the marks on applications that someone
    else marked, over `days` days.
    """

    evaluator: str
    n: int
    days: float
    slope: float | None
    low: float | None
    high: float | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Dated:
    """A mark with the instant at which it was given."""

    target: str
    evaluator: str
    value: float
    at: Instant


def drifts(marks: Iterable[Dated]) -> tuple[Drift, ...]:
    """Return each evaluator's drift, by name."""
    of_target: defaultdict[str, list[Dated]] = defaultdict(list)
    for mark in marks:
        of_target[mark.target].append(mark)
    points: defaultdict[str, list[tuple[Instant, float]]] = defaultdict(list)
    for given in of_target.values():
        total = sum(m.value for m in given)
        for mark in given:
            found = points[mark.evaluator]
            if len(given) > 1:
                others = (total - mark.value) / (len(given) - 1)
                found.append((mark.at, mark.value - others))
    return tuple(_drift(evaluator, found) for evaluator, found in sorted(points.items()))


def _drift(evaluator: str, points: list[tuple[Instant, float]]) -> Drift:
    n = len(points)
    if n < FEWEST:
        reason = f"fewer than {FEWEST} marks that can be compared with others'"
        return Drift(evaluator, n, 0.0, None, None, None, reason)
    first = min(at for at, _ in points)
    day = np.array([(at - first).total_seconds() / _DAY_S for at, _ in points])
    span = float(day.max())
    if span == 0:
        reason = "all marks were given at one moment"
        return Drift(evaluator, n, span, None, None, None, reason)
    found = stats.linregress(day, np.array([value for _, value in points]))
    reach = float(stats.t.ppf((1 + _LEVEL) / 2, n - 2)) * float(found.stderr)
    slope = float(found.slope)
    return Drift(evaluator, n, span, slope, slope - reach, slope + reach, None)
