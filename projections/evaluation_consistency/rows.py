"""What the consistency view keeps: every mark with its whole history, in both clocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from core.vocabulary import Instant


@dataclass(frozen=True, slots=True)
class MarkAt:
    """A mark as it became at an instant in the world; None is N/A.

    `position` is that of the event; `first` tells a first score from a revision, which
    has the mark `before` it, the `reason`, and who changed it.
    """

    criterion: str
    value: Decimal | None
    occurred_at: Instant
    position: int
    first: bool
    before: Decimal | None = None
    reason: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class EvaluationRow:
    """One evaluator's marks for one application, in the order in which they were recorded.

    `ended_at` is when they stopped counting, by abstention or invalidation.
    """

    application_id: str
    call_id: str
    stage: str
    evaluator: str
    marks: tuple[MarkAt, ...]
    ended_at: Instant | None = None
    kind: Literal["evaluation"] = "evaluation"

    def marks_at(self, instant: Instant | None) -> Mapping[str, Decimal | None]:
        """Return each criterion's mark as it was in the world at an instant, or is now.

        What is known is this row's, as of its position; `instant` chooses among that.
        """
        return {criterion: value for criterion, (value, _) in self.since(instant).items()}

    def since(self, instant: Instant | None) -> Mapping[str, tuple[Decimal | None, Instant]]:
        """Return as `marks_at`, with the instant since which each mark held."""
        if self.ended_at is not None and (instant is None or self.ended_at <= instant):
            return {}
        return {
            mark.criterion: (mark.value, at)
            for mark, at in self.history()
            if instant is None or at <= instant
        }

    def history(self) -> Iterator[tuple[MarkAt, Instant]]:
        """Yield each mark with the instant since which it held in the world.

        A revision changes a mark that was there: however early it is dated, it takes
        effect no earlier than what it revises. So what was recorded last holds now.
        """
        since: dict[str, Instant] = {}
        for mark in self.marks:
            at = max(mark.occurred_at, since.get(mark.criterion, mark.occurred_at))
            since[mark.criterion] = at
            yield mark, at


Row = EvaluationRow
