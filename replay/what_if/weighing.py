"""One stage under many weightings: the ranks that `core.ranking` gives, without their traces.

Weights change, marks do not. So everything that only marks decide is worked out once: which
sheets are alike, which applications have like sheets, the means that floors and tie-breaks
look at. What is left for each weighting is a look-up for each mark, and the same decimal steps
in the same order as in the rules, which a test holds to give the same ranks. What the rules say
of a mark that is missing is asked of the rules themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from core.computed import computed
from core.floors import floors_missed
from core.groups import CityFacts
from core.indicators import Figures
from core.ranking import Candidate, Mark, Sheet, score, trimmed
from core.rounding import EXACT, rounded, settled
from core.rubric import HUNDRED, Points, RoundAt, Rubric
from core.vocabulary import ActorId, ApplicationId, EvaluatorId
from replay.what_if.question import TOTAL

Marks = tuple[Decimal | None, ...]
"""In the order of the rubric's criteria."""

Breaks = tuple[Decimal, ...]
"""What breaks ties, so made that the better application has the smaller."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Marks that one evaluator or several gave, where the same weights apply.

    `city` and `figures` are of one application among those that they were given to.
    """

    variant: str
    city: CityFacts
    figures: Figures
    marks: Marks


@dataclass(frozen=True, slots=True)
class _Case:
    """Applications that no weighting tells apart: the same sheets, by the order of evaluators.

    `kept` remembers what marks alone decide of them, for each choice of sheets that trimming
    has kept: the means that break ties, or None where a criterion's floor is missed.
    """

    applications: list[ApplicationId]
    sheets: tuple[int, ...]
    kept: dict[tuple[int, ...], Breaks | None]


class Weighing:
    """A stage that is ranked again and again, by rubrics that differ in their weights alone."""

    def __init__(self, rubric: Rubric, candidates: Sequence[Candidate]) -> None:
        """Find what is alike."""
        self._criteria = tuple(c.id for c in rubric.criteria)
        self._sheets: list[_Sheet] = []
        known: dict[tuple[str, Marks], int] = {}
        cases: dict[tuple[int, ...], _Case] = {}
        for candidate in candidates:
            common = {c.criterion: c.mark for c in computed(rubric, candidate.figures)}
            variant = rubric.variant(candidate.city)
            name = variant.id if variant else ""
            found: list[int] = []
            for sheet in sorted(candidate.sheets, key=lambda s: s.evaluator):
                given = {**{m.criterion: m.value for m in sheet.marks}, **common}
                marks = tuple(given.get(c) for c in self._criteria)
                if (name, marks) not in known:
                    known[name, marks] = len(self._sheets)
                    self._sheets.append(_Sheet(name, candidate.city, candidate.figures, marks))
                found.append(known[name, marks])
            case = cases.setdefault(tuple(found), _Case([], tuple(found), {}))
            case.applications.append(candidate.application)
        self._cases = [case for case in cases.values() if case.sheets]

    def groups(self, rubric: Rubric) -> list[list[ApplicationId]]:
        """Return the applications that have a rank, best first, those of one rank together."""
        keyed: defaultdict[Breaks, list[ApplicationId]] = defaultdict(list)
        higher, floor = rubric.higher_is_better, rubric.aggregation.total_floor
        with localcontext(EXACT):
            totals = self._totals(rubric)
            for case in self._cases:
                own = [t for s in case.sheets if (t := totals[s]) is not None]
                if not own or len(own) < rubric.quorum:
                    continue
                kept = case.sheets
                if len(own) < len(kept):
                    kept = tuple(s for s in kept if totals[s] is not None)
                if dropped := trimmed(rubric.aggregation, own):
                    kept = tuple(s for i, s in enumerate(kept) if i not in dropped)
                    own = [t for i, t in enumerate(own) if i not in dropped]
                if kept not in case.kept:
                    case.kept[kept] = self._breaks(rubric, kept)
                breaks = case.kept[kept]
                if breaks is None:
                    continue
                total = settled(rounded(rubric, RoundAt.TOTAL, sum(own, _ZERO) / len(own)))
                if floor is not None and (total < floor if higher else total > floor):
                    continue
                keyed[total.copy_negate() if higher else total, *breaks] += case.applications
        return [sorted(keyed[key]) for key in sorted(keyed)]

    def _breaks(self, rubric: Rubric, kept: tuple[int, ...]) -> Breaks | None:
        """Return what breaks ties, or None where a mean misses its criterion's floor."""
        columns = zip(*(self._sheets[s].marks for s in kept), strict=True)
        given = [[mark for mark in column if mark is not None] for column in columns]
        means = dict(
            zip(self._criteria, (sum(g, _ZERO) / len(g) if g else None for g in given), strict=True)
        )
        if set(floors_missed(rubric, None, means)) - {TOTAL}:
            return None
        worst = {c.id: c.scale.worst for c in rubric.criteria}
        found = ((m if (m := means[c]) is not None else worst[c]) for c in rubric.tie_breaks)
        return tuple(v.copy_negate() if rubric.higher_is_better else v for v in found)

    def _totals(self, rubric: Rubric) -> list[Decimal | None]:
        """Return what each sheet comes to."""
        share = rubric.aggregation.points is Points.OF_HUNDRED
        best = [c.scale.best if share else HUNDRED for c in rubric.criteria]
        given = [{s.marks[i] for s in self._sheets} - {None} for i in range(len(best))]
        tables: dict[str, list[tuple[int, dict[Decimal | None, Decimal]]]] = {}
        totals: list[Decimal | None] = []
        for sheet in self._sheets:
            if sheet.variant not in tables:
                weights = rubric.weights(sheet.city)
                tables[sheet.variant] = [
                    (i, {m: _points(rubric, w, m, best[i]) for m in given[i] if m is not None})
                    for i, c in enumerate(self._criteria)
                    if (w := weights[c])
                ]
            marks, points = sheet.marks, tables[sheet.variant]
            if not points or any(marks[i] is None for i, _ in points):
                totals.append(self._by_the_rules(rubric, sheet))
                continue
            summed = sum([table[marks[i]] for i, table in points], _ZERO)
            totals.append(rounded(rubric, RoundAt.EVALUATOR, summed))
        return totals

    def _by_the_rules(self, rubric: Rubric, sheet: _Sheet) -> Decimal | None:
        """Return what the rules make of a sheet that says N/A somewhere."""
        marks = tuple(map(Mark, self._criteria, sheet.marks))
        alone = Candidate(_ANY, sheet.city, (Sheet(_ANYBODY, marks),), sheet.figures)
        return score(rubric, alone).sheets[0].total


def _points(rubric: Rubric, weight: Decimal, mark: Decimal, best: Decimal) -> Decimal:
    return rounded(rubric, RoundAt.CRITERION, weight * mark / best)


_ZERO = Decimal(0)
_ANY, _ANYBODY = ApplicationId("any"), EvaluatorId(ActorId("anybody"))
