"""Krippendorff's alpha: the one agreement coefficient that needs no complete panel.

Evaluators recuse themselves, so marks are missing by design. Alpha takes what is there, at any
level of measurement. The reading of sparse marks into arrays lives here too, because alpha asks
the least of them; the stricter statistics start from the same arrays.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias, TypeVar, assert_never

import numpy as np
from numpy.typing import NDArray

TargetId = TypeVar("TargetId", bound=str)
EvaluatorId = TypeVar("EvaluatorId", bound=str)

Marks: TypeAlias = Mapping[TargetId, Mapping[EvaluatorId, Decimal | float]]
"""Target → evaluator → mark. A mark that was not given is an absent key, never a number."""

DRAWS = 1_000
SEED = 20_110_125
"""Fixed, so that an interval about the same marks is always the same."""

Level: TypeAlias = Literal["nominal", "ordinal", "interval", "ratio"]


@dataclass(frozen=True, slots=True, eq=False)
class ReliabilityData:
    """Marks as parallel arrays of length N, sorted by target and then by evaluator.

    ``target_of`` and ``evaluator_of`` index into ``targets`` and ``evaluators``. Targets that
    nobody marked are left out: they say nothing about agreement.
    """

    targets: tuple[str, ...]
    evaluators: tuple[str, ...]
    target_of: NDArray[np.intp]
    evaluator_of: NDArray[np.intp]
    values: NDArray[np.float64]

    @property
    def is_full_panel(self) -> bool:
        """Whether every evaluator marked every target."""
        return self.values.size == len(self.targets) * len(self.evaluators)

    @property
    def marks_per_target(self) -> NDArray[np.intp]:
        """Number of marks of each target, shape (targets,)."""
        return np.bincount(self.target_of, minlength=len(self.targets))


def reliability_data(marks: Marks[TargetId, EvaluatorId]) -> ReliabilityData:
    """Sort sparse marks into arrays; the order of the mappings has no influence.

    Raises ``ValueError`` for a mark that is not a finite number, since a mark that is missing
    has to be absent.
    """
    targets = sorted(target for target, given in marks.items() if given)
    evaluators = sorted({evaluator for target in targets for evaluator in marks[target]})
    place = {evaluator: index for index, evaluator in enumerate(evaluators)}
    target_of: list[int] = []
    evaluator_of: list[int] = []
    values: list[float] = []
    for index, target in enumerate(targets):
        for evaluator in sorted(marks[target]):
            value = float(marks[target][evaluator])
            if not math.isfinite(value):
                message = f"the mark of {evaluator!r} for {target!r} is not a finite number"
                raise ValueError(message)
            target_of.append(index)
            evaluator_of.append(place[evaluator])
            values.append(value)
    return ReliabilityData(
        targets=tuple(targets),
        evaluators=tuple(evaluators),
        target_of=np.array(target_of, dtype=np.intp),
        evaluator_of=np.array(evaluator_of, dtype=np.intp),
        values=np.array(values, dtype=np.float64),
    )


@dataclass(frozen=True, slots=True)
class Alpha:
    """Krippendorff's alpha at one level of measurement.

    ``value`` is at most 1 (perfect agreement), 0 where agreement is what chance would give, and
    below 0 for systematic disagreement. It is ``None`` where undefined, with the ``reason``.
    ``units`` and ``marks`` count what entered: only targets with at least two marks can.
    ``observed`` and ``expected`` are the disagreements D_o and D_e, in squared units of the
    level's difference function. ``lower`` and ``upper`` bound the middle 95 % of alphas over
    resampled units, ``None`` for fewer than two.
    """

    level: Level
    value: float | None
    reason: str | None
    units: int
    marks: int
    observed: float | None
    expected: float | None
    lower: float | None = None
    upper: float | None = None


def krippendorff_alpha(marks: Marks[TargetId, EvaluatorId], level: Level) -> Alpha:
    """Alpha = 1 - D_o / D_e from the coincidence matrix; missing marks allowed.

    Source: Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", section C
    (coincidences o_ck, each unit weighted by 1 / (m_u - 1)) and section D (difference functions).
    Memory grows with units × distinct values. Raises ``ValueError`` for a mark that is not finite.
    """
    data = reliability_data(marks)
    pairable = data.marks_per_target[data.target_of] > 1
    units, unit_of = np.unique(data.target_of[pairable], return_inverse=True)
    values, value_of = np.unique(data.values[pairable], return_inverse=True)
    n_units, n_marks = len(units), int(pairable.sum())

    def undefined(reason: str) -> Alpha:
        return Alpha(level, None, reason, n_units, n_marks, None, None)

    if n_units == 0:
        return undefined("no target has two marks to compare")
    if len(values) == 1:
        return undefined("all comparable marks are the same: there is no variation to agree on")
    if level == "ratio" and values[0] < 0:
        return undefined("a ratio scale has no negative marks")

    cells = np.bincount(unit_of * len(values) + value_of, minlength=n_units * len(values))
    counts = cells.reshape(n_units, len(values)).astype(np.float64)
    # Pairs of a mark with itself stay in: they lie on the diagonal, where differences are zero.
    coincidences = counts.T @ (counts / (counts.sum(axis=1, keepdims=True) - 1))
    totals = counts.sum(axis=0)
    differences = _squared_differences(values, totals, level)
    observed = float((coincidences * differences).sum()) / n_marks
    expected = float(totals @ differences @ totals) / (n_marks * (n_marks - 1))
    if expected == 0:
        return undefined("the marks differ by less than arithmetic can resolve")
    lower, upper = _interval(counts, differences)
    return Alpha(
        level, 1 - observed / expected, None, n_units, n_marks, observed, expected, lower, upper
    )


def _interval(
    counts: NDArray[np.float64], differences: NDArray[np.float64]
) -> tuple[float | None, float | None]:
    """Percentile interval over resampled units, with the differences of the whole sample.

    Source: Zapf, Castell, Morawietz and Karch 2016, BMC Medical Research Methodology 16:93, who
    find the resampling of units to hold its level where the published formulas do not.
    """
    n_units = len(counts)
    if n_units < 2:  # noqa: PLR2004  # one unit cannot vary
        return None, None
    chosen = np.random.default_rng(SEED).integers(0, n_units, size=(DRAWS, n_units))
    of_draw = np.arange(DRAWS)[:, None] * n_units
    weights = np.bincount((chosen + of_draw).ravel(), minlength=DRAWS * n_units)
    weights = weights.reshape(DRAWS, n_units).astype(np.float64)
    sizes = counts.sum(axis=1)
    disagreements = np.einsum("uv,vw,uw->u", counts, differences, counts) / (sizes - 1)
    totals = weights @ counts
    marks = weights @ sizes
    expected = np.einsum("bv,vw,bw->b", totals, differences, totals, optimize=True) / (marks - 1)
    kept = expected > 0
    alphas = 1 - (weights @ disagreements)[kept] / expected[kept]
    if not alphas.size:
        return None, None
    lower, upper = np.percentile(alphas, (2.5, 97.5)).tolist()
    return lower, upper


def _squared_differences(
    values: NDArray[np.float64], totals: NDArray[np.float64], level: Level
) -> NDArray[np.float64]:
    """Squared differences of each pair of values, shape (V, V): Krippendorff 2011, section D."""
    row, column = values[:, np.newaxis], values[np.newaxis, :]
    gaps: NDArray[np.float64]
    match level:
        case "nominal":
            gaps = (row != column).astype(np.float64)
        case "ordinal":
            # The marks between two ranks, with half of those on each of the two, are the
            # distance between the ranks' midpoints.
            midpoints = np.cumsum(totals) - totals / 2
            gaps = midpoints[:, np.newaxis] - midpoints[np.newaxis, :]
        case "interval":
            gaps = row - column
        case "ratio":
            sums = row + column
            # Only zero beside zero sums to zero here, and those two do not differ.
            gaps = (row - column) / np.where(sums == 0, 1.0, sums)
        case _:
            assert_never(level)
    return gaps * gaps
