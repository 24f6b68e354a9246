"""How severe each evaluator is once chance is taken out, where the design can tell at all.

A mark is taken as the application's own worth, plus the evaluator's leaning, plus chance:
y_te = a_t + u_e + e_te, with the leanings u random around nought. Applications are absorbed, and
the leanings are predicted by the mixed model equations (Henderson 1975, Biometrics 31(2), eq. 3;
Robinson 1991, Statistical Science 6(1), section 2), which shrink whoever marked little towards
nought. Chance is the residual variance of the additive fit; the variance of the leanings is that
by which the squares of the fitted ones exceed their expectation under chance alone, after the
method of fitting constants (Searle, Casella and McCulloch 1992, "Variance Components", 5.5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from projections.evaluation_consistency.alpha import ReliabilityData

Floats = NDArray[np.float64]

FEWEST_EVALUATORS = 3
FEWEST_REVIEWS = 5
FEWEST_DEGREES = 10
_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Leaning:
    """An evaluator's leaning from the mean of all, in units of the mark: positive marks higher.

    `fitted` is the least-squares estimate, `shrunk` its prediction, within `low` to `high` with
    95 % confidence given the variances; where that leaves out nought, chance alone is unlikely.
    """

    fitted: float
    shrunk: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Model:
    """What the leanings rest on; where they cannot be told, `reason` says which precondition fails.

    `between` is the variance of the leanings, `chance` the residual variance, both in squared
    units of the mark; `degrees` are the residual degrees of freedom.
    """

    reason: str | None
    between: float | None
    chance: float | None
    degrees: int


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """The least-squares leanings of a design that can tell, centred on nought over all evaluators.

    `fitted` has shape (evaluators,). `spread` times the model's `chance` is the covariance of
    contrasts among them; `information` and `right` are the normal equations.
    """

    model: Model
    evaluators: tuple[str, ...]
    fitted: Floats
    spread: Floats
    information: Floats
    right: Floats


def fit(data: ReliabilityData, components: int) -> Fit | Model:
    """Fit the leanings; where the design cannot tell, return only the model, which says why.

    `components` counts the connected parts of the design.
    """
    shared = data.marks_per_target[data.target_of] > 1
    reviews = np.bincount(data.evaluator_of[shared], minlength=len(data.evaluators))
    targets = int((data.marks_per_target > 1).sum())
    degrees = int(shared.sum()) - targets - len(data.evaluators) + 1
    if reason := _fails(data, components, reviews, degrees):
        return Model(reason, None, None, degrees)
    information, right, squares = _absorbed(data, shared)
    # Singular along "all alike", and there alone, since the design is connected: the inverse on
    # what is left, which a numerical rank would have to guess at.
    alike = np.full_like(information, 1 / len(right))
    inverse: Floats = np.linalg.inv(information + alike).astype(np.float64) - alike
    fitted: Floats = inverse @ right
    chance = max(squares - float(fitted @ right), 0.0) / degrees
    excess = float(fitted @ fitted) - chance * float(np.trace(inverse))
    between = max(excess / (len(fitted) - 1), 0.0)
    model = Model(None, between, chance, degrees)
    return Fit(model, data.evaluators, fitted, inverse, information, right)


def leanings(data: ReliabilityData, components: int) -> tuple[Model, tuple[Leaning, ...]]:
    """Predict the leanings, in the order of the evaluators; none where the design cannot tell."""
    found = fit(data, components)
    if isinstance(found, Model):
        return found, ()
    return found.model, _predicted(found.information, found.right, found.fitted, found.model)


def _fails(
    data: ReliabilityData, components: int, reviews: NDArray[np.intp], degrees: int
) -> str | None:
    if len(data.evaluators) < FEWEST_EVALUATORS:
        return f"fewer than {FEWEST_EVALUATORS} evaluators marked"
    if components != 1:
        return f"the design falls into {components} parts that share nothing to compare them by"
    few = [e for e, n in zip(data.evaluators, reviews.tolist(), strict=True) if n < FEWEST_REVIEWS]
    if few:
        return (
            f"{len(few)} evaluators, {few[0]} among them, share fewer than {FEWEST_REVIEWS} "
            "applications with others"
        )
    if degrees < FEWEST_DEGREES:
        return f"only {degrees} degrees of freedom are left for chance"
    return None


def _absorbed(data: ReliabilityData, shared: NDArray[np.bool_]) -> tuple[Floats, Floats, float]:
    """Return the normal equations of the evaluators with applications absorbed.

    Shapes (evaluators, evaluators) and (evaluators,), and the sum of squares within
    applications.
    """
    values, target, evaluator = (
        data.values[shared],
        data.target_of[shared],
        data.evaluator_of[shared],
    )
    sizes = np.bincount(target, minlength=len(data.targets)).astype(np.float64)
    sizes[sizes == 0] = 1.0
    within = values - np.bincount(target, values, minlength=len(sizes))[target] / sizes[target]
    incidence = np.zeros((len(data.targets), len(data.evaluators)))
    incidence[target, evaluator] = 1.0
    information: Floats = np.diag(incidence.sum(axis=0)) - incidence.T @ (
        incidence / sizes[:, None]
    )
    right = np.zeros(len(data.evaluators))
    np.add.at(right, evaluator, within)
    return information, right, float(within @ within)


def _predicted(
    information: Floats, right: Floats, fitted: Floats, model: Model
) -> tuple[Leaning, ...]:
    if not model.between or not model.chance:
        # Nothing beyond chance, or no chance at all: there is nothing to weigh up.
        kept: Floats = np.zeros_like(fitted) if model.chance else fitted
        pairs = zip(fitted.tolist(), kept.tolist(), strict=True)
        return tuple(Leaning(f, k, k, k) for f, k in pairs)
    prior = np.eye(len(fitted)) / model.between
    covariance = np.linalg.inv(information / model.chance + prior).astype(np.float64)
    # Only differences can be told: what all evaluators share is part of the applications' worth.
    centred = np.eye(len(fitted)) - 1 / len(fitted)
    covariance = centred @ covariance @ centred
    shrunk: Floats = covariance @ right / model.chance
    deviations: Floats = np.sqrt(np.diag(covariance))
    reach = float(stats.norm.ppf((1 + _LEVEL) / 2)) * deviations
    return tuple(
        Leaning(f, s, s - r, s + r)
        for f, s, r in zip(fitted.tolist(), shrunk.tolist(), reach.tolist(), strict=True)
    )
