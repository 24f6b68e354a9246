"""What the consistency view keeps: every mark with its whole history, in both clocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from core.vocabulary import Instant


@dataclass(frozen=True, slots=True)
class MarkAt:
    """A mark as it became at an instant in the world; None is N/A.

    `position` is that of the event; `first` tells a first score from a revision.
    """

    criterion: str
    value: Decimal | None
    occurred_at: Instant
    position: int
    first: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class EvaluationRow:
    """One evaluator's marks for one application, oldest first.

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
        """Return each criterion's mark as it was in the world at an instant, or is now."""
        if self.ended_at is not None and (instant is None or self.ended_at <= instant):
            return {}
        ordered = sorted(self.marks, key=lambda mark: (mark.occurred_at, mark.position))
        return {
            mark.criterion: mark.value
            for mark in ordered
            if instant is None or mark.occurred_at <= instant
        }


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """A criterion of a stage, for the report's headings."""

    id: str
    title: str
    weight: Decimal


@dataclass(frozen=True, slots=True)
class StageRow:
    """Which framework, as a key of this view, a stage is scored by."""

    call_id: str
    stage: str
    framework: str
    kind: Literal["stage"] = "stage"


@dataclass(frozen=True, slots=True)
class FrameworkRow:
    """The criteria of a version of a framework; `framework` is its key in this view."""

    framework: str
    criteria: tuple[CriterionRow, ...]
    kind: Literal["framework"] = "framework"


Row = EvaluationRow | StageRow | FrameworkRow
