"""What a row says of a mark before it was revised, to be compared with what is on record."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from core.errors import require
from core.evaluations.state import Evaluation


@dataclass(frozen=True, slots=True)
class Stated:
    """The mark before, None for N/A; not `given` where the file doesn't say."""

    given: bool
    mark: Decimal | None = None

    def __str__(self) -> str:
        """Return what a revision's meaning holds of it."""
        return f"from {said(self.mark)}" if self.given else "from any"

    def compare(self, evaluation: Evaluation, criterion: str) -> None:
        """Refuse where the record has another mark than the row says."""
        before = recorded(evaluation, criterion)
        if self.given and evaluation.marks is not None:
            require(
                before == self.mark,
                "old-score-differs",
                f"on record the score before is {said(before)}",
                field="old_score",
                value=said(self.mark),
            )


def recorded(evaluation: Evaluation, criterion: str) -> Decimal | None:
    """Return the mark on record; None for N/A."""
    return next((m.value for m in evaluation.marks or () if m.criterion == criterion), None)


def said(mark: Decimal | None) -> str:
    """Return a mark in words."""
    return "N/A" if mark is None else str(mark)
