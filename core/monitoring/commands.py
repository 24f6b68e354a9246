"""What can be asked of monitoring: of an indicator, of the whole project, of a recommendation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from core.monitoring.events import Answer, Phase, Reading
from core.personal import About, Personal
from core.results import Baseline, Target
from core.vocabulary import ActorId, IndicatorId, MilestoneId, ProjectId, RecommendationId


@dataclass(frozen=True, slots=True)
class DefineIndicator:
    """Begin to observe an indicator as the signed plan has it."""

    project_id: ProjectId
    indicator_id: IndicatorId


@dataclass(frozen=True, slots=True)
class ReviseIndicator:
    """Change baseline and targets, as long as nothing was observed."""

    project_id: ProjectId
    indicator_id: IndicatorId
    baseline: Baseline
    targets: tuple[Target, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class RecordObservation:
    """Record a number for days that are over."""

    project_id: ProjectId
    indicator_id: IndicatorId
    reading: Reading


@dataclass(frozen=True, slots=True)
class CorrectObservation:
    """Put an observation right, by its number; what stood there stays on record."""

    project_id: ProjectId
    indicator_id: IndicatorId
    number: int
    reading: Reading
    reason: str


@dataclass(frozen=True, slots=True)
class VerifyObservation:
    """Confirm an observation that others made, by its number."""

    project_id: ProjectId
    indicator_id: IndicatorId
    number: int


@dataclass(frozen=True, slots=True)
class ReceiveFeedback:
    """Record what the city says, of the project or of one indicator."""

    project_id: ProjectId
    feedback: Annotated[Personal, About()]
    indicator_id: IndicatorId | None = None


@dataclass(frozen=True, slots=True)
class Rating:
    """A grade on a criterion; a weight other than 1 is for schemes that weigh."""

    criterion: str
    grade: str
    evidence: tuple[str, ...]
    weight: int = 1
    comment: str = ""


@dataclass(frozen=True, slots=True)
class RateEvaluation:
    """Record an evaluation's grades; the scheme gives the overall one.

    A phase that was rated before is rated anew with a reason.
    """

    project_id: ProjectId
    phase: Phase
    scheme_id: str
    scheme_version: int
    raters: tuple[ActorId, ...]
    ratings: tuple[Rating, ...]
    report: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReviewProgress:
    """Look for what is late by now; nothing is recorded where that is known already."""

    project_id: ProjectId
    standard_id: str
    standard_version: int


@dataclass(frozen=True, slots=True)
class IssueRecommendation:
    """Ask someone to do something by a day."""

    project_id: ProjectId
    recommendation_id: RecommendationId
    recommendation: str
    addressee: str
    due_on: date
    indicator_id: IndicatorId | None = None
    milestone: MilestoneId | None = None


@dataclass(frozen=True, slots=True)
class AnswerRecommendation:
    """Say what will be done, or why not."""

    project_id: ProjectId
    recommendation_id: RecommendationId
    answer: Answer
    reason: str
    action: str = ""


@dataclass(frozen=True, slots=True)
class CompleteAction:
    """Record that it was done, with evidence."""

    project_id: ProjectId
    recommendation_id: RecommendationId
    summary: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReturnAction:
    """Say that what others did is not what was promised, or that the evidence does not show it."""

    project_id: ProjectId
    recommendation_id: RecommendationId
    reason: str


@dataclass(frozen=True, slots=True)
class VerifyAction:
    """Confirm what others did."""

    project_id: ProjectId
    recommendation_id: RecommendationId


IndicatorCommand = (
    DefineIndicator | ReviseIndicator | RecordObservation | CorrectObservation | VerifyObservation
)
ReviewCommand = ReceiveFeedback | RateEvaluation | ReviewProgress
RecommendationCommand = (
    IssueRecommendation | AnswerRecommendation | CompleteAction | ReturnAction | VerifyAction
)
