"""How sure the ranks are: intervals by bootstrap, and the band around the funding line.

A rank is a statistic of a panel that might have been another one. Resampling each application's
own evaluators shows how far the order would have moved with others like them. Efron and
Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13 (percentile intervals); Goldstein
and Spiegelhalter 1996, JRSS A 159(3), section 4, and Hall and Miller 2009, Annals of Statistics
37(6B), for ranks. With three evaluators or fewer the spread is understated, by about (n - 1) / n
of the variance: what is called settled here may still be luck, what is not settled is not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from projections.evaluation_consistency.competition import Competition
from projections.evaluation_consistency.resampling import Draws, Floats, draw

DRAWS = 1_000
SEED = 20_240_601
"""Fixed, so that a report about one moment is the same whenever it is asked for."""
COVERAGE = 0.95
SETTLED = 0.05
"""Below this share of draws one way or the other, the funding line is settled."""


@dataclass(frozen=True, slots=True)
class RankInterval:
    """An application's place and how far resampled panels move it.

    `rank` is None below a floor or without a quorum; `low` and `high` bound the ranks of the
    middle 95 % of draws, in which an application without a rank counts as last; `through` is the
    share of draws in which it is ranked within the slots.
    """

    application_id: str
    rank: int | None
    total: float | None
    low: int
    high: int
    through: float


@dataclass(frozen=True, slots=True)
class CoinToss:
    """The applications for which the draws do not settle which side of the line they are on.

    `first` and `last` are their best and worst place; 0 where there are none.
    """

    applications: tuple[str, ...]
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Ranks:
    """Every application in order of rank, and the band around the funding line."""

    slots: int
    draws: int
    seed: int
    intervals: tuple[RankInterval, ...]
    coin_toss: CoinToss


def ranks(found: Competition, draws: int = DRAWS, seed: int = SEED) -> Ranks:
    """Return rank intervals over `draws` resampled panels."""
    scored = [line.scored for line in found.lines]
    drawn = draw(found.rubric, scored, draws, np.random.default_rng(seed))
    places = places_of(drawn)
    through = ((places <= found.slots) & drawn.ranked).mean(axis=0)
    edges = (100 * (1 - COVERAGE) / 2, 100 * (1 + COVERAGE) / 2)
    low, high = (
        np.percentile(places, edges, axis=0, method="nearest") if scored else np.zeros((2, 0))
    )
    intervals = tuple(
        RankInterval(
            line.scored.application,
            line.rank,
            None if line.scored.total is None else float(line.scored.total),
            int(low[i]),
            int(high[i]),
            float(through[i]),
        )
        for i, line in enumerate(found.lines)
    )
    return Ranks(found.slots, draws, seed, intervals, _coin_toss(intervals))


def places_of(drawn: Draws) -> NDArray[np.intp]:
    """Return each draw's ranks: equals share one, and who has none is last."""
    draws, applications = drawn.ranked.shape
    places = np.full((draws, applications), applications, dtype=np.intp)
    keys: list[Floats] = [np.where(drawn.ranked, key, np.float64(np.inf)) for key in drawn.keys]
    # The last key of lexsort is the first that counts.
    for row in range(draws):
        own = [key[row] for key in keys]
        order = np.lexsort(own[::-1]) if len(own) > 1 else np.argsort(own[0], kind="stable")
        begins = np.zeros(applications, dtype=np.intp)
        for key in own:
            steps = np.flatnonzero(key[order][1:] != key[order][:-1]) + 1
            begins[steps] = steps
        places[row, order] = np.maximum.accumulate(begins) + 1
    places[~drawn.ranked] = max(applications, 1)
    return places


def _coin_toss(intervals: tuple[RankInterval, ...]) -> CoinToss:
    open_ = [
        (place, interval.application_id)
        for place, interval in enumerate(intervals, 1)
        if SETTLED < interval.through < 1 - SETTLED
    ]
    if not open_:
        return CoinToss((), 0, 0)
    return CoinToss(tuple(name for _, name in open_), open_[0][0], open_[-1][0])
