"""Which revisions mattered: those without which an application would stand elsewhere.

Each revision is taken back alone, the application scored again by the rubric, and put among
the others as they are. A revision that was itself revised later has no effect of its own.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from core.errors import DomainError
from core.ranking import Candidate, Key, Scored, Standing, key, score, with_mark
from core.vocabulary import ApplicationId, CriterionId, Instant
from projections.evaluation_consistency.competition import Competition
from projections.evaluation_consistency.rows import EvaluationRow, MarkAt


@dataclass(frozen=True, slots=True)
class PivotalRevision:
    """A revision that moved an application over a floor or over the funding line.

    `crossed` names what it crossed: "line", "total", or criteria with a floor. Ranks are None
    below a floor or without a quorum; totals are as the rubric rounds them.
    """

    application_id: str
    evaluator: str
    criterion: str
    before: Decimal | None
    after: Decimal | None
    by: str
    occurred_at: Instant
    position: int
    reason: str
    crossed: tuple[str, ...]
    rank_without: int | None
    rank_with: int | None
    total_without: Decimal | None
    total_with: Decimal | None


def pivotal_revisions(
    found: Competition, evaluations: Sequence[EvaluationRow], at: Instant | None
) -> tuple[PivotalRevision, ...]:
    """Return the pivotal revisions up to an instant in the world, in the log's order."""
    places = _Places(found)
    candidates: dict[str, Candidate] = {c.application: c for c in found.candidates}
    taken_back = (
        _taken_back(found, places, candidates[evaluation.application_id], evaluation, mark)
        for evaluation in evaluations
        if evaluation.application_id in candidates
        for mark in _standing(evaluation, at)
    )
    return tuple(sorted((p for p in taken_back if p), key=lambda p: p.position))


class _Places:
    """Where an application stands, or would stand, among the others as they are."""

    def __init__(self, found: Competition) -> None:
        self._rubric = found.rubric
        self._scored = {s.application: s for s in found.scored}
        self._keys = sorted(self._key(s) for s in found.scored if s.standing is Standing.RANKED)

    def now(self, application_id: ApplicationId) -> Scored:
        return self._scored[application_id]

    def rank(self, item: Scored) -> int | None:
        if item.standing is not Standing.RANKED:
            return None
        own, was = self._key(item), self._scored[item.application]
        better = bisect_left(self._keys, own)
        # Its present place is not one of the others'.
        if was.standing is Standing.RANKED and self._key(was) < own:
            better -= 1
        return better + 1

    def _key(self, item: Scored) -> Key:
        return key(self._rubric, item)


def _standing(evaluation: EvaluationRow, at: Instant | None) -> Iterator[MarkAt]:
    """Yield the revisions that still say what a mark is."""
    last: dict[str, MarkAt] = {}
    for mark, since in evaluation.history():
        if at is None or since <= at:
            last[mark.criterion] = mark
    yield from (mark for mark in last.values() if not mark.first)


def _taken_back(
    found: Competition,
    places: _Places,
    candidate: Candidate,
    evaluation: EvaluationRow,
    mark: MarkAt,
) -> PivotalRevision | None:
    sheets = tuple(
        replace(s, marks=with_mark(s.marks, CriterionId(mark.criterion), mark.before))
        if s.evaluator == evaluation.evaluator
        else s
        for s in candidate.sheets
    )
    if sheets == candidate.sheets:  # the sheet does not count
        return None
    now = places.now(candidate.application)
    try:
        without = score(found.rubric, replace(candidate, sheets=sheets))
    except DomainError:  # the mark before was an N/A that the rubric gives no meaning
        return None
    rank_with, rank_without = places.rank(now), places.rank(without)
    crossed = [*sorted(set(now.floors_missed) ^ set(without.floors_missed))]
    if _through(rank_with, found.slots) != _through(rank_without, found.slots):
        crossed.append("line")
    if not crossed:
        return None
    return PivotalRevision(
        evaluation.application_id,
        evaluation.evaluator,
        mark.criterion,
        mark.before,
        mark.value,
        mark.by,
        mark.occurred_at,
        mark.position,
        mark.reason,
        tuple(crossed),
        rank_without,
        rank_with,
        without.total,
        now.total,
    )


def _through(rank: int | None, slots: int) -> bool:
    return rank is not None and rank <= slots
