"""The rubric's arithmetic over many imagined panels at once: floats in arrays, for resampling.

Each draw gives every application as many evaluators as it had, chosen from its own with
replacement, and then trims, averages, rounds and applies floors as the rubric says. A sheet's
own total is `core.ranking`'s: weights, points, N/A and the roundings of a sheet are not done
twice. Doubles stand in for decimals here, so draws decide nothing; they only describe.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.ranking import Scored
from core.rubric import Aggregation, RoundAt, RoundMode, Rubric, Trim, TrimTies

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
_SAME = 1e-9
"""Below any step of a rubric; doubles of equal decimals differ by less."""


@dataclass(frozen=True, slots=True)
class Draws:
    """Imagined results: `total` and each tie-break's mean, shape (draws, applications).

    Better is smaller, whatever the scale says. `ranked` is false where a draw missed a floor.
    """

    keys: tuple[Floats, ...]
    ranked: Flags


@dataclass(frozen=True, slots=True)
class _Group:
    """Applications with equally many sheets that have a total: places, totals, marks.

    `totals` has the shape (applications, sheets), `marks` one more axis for criteria, with
    NaN for N/A.
    """

    places: NDArray[np.intp]
    totals: Floats
    marks: Floats


def draw(rubric: Rubric, scored: Sequence[Scored], draws: int, rng: np.random.Generator) -> Draws:
    """Return `draws` imagined results for the applications, in the order given."""
    return _results(rubric, scored, draws, rng)


def as_they_were(rubric: Rubric, scored: Sequence[Scored]) -> Draws:
    """Return one result from the very evaluators that there were: what draws vary around."""
    return _results(rubric, scored, 1, None)


def _results(
    rubric: Rubric, scored: Sequence[Scored], draws: int, rng: np.random.Generator | None
) -> Draws:
    better = -1.0 if rubric.higher_is_better else 1.0
    columns = [c.id for c in rubric.criteria]
    breaks = [columns.index(c) for c in rubric.tie_breaks]
    worst = [float(rubric.criteria[i].scale.worst) for i in breaks]
    shape = draws, len(scored)
    keys = [np.full(shape, np.inf, dtype=np.float64) for _ in range(1 + len(breaks))]
    ranked = np.zeros(shape, dtype=np.bool_)
    for group in _groups(scored):
        applications, sheets = group.totals.shape
        chosen = _chosen(draws, applications, sheets, rng)
        totals = np.take_along_axis(group.totals[None], chosen, axis=2)
        kept = _kept(rubric.aggregation, totals)
        total = _rounded(rubric.aggregation, _mean(totals, kept))
        means = {
            i: _mean(np.take_along_axis(group.marks[None, :, :, i], chosen, axis=2), kept)
            for i in {*breaks, *_with_floors(rubric)}
        }
        at = np.ix_(np.arange(draws), group.places)
        keys[0][at] = better * total
        for key, i, bottom in zip(keys[1:], breaks, worst, strict=True):
            key[at] = better * np.where(np.isnan(means[i]), bottom, means[i])
        enough = sheets >= rubric.quorum
        ranked[at] = enough & ~_missed(rubric, total, means)
    rounded: tuple[Floats, ...] = tuple(key.round(9) for key in keys)
    return Draws(rounded, ranked)


def _groups(scored: Sequence[Scored]) -> Iterator[_Group]:
    places: defaultdict[int, list[int]] = defaultdict(list)
    rows: dict[int, list[tuple[float, list[float]]]] = {}
    for place, item in enumerate(scored):
        found = [
            (float(s.total), [np.nan if w.mark is None else float(w.mark) for w in s.weighted])
            for s in item.sheets
            if s.total is not None
        ]
        if found:
            rows[place] = found
            places[len(found)].append(place)
    for members in places.values():
        totals = np.array([[total for total, _ in rows[p]] for p in members])
        marks = np.array([[marks for _, marks in rows[p]] for p in members])
        yield _Group(np.array(members), totals, marks)


def _chosen(
    draws: int, applications: int, sheets: int, rng: np.random.Generator | None
) -> NDArray[np.intp]:
    if rng is None:
        return np.broadcast_to(np.arange(sheets), (draws, applications, sheets))
    return rng.integers(0, sheets, size=(draws, applications, sheets))


def _kept(aggregation: Aggregation, totals: Floats) -> Flags:
    """Say which sheets of each draw are kept after trimming."""
    sheets = totals.shape[2]
    if aggregation.trim is Trim.NONE or sheets < aggregation.trim_from:
        return np.ones(totals.shape, dtype=np.bool_)
    if aggregation.trim_ties is TrimTies.DROP_ONE:
        # Sheets are in the order of evaluators: the first of the lowest, the last of the highest.
        kept = np.ones(totals.shape, dtype=np.bool_)
        first_low = totals.argmin(axis=2)[..., None]
        last_high = sheets - 1 - totals[..., ::-1].argmax(axis=2)[..., None]
        np.put_along_axis(kept, first_low, values=False, axis=2)
        np.put_along_axis(kept, last_high, values=False, axis=2)
        return kept
    low, high = totals.min(axis=2)[..., None], totals.max(axis=2)[..., None]
    between: Flags = np.logical_and(totals > low + _SAME, totals < high - _SAME)
    between |= np.logical_not(between.any(axis=2))[..., None]
    return between


def _mean(values: Floats, kept: Flags) -> Floats:
    """Mean of what is kept and not N/A; NaN where that is nothing."""
    counts = np.logical_and(kept, np.logical_not(np.isnan(values)))
    number: Floats = counts.sum(axis=2).astype(np.float64)
    number[number == 0] = np.nan
    total: Floats = np.where(counts, values, 0.0).sum(axis=2)
    return np.divide(total, number)


def _rounded(aggregation: Aggregation, total: Floats) -> Floats:
    for rounding in aggregation.roundings:
        if rounding.at is RoundAt.TOTAL:
            step = float(rounding.step)
            # Doubles of decimal halves lie a little beside them; at nine digits they do not.
            steps = np.round(total / step, 9)
            match rounding.mode:
                case RoundMode.HALF_UP:
                    steps = np.sign(steps) * np.floor(np.abs(steps) + 0.5)
                case RoundMode.HALF_EVEN:
                    steps = np.round(steps)
                case RoundMode.DOWN:
                    steps = np.trunc(steps)
            return steps * step
    return total


def _with_floors(rubric: Rubric) -> list[int]:
    return [i for i, criterion in enumerate(rubric.criteria) if criterion.floor is not None]


def _missed(rubric: Rubric, total: Floats, means: dict[int, Floats]) -> Flags:
    def misses(values: Floats, floor: float) -> Flags:
        short = values < floor - _SAME if rubric.higher_is_better else values > floor + _SAME
        return short | np.isnan(values)

    missed = np.zeros(total.shape, dtype=np.bool_)
    if rubric.aggregation.total_floor is not None:
        missed |= misses(total, float(rubric.aggregation.total_floor))
    for i in _with_floors(rubric):
        missed |= misses(means[i], float(rubric.criteria[i].floor or 0))
    return missed
