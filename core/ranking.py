"""From marks to ranks: score, trim, weight, round, total, tie-break.

One pure function that the live ranking, the recorded ranking, its replay and any
what-if share. It returns every step, so that a person can follow each number by
hand. Arithmetic is decimal at 28 digits; a rubric says where it rounds.

Thirds and sevenths have no end in decimals, so the last digits of two equal totals can
differ by the way in which each was added up. A total is therefore brought to 20 digits
before it is compared or rounded: the other eight are guard digits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, localcontext
from enum import StrEnum

from core.errors import refuse
from core.rubric import HUNDRED, Missing, Points, RoundAt, RoundMode, Rubric, Trim, TrimTies
from core.vocabulary import ApplicationId, CriterionId, EvaluatorId

ALGORITHM = "ranking.1"
"""Named in every recorded ranking; a change of arithmetic is a new name."""

_ROUNDING = {
    RoundMode.HALF_UP: ROUND_HALF_UP,
    RoundMode.HALF_EVEN: ROUND_HALF_EVEN,
    RoundMode.DOWN: ROUND_DOWN,
}
_CONTEXT = Context(prec=28, rounding=ROUND_HALF_EVEN)
_SETTLED = Context(prec=20, rounding=ROUND_HALF_EVEN)


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
    """An application to be ranked: its city's country picks the variant of weights."""

    application: ApplicationId
    country: str
    sheets: tuple[Sheet, ...]


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
    """One application's way from marks to total, before it is compared with others."""

    application: ApplicationId
    standing: Standing
    total: Decimal | None
    means: tuple[CriterionMean, ...]
    floors_missed: tuple[str, ...]
    sheets: tuple[SheetTrace, ...]


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
    `mark-missing` where the rubric does not say what an N/A means.
    """
    return order(rubric, [score(rubric, c) for c in candidates])


def score(rubric: Rubric, candidate: Candidate, before: Scored | None = None) -> Scored:
    """Return one application's trace from marks to total.

    `before` is an earlier trace by the same rubric for the same country: what it says of marks
    that are the very same is not worked out again, since as a rule one sheet has changed.
    """
    earlier = {s.evaluator: s for s in before.sheets} if before else {}
    with localcontext(_CONTEXT):
        weights = rubric.weights(candidate.country)
        sheets = [
            _unchanged(sheet, earlier.get(sheet.evaluator))
            or _sheet(rubric, weights, candidate.application, sheet)
            for sheet in sorted(candidate.sheets, key=lambda s: s.evaluator)
        ]
        sheets = _trim(rubric, sheets)
        totals = [s.total for s in sheets if s.kept and s.total is not None]
        total = _settled(_round(rubric, RoundAt.TOTAL, _mean(totals))) if totals else None
        means = tuple(
            CriterionMean(c.id, _criterion_mean(sheets, index))
            for index, c in enumerate(rubric.criteria)
        )
        missed = _floors_missed(rubric, total, {m.criterion: m.mean for m in means})
    counted = sum(s.total is not None for s in sheets)
    if total is None or counted < rubric.quorum:
        standing = Standing.NO_QUORUM
    else:
        standing = Standing.BELOW_FLOOR if missed else Standing.RANKED
    return Scored(candidate.application, standing, total, means, missed, tuple(sheets))


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


def _unchanged(sheet: Sheet, trace: SheetTrace | None) -> SheetTrace | None:
    """Return a trace as it was before any trimming, if it is of these marks, object by object.

    Equal marks would not do: 90 and 90.0 are equal, and are recorded differently.
    """
    if trace is None:
        return None
    marks = {m.criterion: m.value for m in sheet.marks}
    if any(marks.get(w.criterion) is not w.mark for w in trace.weighted):
        return None
    kept = trace.total is not None
    return trace if trace.kept is kept else replace(trace, kept=kept)


def _sheet(
    rubric: Rubric, weights: Mapping[CriterionId, Decimal], application: str, sheet: Sheet
) -> SheetTrace:
    marks = {m.criterion: m.value for m in sheet.marks}
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
        best = HUNDRED if rubric.aggregation.points is Points.OF_SCALE else criterion.scale.best
        points = None if mark is None else weight * mark / best
        weighted.append(
            Weighted(
                criterion.id,
                mark,
                weight,
                None if points is None else _round(rubric, RoundAt.CRITERION, points),
            )
        )
    total = _sheet_total(rubric, weighted)
    return SheetTrace(sheet.evaluator, tuple(weighted), total, kept=total is not None)


def _sheet_total(rubric: Rubric, weighted: Sequence[Weighted]) -> Decimal | None:
    counting = [w for w in weighted if w.weight]
    present = [(w.weight, w.points) for w in counting if w.points is not None]
    if not present:
        return None
    total = sum((points for _, points in present), Decimal(0))
    if len(present) < len(counting):
        if rubric.aggregation.missing is Missing.EXCLUDE_EVALUATION:
            return None
        total = total * HUNDRED / sum(weight for weight, _ in present)
    return _round(rubric, RoundAt.EVALUATOR, total)


def _trim(rubric: Rubric, sheets: list[SheetTrace]) -> list[SheetTrace]:
    aggregation = rubric.aggregation
    totals = [(_settled(s.total), s.evaluator) for s in sheets if s.total is not None]
    if aggregation.trim is Trim.NONE or len(totals) < aggregation.trim_from:
        return sheets
    low, high = min(totals), max(totals)
    if aggregation.trim_ties is TrimTies.DROP_ONE:
        dropped = {low[1], high[1]}
    else:
        dropped = {evaluator for total, evaluator in totals if total in (low[0], high[0])}
        if len(dropped) == len(totals):  # all agree on the extremes: nothing would be left
            return sheets
    return [
        SheetTrace(s.evaluator, s.weighted, s.total, kept=s.kept and s.evaluator not in dropped)
        for s in sheets
    ]


def _settled(value: Decimal) -> Decimal:
    """Drop the guard digits, so that equals are equal and halves are halves."""
    return _SETTLED.plus(value)


def _criterion_mean(sheets: Sequence[SheetTrace], index: int) -> Decimal | None:
    marks = [mark for s in sheets if s.kept and (mark := s.weighted[index].mark) is not None]
    return _mean(marks) if marks else None


def _mean(values: Sequence[Decimal]) -> Decimal:
    return sum(values, Decimal(0)) / len(values)


def _round(rubric: Rubric, at: RoundAt, value: Decimal) -> Decimal:
    for rounding in rubric.aggregation.roundings:
        if rounding.at is at:
            steps = _settled(value / rounding.step).to_integral_value(_ROUNDING[rounding.mode])
            return steps * rounding.step
    return value


def _floors_missed(
    rubric: Rubric, total: Decimal | None, means: Mapping[CriterionId, Decimal | None]
) -> tuple[str, ...]:
    def misses(value: Decimal | None, floor: Decimal | None) -> bool:
        if floor is None:
            return False
        return value is None or (value < floor if rubric.higher_is_better else value > floor)

    missed: list[str] = [c.id for c in rubric.criteria if misses(means[c.id], c.floor)]
    if misses(total, rubric.aggregation.total_floor):
        missed.append("total")
    return tuple(missed)


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
