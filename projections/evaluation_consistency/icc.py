"""Intraclass correlations that fit the design in which the marks were given.

The same marks give different coefficients under different designs (.166 to .715 for a single
mark in Shrout and Fleiss's own example), so the design is read off the marks and named, and a
coefficient that the design does not support is refused with its reason instead of computed.

Sources: Shrout and Fleiss 1979, Psychological Bulletin 86, 420-428 ("S&F"); McGraw and Wong 1996,
Psychological Methods 1, 30-46, tables 4 and 7, with the correction on page 390 ("M&W").
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from projections.evaluation_consistency.alpha import (
    EvaluatorId,
    Marks,
    ReliabilityData,
    TargetId,
    reliability_data,
)

CONFIDENCE = 0.95
_UPPER_TAIL = 1 - (1 - CONFIDENCE) / 2
_DEGENERATE = "the mean squares leave the F interval undefined"


@dataclass(frozen=True, slots=True)
class Design:
    """Which intraclass correlation the marks support, and why.

    ``kind`` is ``None`` where they support none. Targets that nobody marked are not counted.
    """

    kind: Literal["one-way", "two-way"] | None
    reason: str
    targets: int
    evaluators: int
    marks: int


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval at ``level``; ``exact`` is false where the F is an approximation."""

    lower: float
    upper: float
    level: float
    exact: bool


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One intraclass correlation, at most 1; below 0 where targets differ less than marks do.

    ``reason`` says why ``value`` is ``None``, ``interval_reason`` why ``interval`` is.
    """

    value: float | None
    reason: str | None
    interval: Interval | None
    interval_reason: str | None


@dataclass(frozen=True, slots=True)
class OneWay:
    """ICC(1,1) in ``single`` and ICC(1,k) in ``average``; evaluators may differ by target.

    ``msb`` and ``msw`` are the mean squares between and within targets, in squared units of the
    mark, ``None`` where undefined. ``k0`` is the number of marks that ``average`` is about: that
    of each target where all have the same.
    """

    targets: int
    marks: int
    k0: float | None
    msb: float | None
    msw: float | None
    single: Coefficient
    average: Coefficient


@dataclass(frozen=True, slots=True)
class TwoWay:
    """ICC(A,1), ICC(A,k), ICC(C,1) and ICC(C,k) of a full panel of k evaluators.

    Agreement counts differences in severity as error, consistency does not. ``msr``, ``msc`` and
    ``mse`` are the mean squares of targets (rows), evaluators (columns) and error, in squared
    units of the mark, ``None`` where undefined.
    """

    targets: int
    evaluators: int
    msr: float | None
    msc: float | None
    mse: float | None
    agreement_single: Coefficient
    agreement_average: Coefficient
    consistency_single: Coefficient
    consistency_average: Coefficient


def choose_design(marks: Marks[TargetId, EvaluatorId]) -> Design:
    """Say which design applies: two-way for a full panel, one-way where evaluators differ.

    Raises ``ValueError`` for a mark that is not finite.
    """
    data = reliability_data(marks)
    n, k, given = len(data.targets), len(data.evaluators), data.values.size
    undefined = _no_agreement_to_estimate(data)
    if undefined is not None:
        return Design(None, undefined, n, k, given)
    if data.is_full_panel:
        return Design("two-way", f"all {k} evaluators marked all {n} targets", n, k, given)
    reason = (
        f"evaluators differ between targets: {given} of the {n * k} marks "
        f"that {k} evaluators could give {n} targets were given"
    )
    return Design("one-way", reason, n, k, given)


def one_way(marks: Marks[TargetId, EvaluatorId]) -> OneWay:
    """ICC(1,1) = (MSB - MSW) / (MSB + (k0 - 1) MSW) and ICC(1,k) = (MSB - MSW) / MSB.

    S&F page 423; intervals by M&W table 7. Where targets have unequal numbers of marks k_i, k0 =
    (N - Σk_i²/N) / (n - 1): Lessells and Boag 1987, The Auk 104, 116-121; the interval with that
    k0 is approximate: Donner 1979, American Journal of Epidemiology 110, 335-342.
    Raises ``ValueError`` for a mark that is not finite.
    """
    data = reliability_data(marks)
    n, total = len(data.targets), data.values.size
    reason = _no_agreement_to_estimate(data)
    if reason is not None:
        refused = _refuse(reason)
        return OneWay(n, total, None, None, None, refused, refused)
    sizes = data.marks_per_target
    k0 = (total - float(np.square(sizes).sum()) / total) / (n - 1)
    centred = data.values - data.values.mean()
    means = np.bincount(data.target_of, weights=centred) / sizes
    noise = _rounding_noise(data.values)
    msb = _mean_square(float(sizes @ np.square(means)), n - 1, noise)
    within = centred - means[data.target_of]
    msw = _mean_square(float(np.square(within).sum()), total - n, noise)
    exact = bool(sizes.min() == sizes.max())
    ratio = _f_bounds(msb, msw, n - 1, total - n)
    return OneWay(
        targets=n,
        marks=total,
        k0=k0,
        msb=msb,
        msw=msw,
        single=_ratio_of(msb - msw, msb + (k0 - 1) * msw, _single_bounds(ratio, k0), exact=exact),
        average=_ratio_of(msb - msw, msb, _average_bounds(ratio), exact=exact),
    )


def two_way(marks: Marks[TargetId, EvaluatorId]) -> TwoWay:
    """The four coefficients of a full panel of k evaluators on n targets.

    ICC(C,1) = (MSR - MSE) / (MSR + (k - 1) MSE) and ICC(C,k) = (MSR - MSE) / MSR: S&F (3,1), (3,k).
    ICC(A,1) = (MSR - MSE) / (MSR + (k - 1) MSE + k (MSC - MSE) / n) and
    ICC(A,k) = (MSR - MSE) / (MSR + (MSC - MSE) / n): S&F (2,1), (2,k). M&W table 4; intervals
    by M&W table 7, where those of agreement rest on Satterthwaite's degrees of freedom and are
    marked as not exact. Raises ``ValueError`` for a mark that is not finite.
    """
    data = reliability_data(marks)
    n, k = len(data.targets), len(data.evaluators)
    reason = _no_agreement_to_estimate(data)
    if reason is None and not data.is_full_panel:
        reason = f"{n * k - data.values.size} of the full panel's {n * k} marks are missing"
    if reason is not None:
        refused = _refuse(reason)
        return TwoWay(n, k, None, None, None, refused, refused, refused, refused)
    panel = data.values.reshape(n, k) - data.values.mean()
    rows = panel.mean(axis=1, keepdims=True)
    columns = panel.mean(axis=0, keepdims=True)
    noise = _rounding_noise(data.values)
    msr = _mean_square(k * float(np.square(rows).sum()), n - 1, noise)
    msc = _mean_square(n * float(np.square(columns).sum()), k - 1, noise)
    error = float(np.square(panel - rows - columns).sum())
    mse = _mean_square(error, (n - 1) * (k - 1), noise)
    excess, severity = msr - mse, (msc - mse) / n
    ratio = _f_bounds(msr, mse, n - 1, (n - 1) * (k - 1))
    agreement = _agreement_bounds(msr, msc, mse, n, k)
    return TwoWay(
        targets=n,
        evaluators=k,
        msr=msr,
        msc=msc,
        mse=mse,
        agreement_single=_ratio_of(
            excess, msr + (k - 1) * mse + k * severity, agreement, exact=False
        ),
        agreement_average=_ratio_of(
            excess, msr + severity, _spearman_brown(agreement, k), exact=False
        ),
        consistency_single=_ratio_of(
            excess, msr + (k - 1) * mse, _single_bounds(ratio, k), exact=True
        ),
        consistency_average=_ratio_of(excess, msr, _average_bounds(ratio), exact=True),
    )


_Bounds = tuple[float, float] | None


def _no_agreement_to_estimate(data: ReliabilityData) -> str | None:
    if len(data.targets) <= 1:
        return "fewer than two targets were marked"
    if data.marks_per_target.max() <= 1:
        return "no target has two marks to compare"
    if data.values.min() == data.values.max():
        return "all marks are the same: there is no variance to apportion"
    return None


def _rounding_noise(values: NDArray[np.float64]) -> float:
    """The sum of squares that rounding alone can leave behind in deviations from means."""
    step = 8 * float(np.finfo(np.float64).eps) * float(np.abs(values).max())
    return values.size * step**2


def _mean_square(sum_of_squares: float, degrees: int, noise: float) -> float:
    # Equal means differ in their last bit; a ratio of such residues would look like a finding.
    return sum_of_squares / degrees if sum_of_squares > noise else 0.0


def _f_bounds(above: float, below: float, df_above: int, df_below: int) -> _Bounds:
    """The limits of the true ratio of expected mean squares: M&W table 7, F_L and F_U."""
    if above == 0 or below == 0:
        return None
    observed = above / below
    return (
        observed / float(stats.f.ppf(_UPPER_TAIL, df_above, df_below)),
        observed * float(stats.f.ppf(_UPPER_TAIL, df_below, df_above)),
    )


def _single_bounds(ratio: _Bounds, k: float) -> _Bounds:
    if ratio is None:
        return None
    lower, upper = ratio
    return (lower - 1) / (lower + k - 1), (upper - 1) / (upper + k - 1)


def _average_bounds(ratio: _Bounds) -> _Bounds:
    return None if ratio is None else (1 - 1 / ratio[0], 1 - 1 / ratio[1])


def _agreement_bounds(msr: float, msc: float, mse: float, n: int, k: int) -> _Bounds:
    """Limits of ICC(A,1), M&W table 7.

    Their a = kr / (n (1 - r)) is written in mean squares, which avoids dividing by 1 - r. Their
    a MSC + b MSE is then MSR, so the two terms of the degrees of freedom are shares of it.
    """
    if msr == 0 or msc + mse == 0:
        return None
    a = (msr - mse) / (msc + (n - 1) * mse)
    share = a * msc / msr
    df = (k - 1) / (share**2 + (1 - share) ** 2 / (n - 1))
    f_lower = float(stats.f.ppf(_UPPER_TAIL, n - 1, df))
    f_upper = float(stats.f.ppf(_UPPER_TAIL, df, n - 1))
    # With next to no degrees of freedom the quantile falls below 1 and the interval off its value.
    if min(f_lower, f_upper) < 1:
        return None
    other = k * msc + (k * n - k - n) * mse
    return (
        n * (msr - f_lower * mse) / (f_lower * other + n * msr),
        n * (f_upper * msr - mse) / (other + n * f_upper * msr),
    )


def _spearman_brown(single: _Bounds, k: int) -> _Bounds:
    """M&W's limits of ICC(A,k) are those of ICC(A,1), stepped up to the mean of k marks."""
    if single is None or 1 + (k - 1) * single[0] <= 0:
        return None
    lower, upper = single
    return k * lower / (1 + (k - 1) * lower), k * upper / (1 + (k - 1) * upper)


def _refuse(reason: str) -> Coefficient:
    return Coefficient(None, reason, None, reason)


def _ratio_of(excess: float, total: float, bounds: _Bounds, *, exact: bool) -> Coefficient:
    # Rounding can leave a residue where the terms cancel, which must not be divided by.
    if total <= 1e-12 * abs(excess):
        return _refuse("the targets' mean marks differ too little to tell targets apart")
    value = excess / total
    if bounds is None or not all(map(math.isfinite, bounds)):
        return Coefficient(value, None, None, _DEGENERATE)
    return Coefficient(value, None, Interval(*bounds, CONFIDENCE, exact), None)
