"""Revisions counted: how many, which way, of whom, by whom, and when."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.vocabulary import Instant
from projections.evaluation_consistency.rows import EvaluationRow


@dataclass(frozen=True, slots=True)
class RevisionCount:
    """Revisions of one evaluator's marks, by one actor, or on one day: how many, which way.

    `up` is to a greater mark, which is a worse one on a scale where lower is better.
    """

    of: str
    revisions: int
    up: int
    down: int
    to_or_from_na: int


@dataclass(frozen=True, slots=True)
class Revisions:
    """All revisions up to the moment of the report, also of evaluations that ended later.

    `by_actor` says who changed the marks, `by_evaluator` whose they were; days are UTC.
    """

    total: RevisionCount
    by_evaluator: tuple[RevisionCount, ...]
    by_actor: tuple[RevisionCount, ...]
    by_day: tuple[RevisionCount, ...]


def revisions(evaluations: Sequence[EvaluationRow], effective_at: Instant | None) -> Revisions:
    """Count the revisions up to an instant in the world, or all of them."""
    found = [
        (evaluation.evaluator, mark, _direction(mark.before, mark.value))
        for evaluation in evaluations
        for mark, at in evaluation.history()
        if not mark.first and (effective_at is None or at <= effective_at)
    ]
    return Revisions(
        _count("all", [way for _, _, way in found]),
        _grouped((who, way) for who, _, way in found),
        _grouped((mark.by, way) for _, mark, way in found),
        _grouped((mark.occurred_at.date().isoformat(), way) for _, mark, way in found),
    )


def _direction(before: Decimal | None, after: Decimal | None) -> int:
    """Return 1 for a greater mark, -1 for a smaller one, 0 to or from N/A."""
    if before is None or after is None:
        return 0
    return 1 if after > before else -1


def _grouped(pairs: Iterable[tuple[str, int]]) -> tuple[RevisionCount, ...]:
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for of, way in pairs:
        groups[of].append(way)
    return tuple(_count(of, ways) for of, ways in sorted(groups.items()))


def _count(of: str, ways: Sequence[int]) -> RevisionCount:
    by = Counter(ways)
    return RevisionCount(of, len(ways), by[1], by[-1], by[0])
