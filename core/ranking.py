"""From marks to ranks: score, trim, weight, round, total, tie-break.

One pure function that the live ranking, the recorded ranking, its replay and any
what-if share. It returns every step, so that a person can follow each number by
hand. Arithmetic is decimal at 28 digits; a rubric says where it rounds.

The mark of a quantitative criterion is computed once for an application and stands in each of
its sheets, as if every evaluator had given it: so it is weighed, rounded and added up like all
others, and among those who scored everything it moves nobody before another in trimming.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from enum import StrEnum

from core.computed import Computed, computed, require_computable
from core.errors import refuse
from core.floors import floors_missed
from core.groups import CityFacts
from core.indicators import Figures
from core.rounding import EXACT, rounded, settled
from core.rubric import (
    HUNDRED,
    Aggregation,
    Missing,
    Points,
    RoundAt,
    Rubric,
    Trim,
    TrimTies,
)
from core.vocabulary import ApplicationId, CriterionId, EvaluatorId

ALGORITHM = "ranking.1"
"""Named in every recorded ranking; a change of arithmetic is a new name."""


class Standing(StrEnum):
    """Whether an application takes part in the order of ranks."""

    RANKED = "ranked"
    BELOW_FLOOR = "below-floor"
    NO_QUORUM = "no-quorum"


@dataclass(frozen=True, slots=True)
class Mark:
    """One criterion's mark by one evaluator; None is an explicit N/A."""

    criterion: CriterionId
    value: Decimal | None


def with_mark(
    marks: tuple[Mark, ...], criterion: CriterionId, value: Decimal | None
) -> tuple[Mark, ...]:
    """Return `marks` with the mark of one criterion replaced."""
    return tuple(Mark(criterion, value) if m.criterion == criterion else m for m in marks)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One evaluator's marks for one application."""

    evaluator: EvaluatorId
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An application to be ranked.

    What was known of its city when it applied picks the variant of weights; `figures` are
    what quantitative criteria are computed from.
    """

    application: ApplicationId
    city: CityFacts
    sheets: tuple[Sheet, ...]
    figures: Figures = Figures()  # noqa: RUF009  # frozen


@dataclass(frozen=True, slots=True)
class Weighted:
    """One mark, its weight in percent and the points it gives."""

    criterion: CriterionId
    mark: Decimal | None
    weight: Decimal
    points: Decimal | None


@dataclass(frozen=True, slots=True)
class SheetTrace:
    """How one evaluator's marks became a total, and whether that total was kept."""

    evaluator: EvaluatorId
    weighted: tuple[Weighted, ...]
    total: Decimal | None
    kept: bool


@dataclass(frozen=True, slots=True)
class CriterionMean:
    """The mean mark of one criterion over the evaluators that were kept.

    None where all of them said N/A; such a mean misses a floor and loses a tie-break.
    """

    criterion: CriterionId
    mean: Decimal | None


@dataclass(frozen=True, slots=True)
class Scored:
    """One application's way from marks to total, before it is compared with others.

    `computed` are the marks of quantitative criteria, with the figures that they come from.
    """

    application: ApplicationId
    standing: Standing
    total: Decimal | None
    means: tuple[CriterionMean, ...]
    floors_missed: tuple[str, ...]
    sheets: tuple[SheetTrace, ...]
    computed: tuple[Computed, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranked:
    """An application's place. Equal ranks are ties that no tie-break resolved."""

    rank: int | None
    tied: bool
    decided_by: str
    scored: Scored


def rank(rubric: Rubric, candidates: Iterable[Candidate]) -> tuple[Ranked, ...]:
    """Score every candidate and put them in order, best first.

    Those below a floor or without a quorum come last and have no rank. Refuses with
    `mark-missing` where the rubric does not say what an N/A means, and with
    `indicator-missing` or `wrong-unit` for every mark that cannot be computed.
    """
    candidates = list(candidates)
    require_computable(rubric, {c.application: c.figures for c in candidates})
    return order(rubric, [score(rubric, c) for c in candidates])


def score(rubric: Rubric, candidate: Candidate, before: Scored | None = None) -> Scored:
    """Return one application's trace from marks to total.

    `before` is an earlier trace by the same rubric: what it says of marks and weights that are
    the very same is not worked out again, since as a rule one sheet has changed.
    """
    require_computable(rubric, {candidate.application: candidate.figures})
    marks = computed(rubric, candidate.figures)
    common = {found.criterion: found.mark for found in marks}
    earlier = {s.evaluator: s for s in before.sheets} if before else {}
    with localcontext(EXACT):
        weights = rubric.weights(candidate.city)
        sheets = [
            _unchanged(sheet, common, weights, earlier.get(sheet.evaluator))
            or _sheet(rubric, weights, candidate.application, sheet, common)
            for sheet in sorted(candidate.sheets, key=lambda s: s.evaluator)
        ]
        sheets = _trim(rubric, sheets)
        totals = [s.total for s in sheets if s.kept and s.total is not None]
        total = settled(rounded(rubric, RoundAt.TOTAL, _mean(totals))) if totals else None
        means = tuple(
            CriterionMean(c.id, _criterion_mean(sheets, index))
            for index, c in enumerate(rubric.criteria)
        )
        missed = floors_missed(rubric, total, {m.criterion: m.mean for m in means})
    counted = sum(s.total is not None for s in sheets)
    if total is None or counted < rubric.quorum:
        standing = Standing.NO_QUORUM
    else:
        standing = Standing.BELOW_FLOOR if missed else Standing.RANKED
    return Scored(candidate.application, standing, total, means, missed, tuple(sheets), marks)


def order(rubric: Rubric, scored: Sequence[Scored]) -> tuple[Ranked, ...]:
    """Put scored applications in order; equals share a rank (1, 2, 2, 4)."""
    keyed = sorted(
        ((key(rubric, s), s) for s in scored if s.standing is Standing.RANKED),
        key=lambda pair: (pair[0], pair[1].application),
    )
    lines: list[Ranked] = []
    for index, (own, item) in enumerate(keyed):
        before = keyed[index - 1][0] if index else None
        after = keyed[index + 1][0] if index + 1 < len(keyed) else None
        place = lines[-1].rank if own == before else index + 1
        neighbours = [k for k in (before, after) if k is not None]
        lines.append(Ranked(place, own in neighbours, _decided_by(rubric, own, neighbours), item))
    rest = sorted(
        (s for s in scored if s.standing is not Standing.RANKED),
        key=lambda s: (s.standing, s.application),
    )
    return (*lines, *(Ranked(None, False, s.standing, s) for s in rest))  # noqa: FBT003


def _unchanged(
    sheet: Sheet,
    common: Mapping[CriterionId, Decimal | None],
    weights: Mapping[CriterionId, Decimal],
    trace: SheetTrace | None,
) -> SheetTrace | None:
    """Return a trace as it was before any trimming, if it is of these marks, object by object.

    Equal marks would not do: 90 and 90.0 are equal, and are recorded differently.
    """
    if trace is None:
        return None
    marks = {**{m.criterion: m.value for m in sheet.marks}, **common}
    for weighted in trace.weighted:
        criterion = weighted.criterion
        if marks.get(criterion) is not weighted.mark:
            return None
        if weights.get(criterion) is not weighted.weight:
            return None
    kept = trace.total is not None
    return trace if trace.kept is kept else replace(trace, kept=kept)


def _sheet(
    rubric: Rubric,
    weights: Mapping[CriterionId, Decimal],
    application: str,
    sheet: Sheet,
    common: Mapping[CriterionId, Decimal | None],
) -> SheetTrace:
    marks = {**{m.criterion: m.value for m in sheet.marks}, **common}
    weighted: list[Weighted] = []
    for criterion in rubric.criteria:
        mark, weight = marks.get(criterion.id), weights[criterion.id]
        if mark is None and weight and rubric.aggregation.missing is Missing.REFUSE:
            refuse(
                "mark-missing",
                "this rubric does not say what a missing mark means",
                field=f"{application}.{sheet.evaluator}.{criterion.id}",
                value="N/A",
            )
        share = rubric.aggregation.points is Points.OF_HUNDRED
        best = criterion.scale.best if share else HUNDRED
        points = None if mark is None else weight * mark / best
        weighted.append(
            Weighted(
                criterion.id,
                mark,
                weight,
                None if points is None else rounded(rubric, RoundAt.CRITERION, points),
            )
        )
    total = _sheet_total(rubric, weighted, [w for w in weighted if w.criterion not in common])
    return SheetTrace(sheet.evaluator, tuple(weighted), total, kept=total is not None)


def _sheet_total(
    rubric: Rubric, weighted: Sequence[Weighted], judged: Sequence[Weighted]
) -> Decimal | None:
    counting = [w for w in weighted if w.weight]
    present = [(w.weight, w.points) for w in counting if w.points is not None]
    own = [w for w in judged if w.weight]
    # Whoever says N/A to everything has judged nothing: computed marks are not theirs.
    if not present or (own and all(w.points is None for w in own)):
        return None
    total = sum((points for _, points in present), Decimal(0))
    if len(present) < len(counting):
        if rubric.aggregation.missing is Missing.EXCLUDE_EVALUATION:
            return None
        summed = rubric.aggregation.points is Points.SUM
        whole = sum(w.weight for w in counting) if summed else HUNDRED
        total = total * whole / sum(weight for weight, _ in present)
    return rounded(rubric, RoundAt.EVALUATOR, total)


def _trim(rubric: Rubric, sheets: list[SheetTrace]) -> list[SheetTrace]:
    counting = [(s.evaluator, s.total) for s in sheets if s.total is not None]
    indices = trimmed(rubric.aggregation, [total for _, total in counting])
    if not indices:
        return sheets
    dropped = {counting[index][0] for index in indices}
    return [
        SheetTrace(s.evaluator, s.weighted, s.total, kept=s.kept and s.evaluator not in dropped)
        for s in sheets
    ]


def trimmed(aggregation: Aggregation, totals: Sequence[Decimal]) -> frozenset[int]:
    """Tell by index which totals are left out, of those in the order of their evaluators' ids."""
    if aggregation.trim is Trim.NONE or len(totals) < aggregation.trim_from:
        return frozenset()
    ordered = [(settled(total), index) for index, total in enumerate(totals)]
    low, high = min(ordered), max(ordered)
    if aggregation.trim_ties is TrimTies.DROP_ONE:
        return frozenset({low[1], high[1]})
    dropped = frozenset(index for total, index in ordered if total in {low[0], high[0]})
    # Where all agree on the extremes, nothing would be left.
    return dropped if len(dropped) < len(totals) else frozenset()


def _criterion_mean(sheets: Sequence[SheetTrace], index: int) -> Decimal | None:
    marks = [mark for s in sheets if s.kept and (mark := s.weighted[index].mark) is not None]
    return _mean(marks) if marks else None


def _mean(values: Sequence[Decimal]) -> Decimal:
    return sum(values, Decimal(0)) / len(values)


Key = tuple[Decimal, ...]
"""A total and its tie-breaks, so made that the better application has the smaller key."""


def key(rubric: Rubric, scored: Scored) -> Key:
    """Return what an application is put in order by; meant for those that are ranked."""
    means = {m.criterion: m.mean for m in scored.means}
    worst = {c.id: c.scale.worst for c in rubric.criteria}
    breaks = ((m if (m := means[c]) is not None else worst[c]) for c in rubric.tie_breaks)
    total = scored.total if scored.total is not None else Decimal(0)
    return tuple(v.copy_negate() if rubric.higher_is_better else v for v in (total, *breaks))


def _decided_by(rubric: Rubric, own: Key, neighbours: Sequence[Key]) -> str:
    """Name the furthest tie-break that was needed to tell this place from its neighbours."""
    names = ("total", *rubric.tie_breaks)
    needed = 0
    for other in neighbours:
        differs = next((i for i, (a, b) in enumerate(zip(own, other, strict=True)) if a != b), None)
        if differs is None:
            return "shared"
        needed = max(needed, differs)
    return names[needed]
