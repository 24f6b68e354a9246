"""Rule 28: evaluations that are too much alike, or too far from all others.

Statistics point at what to look into; none of these findings says that anybody did wrong.
Marks are always compared. Comments are sealed with each evaluator's own key, under a
nonce of each comment's own, so that nobody without keys can tell whether two are alike,
and a fold has no keys: only comments that stand on record unsealed are compared.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations
from operator import eq
from statistics import NormalDist, fmean, median

from core.ledger.records import Recorded
from core.ranking import Scored
from core.selection.events import RankingComputed
from core.vocabulary import ApplicationId, EvaluatorId
from projections.audit_findings.past import Audit, found
from projections.audit_findings.stages import Held, Stage

_ENOUGH_MARKS, _TOO_ALIKE = 20, 0.9
_ENOUGH_TOTALS, _FEWEST_BESIDE, _FALSE_ALARMS = 20, 3, 0.01
_MAD_TO_SIGMA, _MEAN_TO_SIGMA = 1.4826, 1.2533


@dataclass(slots=True)
class _Pair:
    """What two evaluators gave to the same applications, criterion by criterion."""

    one: list[Decimal | None] = field(default_factory=list[Decimal | None])
    other: list[Decimal | None] = field(default_factory=list[Decimal | None])
    applications: list[ApplicationId] = field(default_factory=list[ApplicationId])

    def both(self) -> tuple[list[Decimal], list[Decimal]]:
        """Return the marks of each where neither is N/A."""
        pairs = [(a, b) for a, b in zip(self.one, self.other, strict=False) if None not in {a, b}]
        return [a for a, _ in pairs if a is not None], [b for _, b in pairs if b is not None]


def alike(record: Recorded, event: RankingComputed, rows: Audit, stage: Stage) -> None:
    """Find two evaluators of a stage whose marks are the same, nearly or wholly."""
    pairs: defaultdict[tuple[EvaluatorId, EvaluatorId], _Pair] = defaultdict(_Pair)
    for application, sheets in stage.sheets.items():
        counting = sorted((h.evaluator_id, h.row.marks) for h in sheets.values() if h.counts)
        for (one, marks), (other, others) in combinations(counting, 2):
            pair = pairs[one, other]
            pair.one += marks
            pair.other += others
            pair.applications.append(application)
    for (one, other), pair in pairs.items():
        if len(pair.one) < _ENOUGH_MARKS:
            continue
        first, second = pair.both()
        agreement = kappa(first, second) if len(first) >= _ENOUGH_MARKS else 0.0
        if agreement >= _TOO_ALIKE:
            own = [
                stage.sheets[a][e].row.submitted for a in pair.applications for e in (one, other)
            ]
            found(
                rows,
                "marks-alike",
                event.call_id,
                f"{event.call_id}:{event.stage}:{one}:{other}",
                (*own, record.position),
                stage=event.stage,
                one=one,
                other=other,
                equal=sum(map(eq, first, second)),
                marks=len(first),
                kappa=f"{agreement:.2f}",
            )


def kappa(one: Sequence[Decimal], other: Sequence[Decimal]) -> float:
    """Return agreement beyond chance (Cohen 1960, equation 1); 0 where chance explains all."""
    n = len(one)
    agreed = sum(map(eq, one, other)) / n
    first, second = Counter(one), Counter(other)
    by_chance = sum(times * second[mark] for mark, times in first.items()) / n**2
    return (agreed - by_chance) / (1 - by_chance) if by_chance < 1 else 0.0


def same_comments(record: Recorded, event: RankingComputed, rows: Audit, stage: Stage) -> None:
    """Find comments of two evaluators or more in the same words."""
    by_words: defaultdict[str, list[Held]] = defaultdict(list)
    for held in stage.all_sheets():
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
                (*(held.row.submitted for held in own), record.position),
                stage=event.stage,
                evaluators=", ".join(evaluators),
                comments=len(own),
            )


def outlying(record: Recorded, event: RankingComputed, rows: Audit, stage: Stage) -> None:
    """Find the sheet of an application that lies further from its panel than sheets do.

    The distance is that from the mean of the others for the same application. Distances of
    a stage are scaled by their median absolute deviation (Iglewicz and Hoaglin 1993), and
    the limit is such that a stage without outliers has one finding in a hundred stages,
    however many sheets it has (Bonferroni).
    """
    distances = {
        line.scored.application: away for line in event.lines if (away := _distances(line.scored))
    }
    every = [away for panel in distances.values() for away in panel.values()]
    if len(every) < _ENOUGH_TOTALS:
        return
    sigma = _scale(every)
    limit = sigma * NormalDist().inv_cdf(1 - _FALSE_ALARMS / (2 * len(every)))
    for application, panel in distances.items():
        evaluator = max(panel, key=lambda e: abs(panel[e]))
        furthest = panel[evaluator]
        if sigma and abs(furthest) > limit:
            own = stage.sheets.get(application, {}).get(evaluator)
            found(
                rows,
                "outlying",
                event.call_id,
                f"{application}:{evaluator}:{event.stage}",
                (own.row.submitted if own else None, record.position),
                application=application,
                evaluator=evaluator,
                stage=event.stage,
                away=f"{furthest:+.2f}",
                deviations=f"{abs(furthest) / sigma:.1f}",
            )


def _distances(scored: Scored) -> dict[EvaluatorId, float]:
    """Return how far each total lies from the mean of the others; none of a small panel."""
    totals = {s.evaluator: float(s.total) for s in scored.sheets if s.total is not None}
    n, whole = len(totals), sum(totals.values())
    if n < _FEWEST_BESIDE:
        return {}
    return {evaluator: (n * total - whole) / (n - 1) for evaluator, total in totals.items()}


def _scale(distances: Sequence[float]) -> float:
    """Return a robust standard deviation; the mean's where more than half are the same."""
    middle = median(distances)
    away = [abs(distance - middle) for distance in distances]
    return _MAD_TO_SIGMA * median(away) or _MEAN_TO_SIGMA * fmean(away)
