"""How far an outcome rests on the weights: the same stage under a grid of weightings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.rubric import Rubric
from core.vocabulary import ApplicationId, CriterionId
from replay.what_if.basis import Basis
from replay.what_if.choosing import Limits, chosen
from replay.what_if.weighing import Weighing
from replay.what_if.weights import distance, grid_around, weights_of


@dataclass(frozen=True, slots=True)
class WeightOf:
    """What a criterion weighs for a variant's cities; "" is the rubric's own weights."""

    variant: str
    criterion: CriterionId
    weight: Decimal


@dataclass(frozen=True, slots=True)
class Tried:
    """One weighting, how many points of weight lie elsewhere, and whom it selects otherwise."""

    weights: tuple[WeightOf, ...]
    distance: Decimal
    gained: tuple[ApplicationId, ...]
    lost: tuple[ApplicationId, ...]


@dataclass(frozen=True, slots=True)
class Acceptance:
    """How an application fares: in how many weightings it is selected, and between which ranks.

    Ranks are None where it never has one.
    """

    application_id: ApplicationId
    selected: int
    best_rank: int | None
    worst_rank: int | None


@dataclass(frozen=True, slots=True)
class Stability:
    """The outcome over different weightings.

    `unchanged` of them select the same; `nearest` is the one closest to the rubric's weights
    that does not. `applications` are those that any of them selects, or the rubric's own does.
    """

    asked: int
    spread: Decimal
    weightings: int
    unchanged: int
    nearest: Tried | None
    applications: tuple[Acceptance, ...]
    tried: tuple[Tried, ...]


def stability(basis: Basis, size: int, spread: Decimal) -> Stability:
    """Rank a stage under each weighting of a grid around its rubric's."""
    limits = Limits(basis.slots, basis.budget_krw, basis.amounts)
    weighing = Weighing(basis.rubric, basis.candidates)
    own = chosen(weighing.groups(basis.rubric), limits).selected
    times: Counter[ApplicationId] = Counter()
    ranks: dict[ApplicationId, tuple[int, int]] = {}
    tried: list[Tried] = []
    for rubric in grid_around(basis.rubric, size, spread):
        groups = weighing.groups(rubric)
        selected = chosen(groups, limits).selected
        times.update(selected)
        _widen(ranks, groups)
        tried.append(_tried(basis.rubric, rubric, own, selected))
    others = [t for t in tried if t.gained or t.lost]
    ever = sorted(times.keys() | set(own), key=lambda a: (-times[a], a))
    return Stability(
        size,
        spread,
        len(tried),
        len(tried) - len(others),
        min(others, key=lambda t: t.distance, default=None),
        tuple(Acceptance(a, times[a], *ranks.get(a, (None, None))) for a in ever),
        tuple(tried),
    )


def _widen(
    ranks: dict[ApplicationId, tuple[int, int]], groups: Sequence[Sequence[ApplicationId]]
) -> None:
    place = 1
    for group in groups:
        for application in group:
            best, worst = ranks.get(application, (place, place))
            if place < best or place > worst or application not in ranks:
                ranks[application] = min(best, place), max(worst, place)
        place += len(group)


def _tried(
    own: Rubric,
    other: Rubric,
    before: Sequence[ApplicationId],
    selected: Sequence[ApplicationId],
) -> Tried:
    known, now = set(before), set(selected)
    return Tried(
        weights_listed(other),
        distance(own, other),
        tuple(a for a in selected if a not in known),
        tuple(a for a in before if a not in now),
    )


def weights_listed(rubric: Rubric) -> tuple[WeightOf, ...]:
    """Return the weights of a rubric as a list."""
    return tuple(
        WeightOf(variant, criterion, weight)
        for variant, weights in weights_of(rubric).items()
        for criterion, weight in weights.items()
    )
