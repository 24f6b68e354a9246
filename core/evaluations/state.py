"""What an evaluation's facts amount to, and what its rules read elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from core.evaluations.events import (
    EvaluationCertified,
    EvaluationEvent,
    EvaluationInvalidated,
    EvaluationLocked,
    EvaluationReopened,
    EvaluatorAbstained,
    EvaluatorAssigned,
    ReopeningRequested,
    ScoreRevised,
    ScoresSubmitted,
)
from core.ranking import Mark, with_mark
from core.rubric import Rubric
from core.vocabulary import ActorId


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one evaluation's facts amount to; `marks` is None until they were submitted."""

    assigned: bool = False
    marks: tuple[Mark, ...] | None = None
    locked: bool = False
    reopening_by: ActorId | None = None
    reopened: bool = False
    abstained: bool = False
    invalidated: bool = False
    certified: bool = False

    @property
    def counts(self) -> bool:
        """Whether these scores take part in a ranking."""
        return self.marks is not None and not (self.abstained or self.invalidated)


@dataclass(frozen=True, slots=True)
class Facts:
    """What an evaluation's rules read elsewhere.

    `rubric` is None where the call has no such stage. `outside` says why the
    application takes no part in the stage, `barred` why the evaluator may not score
    it; both are empty where nothing stands in the way. `ended` says that the call was
    concluded or cancelled, `reevaluated` that others are to score the application after
    an appeal, though the stage is locked.
    """

    rubric: Rubric | None
    opened: bool
    locked: bool
    appointed: bool
    declared: bool
    outside: str
    barred: str
    ended: bool = False
    reevaluated: bool = False


def evolve(state: Evaluation, event: EvaluationEvent) -> Evaluation:
    """Fold one fact."""
    match event:
        case EvaluatorAssigned():
            return replace(state, assigned=True)
        case ScoresSubmitted(marks=marks):
            return replace(state, marks=marks)
        case ScoreRevised(criterion=criterion, after=after):
            return replace(state, marks=with_mark(state.marks or (), criterion, after))
        case EvaluationLocked():
            return replace(state, locked=True, reopened=False)
        case ReopeningRequested(by=by):
            return replace(state, reopening_by=by)
        case EvaluationReopened():
            return replace(state, reopened=True, locked=False, reopening_by=None)
        case EvaluatorAbstained():
            return replace(state, abstained=True)
        case EvaluationInvalidated():
            return replace(state, invalidated=True)
        case EvaluationCertified():
            return replace(state, certified=True)
        case _:
            assert_never(event)
