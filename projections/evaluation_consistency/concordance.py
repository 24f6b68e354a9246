"""Kendall's W: do evaluators put the applications in the same order?

Selection uses ranks, so agreement on the order matters even where evaluators use the scale
differently. W needs a full panel: ranks of different sets of applications can't be added.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from projections.evaluation_consistency.alpha import (
    EvaluatorId,
    Marks,
    TargetId,
    reliability_data,
)


@dataclass(frozen=True, slots=True)
class Concordance:
    """Kendall's coefficient of concordance, corrected for ties.

    ``w`` runs from 0 (no common order) to 1 (the same order). ``chi_square`` with
    ``degrees_of_freedom`` and ``p`` tests that the orders are unrelated; the approximation is
    rough for seven targets or fewer. All four are ``None`` where undefined, with the ``reason``.
    """

    targets: int
    evaluators: int
    w: float | None
    chi_square: float | None
    degrees_of_freedom: int | None
    p: float | None
    reason: str | None


def kendall_w(marks: Marks[TargetId, EvaluatorId]) -> Concordance:
    """W = 12 S / (m² (n³ - n) - m ΣT), with T = Σ (t³ - t) over each evaluator's ties.

    S is the sum of squared deviations of the targets' rank sums from their mean, for m evaluators
    and n targets; χ² = m (n - 1) W with n - 1 degrees of freedom. Source: Kendall and Gibbons
    1990, "Rank Correlation Methods", 5th edition, chapter 6 (ties: section "tied ranks").
    Raises ``ValueError`` for a mark that is not finite.
    """
    data = reliability_data(marks)
    n, m = len(data.targets), len(data.evaluators)

    def undefined(reason: str) -> Concordance:
        return Concordance(n, m, None, None, None, None, reason)

    if n <= 1:
        return undefined("fewer than two targets were marked: there is no order")
    if m <= 1:
        return undefined("fewer than two evaluators: there is no other order to compare with")
    if not data.is_full_panel:
        missing = n * m - data.values.size
        return undefined(f"{missing} of the panel's {n * m} marks are missing: W needs them all")
    ranks = stats.rankdata(data.values.reshape(n, m), axis=0)
    ties = 0
    for evaluator in range(m):
        _, sizes = np.unique(ranks[:, evaluator], return_counts=True)
        ties += sum(size**3 - size for size in sizes.tolist())
    greatest = m**2 * (n**3 - n) - m * ties
    if greatest == 0:
        return undefined("every evaluator gave all targets the same mark: there is no order")
    rank_sums = ranks.sum(axis=1)
    spread = float(np.square(rank_sums - m * (n + 1) / 2).sum())
    w = 12 * spread / greatest
    chi_square = m * (n - 1) * w
    return Concordance(n, m, w, chi_square, n - 1, float(stats.chi2.sf(chi_square, n - 1)), None)
