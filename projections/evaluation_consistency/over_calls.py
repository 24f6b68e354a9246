"""Whether evaluators marked otherwise in one call than in the last, against colleagues of both.

A leaning is relative to the colleagues of its call, so two leanings of different calls have no
common yardstick until they are held against the same people. For every pair of calls the leanings
are centred on the evaluators who marked in both: what is left is how each moved among them. Marks
are compared as totals, in points of a hundred, since calls differ in criteria and scales.

Leanings are the least-squares ones, not the shrunk: shrinking draws a change of little evidence
towards nought, and its interval would lie. Intervals are Student's with the degrees of freedom of
Satterthwaite 1946, "An Approximate Distribution of Estimates of Variance Components", Biometrics
Bulletin 2(6). One in twenty evaluators who never moved will show a change by chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from core.vocabulary import Instant
from projections.evaluation_consistency.alpha import reliability_data
from projections.evaluation_consistency.competition import competition
from projections.evaluation_consistency.rows import EvaluationRow
from projections.evaluation_consistency.severity import parts
from projections.evaluation_consistency.shrinkage import Fit, Floats, Model, fit
from projections.ranking.queries import Contest

FEWEST_IN_COMMON = 3
_LEVEL = 0.95
ADVICE = (
    "Advisory: a change is relative to the colleagues who marked in both calls, who may have "
    "moved instead; it is no ground to change a mark."
)


@dataclass(frozen=True, slots=True)
class Sitting:
    """A stage of one call: when its first mark was given, and the totals of its evaluators.

    `totals` are by application and evaluator, in points of a hundred.
    """

    call_id: str
    began_at: Instant
    totals: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Told:
    """What can be told of a sitting by itself; `reason` says why nothing can, where it cannot."""

    call_id: str
    began_at: Instant
    applications: int
    evaluators: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class Moved:
    """An evaluator's leaning in two calls, from the mean of those who marked in both, in points.

    The change lies within `low` to `high` with 95 % confidence; where that leaves out nought,
    chance alone is unlikely.
    """

    evaluator: str
    before: float
    after: float
    change: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two calls, how many evaluators marked in both, and how they moved.

    Told of are those who marked in no call between the two. `moved` is empty where it cannot be
    told, with the `reason`.
    """

    earlier: str
    later: str
    in_common: int
    reason: str | None
    moved: tuple[Moved, ...]


@dataclass(frozen=True, slots=True)
class OverCalls:
    """How evaluators moved from call to call in the stage of one name."""

    stage: str
    effective_at: Instant | None
    sittings: tuple[Told, ...]
    comparisons: tuple[Comparison, ...]
    advice: str


def sitting(
    call_id: str, contest: Contest, evaluations: Sequence[EvaluationRow], at: Instant | None
) -> Sitting | None:
    """Return a stage of a call as it was in the world `at` an instant; None without marks."""
    given = [since for e in evaluations for _, since in e.since(at).values()]
    if not given:
        return None
    totals: dict[str, dict[str, float]] = {
        item.application: {
            sheet.evaluator: float(sheet.total) for sheet in item.sheets if sheet.total is not None
        }
        for item in competition(contest, evaluations, at).scored
    }
    return Sitting(call_id, min(given), totals)


def over_calls(stage: str, sittings: Iterable[Sitting], effective_at: Instant | None) -> OverCalls:
    """Compare each sitting with the last one before it of each of its evaluators."""
    ordered = sorted(sittings, key=lambda seat: (seat.began_at, seat.call_id))
    fits = [_fit(seat) for seat in ordered]
    return OverCalls(
        stage,
        effective_at,
        tuple(
            Told(
                seat.call_id,
                seat.began_at,
                len(seat.totals),
                len(_evaluators(seat)),
                found.reason if isinstance(found, Model) else None,
            )
            for seat, found in zip(ordered, fits, strict=True)
        ),
        tuple(_comparisons(ordered, fits)),
        ADVICE,
    )


def _evaluators(seat: Sitting) -> set[str]:
    return {evaluator for given in seat.totals.values() for evaluator in given}


def _fit(seat: Sitting) -> Fit | Model:
    data = reliability_data(seat.totals)
    if not data.evaluators:
        return Model("nobody has marked anything", None, None, 0)
    return fit(data, parts(data)[0])


def _comparisons(ordered: Sequence[Sitting], fits: Sequence[Fit | Model]) -> Iterator[Comparison]:
    for later, seat in enumerate(ordered):
        waiting = _evaluators(seat)
        everyone = frozenset(waiting)
        for earlier in range(later - 1, -1, -1):
            before = _evaluators(ordered[earlier])
            if last := waiting & before:
                yield _compared(
                    (ordered[earlier].call_id, seat.call_id),
                    (fits[earlier], fits[later]),
                    sorted(everyone & before),
                    last,
                )
                waiting -= last


def _compared(
    calls: tuple[str, str],
    fits: tuple[Fit | Model, Fit | Model],
    common: Sequence[str],
    last: set[str],
) -> Comparison:
    """Compare two sittings by whom they share; only those in `last` are reported."""

    def untold(reason: str) -> Comparison:
        return Comparison(*calls, len(common), reason, ())

    if len(common) < FEWEST_IN_COMMON:
        return untold(f"fewer than {FEWEST_IN_COMMON} evaluators marked in both calls")
    one, other = fits
    if isinstance(one, Model):
        return untold(f"{calls[0]}: {one.reason}")
    if isinstance(other, Model):
        return untold(f"{calls[1]}: {other.reason}")
    (before, early), (after, late) = (_centred(found, common) for found in (one, other))
    variance = early + late
    # Each part's share of the variance, over the degrees of freedom that it was estimated with.
    shares = np.square(early) / one.model.degrees + np.square(late) / other.model.degrees
    degrees = np.divide(
        np.square(variance), shares, out=np.full_like(shares, np.inf), where=shares > 0
    )
    reach = stats.t.ppf((1 + _LEVEL) / 2, degrees) * np.sqrt(variance)
    rows = zip(common, before.tolist(), after.tolist(), reach.tolist(), strict=True)
    return Comparison(
        *calls,
        len(common),
        None,
        tuple(
            Moved(who, b, a, a - b, a - b - r, a - b + r) for who, b, a, r in rows if who in last
        ),
    )


def _centred(found: Fit, common: Sequence[str]) -> tuple[Floats, Floats]:
    """Return the leanings of some evaluators from their own mean, and the variance of each."""
    place = {evaluator: index for index, evaluator in enumerate(found.evaluators)}
    chosen = np.array([place[evaluator] for evaluator in common])
    centre = np.eye(len(common)) - 1 / len(common)
    covariance = centre @ found.spread[np.ix_(chosen, chosen)] @ centre * (found.model.chance or 0)
    return centre @ found.fitted[chosen], np.maximum(np.diag(covariance), 0.0)
