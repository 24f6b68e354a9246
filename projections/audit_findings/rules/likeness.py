"""Rule 28: evaluations that are too much alike, or too far from all others.

Statistics point at what to look into; none of these findings says that anybody did wrong.
Marks are always compared. Comments are sealed with each evaluator's own key, under a
nonce of each comment's own, so that nobody without keys can tell whether two are alike,
and a fold has no keys: only comments that stand on record unsealed are compared.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from statistics import NormalDist, fmean, median

from core.ledger.records import Recorded
from core.ranking import Scored
from core.selection.events import RankingComputed
from core.vocabulary import ApplicationId, EvaluatorId
from projections.audit_findings.past import Audit, Held, counts, found
from projections.audit_findings.stages import Stage

_ENOUGH_MARKS, _TOO_ALIKE = 20, 0.9
_ENOUGH_TOTALS, _FEWEST_BESIDE, _FALSE_ALARMS = 20, 3, 0.01
_MAD_TO_SIGMA, _MEAN_TO_SIGMA = 1.4826, 1.2533


@dataclass(slots=True)
class _Pair:
    """What two evaluators gave where both gave a mark, and on which sheets."""

    marks: list[tuple[object, object]] = field(default_factory=list[tuple[object, object]])
    sheets: list[Held] = field(default_factory=list[Held])

    @property
    def kappa(self) -> float:
        """Agreement beyond chance (Cohen 1960, equation 1); 0 where chance explains all."""
        n = len(self.marks)
        agreed = sum(a == b for a, b in self.marks) / n
        first, second = Counter(a for a, _ in self.marks), Counter(b for _, b in self.marks)
        by_chance = sum(first[mark] * second[mark] for mark in first) / n**2
        return (agreed - by_chance) / (1 - by_chance) if by_chance < 1 else 0.0


def alike(record: Recorded, event: RankingComputed, rows: Audit, stage: Stage) -> None:
    """Find two evaluators of a stage whose marks are the same, nearly or wholly."""
    pairs: defaultdict[tuple[str, str], _Pair] = defaultdict(_Pair)
    for sheets in stage.sheets.values():
        counting = sorted((h for h in sheets.values() if counts(rows, h)), key=_by_evaluator)
        for one, other in combinations(counting, 2):
            pair = pairs[one.evaluator_id, other.evaluator_id]
            both = zip(one.row.marks, other.row.marks, strict=False)
            pair.marks.extend((a, b) for a, b in both if a is not None and b is not None)
            pair.sheets.extend((one, other))
    for (one_id, other_id), pair in pairs.items():
        if len(pair.marks) >= _ENOUGH_MARKS and pair.kappa >= _TOO_ALIKE:
            found(
                rows,
                "marks-alike",
                event.call_id,
                f"{event.call_id}:{event.stage}:{one_id}:{other_id}",
                (*(held.row.submitted for held in pair.sheets), record.position),
                stage=event.stage,
                one=one_id,
                other=other_id,
                equal=sum(a == b for a, b in pair.marks),
                marks=len(pair.marks),
                kappa=f"{pair.kappa:.2f}",
            )


def _by_evaluator(held: Held) -> str:
    return held.evaluator_id


def same_comments(record: Recorded, event: RankingComputed, rows: Audit, stage: Stage) -> None:
    """Find comments of two evaluators or more in the same words."""
    del record
    by_words: defaultdict[str, list[Held]] = defaultdict(list)
    for sheets in stage.sheets.values():
        for held in sheets.values():
            if held.row.comment:
                by_words[held.row.comment].append(held)
    for words, own in by_words.items():
        evaluators = sorted({held.evaluator_id for held in own})
        if len(evaluators) > 1:
            found(
                rows,
                "comments-alike",
                event.call_id,
                f"{event.call_id}:{event.stage}:{words[:16]}",
                (held.row.submitted for held in own),
                stage=event.stage,
                evaluators=", ".join(evaluators),
                comments=len(own),
            )


@dataclass(frozen=True, slots=True)
class _Distance:
    """How far a sheet's total lies from the mean of the others for the same application."""

    application: ApplicationId
    evaluator: EvaluatorId
    total: float
    others: float

    @property
    def away(self) -> float:
        return self.total - self.others


def outlying(record: Recorded, event: RankingComputed, rows: Audit, stage: Stage) -> None:
    """Find the sheet of an application that lies further from its panel than sheets do.

    Distances of a stage are scaled by their median absolute deviation (Iglewicz and
    Hoaglin 1993), and the limit is such that a stage without outliers has one finding
    in a hundred stages, however many sheets it has (Bonferroni).
    """
    distances = [d for line in event.lines for d in _distances(line.scored)]
    if len(distances) < _ENOUGH_TOTALS:
        return
    sigma = _scale([d.away for d in distances])
    limit = NormalDist().inv_cdf(1 - _FALSE_ALARMS / (2 * len(distances)))
    furthest: dict[ApplicationId, _Distance] = {}
    for distance in distances:
        so_far = furthest.get(distance.application)
        if so_far is None or abs(distance.away) > abs(so_far.away):
            furthest[distance.application] = distance
    for application, distance in furthest.items():
        if sigma and abs(distance.away) / sigma > limit:
            own = stage.sheets.get(application, {}).get(distance.evaluator)
            found(
                rows,
                "outlying",
                event.call_id,
                f"{application}:{distance.evaluator}:{event.stage}",
                (own.row.submitted if own else None, record.position),
                application=application,
                evaluator=distance.evaluator,
                stage=event.stage,
                total=f"{distance.total:.2f}",
                others=f"{distance.others:.2f}",
                deviations=f"{abs(distance.away) / sigma:.1f}",
            )


def _distances(scored: Scored) -> Iterator[_Distance]:
    totals = [(s.evaluator, float(s.total)) for s in scored.sheets if s.total is not None]
    if len(totals) < _FEWEST_BESIDE:
        return
    for evaluator, total in totals:
        others = fmean(t for e, t in totals if e != evaluator)
        yield _Distance(scored.application, evaluator, total, others)


def _scale(distances: Sequence[float]) -> float:
    """Return a robust standard deviation; the mean's where more than half are the same."""
    middle = median(distances)
    away = [abs(distance - middle) for distance in distances]
    return _MAD_TO_SIGMA * median(away) or _MEAN_TO_SIGMA * fmean(away)
