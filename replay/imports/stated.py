"""What a row says of what stood there before a change, to be compared with what is on record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from core.errors import require
from core.evaluations.state import Evaluation
from core.monitoring.commands import CorrectObservation
from core.monitoring.rules import Monitored


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


@dataclass(frozen=True, slots=True)
class Corrected:
    """The number before its correction."""

    value: Decimal

    def numbered(self, command: CorrectObservation, monitored: Monitored) -> CorrectObservation:
        """Return a correction with the number of what it corrects: of the same days and breakdown.

        A file knows no numbers. Refuses where nothing was observed in these days.
        """
        new = command.reading
        days = (new.period, set(new.dimensions))
        seen = [(o.now.period, set(o.now.dimensions)) for o in monitored.observations]
        require(
            days in seen,
            "nothing-to-correct",
            "nothing was observed in these days that this would correct",
            field="reading.period",
            value=new.period,
        )
        return replace(command, number=seen.index(days) + 1)

    def compare(self, now: Decimal) -> None:
        """Refuse where the record has another number than the row says."""
        require(
            now == self.value,
            "old-value-differs",
            f"on record the number before is {now}",
            field="old_value",
            value=self.value,
        )


def recorded(evaluation: Evaluation, criterion: str) -> Decimal | None:
    """Return the mark on record; None for N/A."""
    return next((m.value for m in evaluation.marks or () if m.criterion == criterion), None)


def said(mark: Decimal | None) -> str:
    """Return a mark in words."""
    return "N/A" if mark is None else str(mark)
