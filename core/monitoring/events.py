"""Facts of monitoring: what was observed and corrected, recommended and done, and how it rates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar

from core.monitoring.rating import DacCriterion, SchemeRef
from core.monitoring.standard import StandardRef
from core.personal import About, Personal
from core.results import Baseline, Dimension, Indicator, Period, Target
from core.vocabulary import ActorId, IndicatorId, MilestoneId, ProjectId, RecommendationId


def project_stream(project_id: str) -> str:
    """Name the stream of what a project's monitoring says about the project as a whole."""
    return f"monitoring-{project_id}"


def indicator_stream(project_id: str, indicator_id: str) -> str:
    """Name the stream of one indicator of a project."""
    return f"monitoring-{project_id}:{indicator_id}"


def recommendation_stream(project_id: str, recommendation_id: str) -> str:
    """Name the stream of a recommendation: the project's id says whose city may answer."""
    return f"recommendation-{project_id}:{recommendation_id}"


class Answer(StrEnum):
    """What those say whom a recommendation is for."""

    ACCEPTED = "accepted"
    PARTLY = "partly"
    REJECTED = "rejected"


class Phase(StrEnum):
    """When in a project's life it is evaluated."""

    MID_TERM = "mid-term"
    END = "end"
    EX_POST = "ex-post"


@dataclass(frozen=True, slots=True)
class Reading:
    """A number that was observed: for which days and breakdown, by which source, on what proof."""

    period: Period
    value: Decimal
    unit: str
    source: str
    evidence: tuple[str, ...]
    dimensions: tuple[Dimension, ...] = ()


@dataclass(frozen=True, slots=True)
class RatedCriterion:
    """A grade on one criterion of a scheme, and the DAC criteria that it covers."""

    criterion: str
    covers: tuple[DacCriterion, ...]
    grade: str
    weight: int
    evidence: tuple[str, ...]
    comment: str


@dataclass(frozen=True, slots=True)
class IndicatorDefined:
    """An indicator of the signed plan is observed from here on, in the days given."""

    WIRE: ClassVar = "monitoring.indicator-defined.1"
    project_id: ProjectId
    indicator_id: IndicatorId
    indicator: Indicator
    monitored: Period


@dataclass(frozen=True, slots=True)
class IndicatorRevised:
    """Baseline or targets were changed, before anything was observed."""

    WIRE: ClassVar = "monitoring.indicator-revised.1"
    project_id: ProjectId
    indicator_id: IndicatorId
    baseline_before: Baseline
    baseline_after: Baseline
    targets_before: tuple[Target, ...]
    targets_after: tuple[Target, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class ObservationRecorded:
    """Someone observed a number; an indicator's observations count from 1."""

    WIRE: ClassVar = "monitoring.observation-recorded.1"
    project_id: ProjectId
    indicator_id: IndicatorId
    number: int
    by: ActorId
    reading: Reading


@dataclass(frozen=True, slots=True)
class ObservationCorrected:
    """An observation was put right; what stood there before stays on record."""

    WIRE: ClassVar = "monitoring.observation-corrected.1"
    project_id: ProjectId
    indicator_id: IndicatorId
    number: int
    by: ActorId
    before: Reading
    after: Reading
    reason: str


@dataclass(frozen=True, slots=True)
class ObservationVerified:
    """Another person than those who recorded or corrected it checked an observation."""

    WIRE: ClassVar = "monitoring.observation-verified.1"
    project_id: ProjectId
    indicator_id: IndicatorId
    number: int
    by: ActorId


@dataclass(frozen=True, slots=True)
class FeedbackReceived:
    """The city said what it thinks, of the project or of one indicator; counts from 1."""

    WIRE: ClassVar = "monitoring.feedback-received.1"
    project_id: ProjectId
    number: int
    indicator_id: IndicatorId | None
    feedback: Annotated[Personal, About()]


@dataclass(frozen=True, slots=True)
class EvaluationRated:
    """An evaluation graded the project by a scheme, which gives the overall grade.

    `decided_by` says in the scheme's words how; `mean` is None where none was taken;
    `reason` says why a phase is rated anew.
    """

    WIRE: ClassVar = "monitoring.evaluation-rated.1"
    project_id: ProjectId
    phase: Phase
    scheme: SchemeRef
    raters: tuple[ActorId, ...]
    ratings: tuple[RatedCriterion, ...]
    overall: str
    mean: Decimal | None
    decided_by: str
    report: str
    reason: str


@dataclass(frozen=True, slots=True)
class RecommendationIssued:
    """Someone is asked to do something by a day, on account of an indicator or a milestone."""

    WIRE: ClassVar = "monitoring.recommendation-issued.1"
    project_id: ProjectId
    recommendation_id: RecommendationId
    by: ActorId
    recommendation: str
    addressee: str
    due_on: date
    indicator_id: IndicatorId | None
    milestone: MilestoneId | None


@dataclass(frozen=True, slots=True)
class RecommendationAnswered:
    """Those asked said what they will do; `action` is empty where they will do nothing."""

    WIRE: ClassVar = "monitoring.recommendation-answered.1"
    project_id: ProjectId
    recommendation_id: RecommendationId
    answer: Answer
    action: str
    reason: str


@dataclass(frozen=True, slots=True)
class ActionCompleted:
    """What was promised was done."""

    WIRE: ClassVar = "monitoring.action-completed.1"
    project_id: ProjectId
    recommendation_id: RecommendationId
    by: ActorId
    completed_on: date
    summary: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActionVerified:
    """Another person checked that it was done."""

    WIRE: ClassVar = "monitoring.action-verified.1"
    project_id: ProjectId
    recommendation_id: RecommendationId
    by: ActorId


@dataclass(frozen=True, slots=True)
class ActionReturned:
    """Whoever checked an action found that it is still to be done, or to be shown."""

    WIRE: ClassVar = "monitoring.action-returned.1"
    project_id: ProjectId
    recommendation_id: RecommendationId
    by: ActorId
    reason: str


@dataclass(frozen=True, slots=True)
class MilestoneMissed:
    """A milestone's day went by before it was reached; what is late counts from 1 in a project."""

    WIRE: ClassVar = "monitoring.milestone-missed.1"
    project_id: ProjectId
    number: int
    milestone: MilestoneId
    due_on: date
    found_on: date
    standard: StandardRef


@dataclass(frozen=True, slots=True)
class IndicatorUnobserved:
    """A target's period went by and no day of it was observed; counts on as `MilestoneMissed`."""

    WIRE: ClassVar = "monitoring.indicator-unobserved.1"
    project_id: ProjectId
    number: int
    indicator_id: IndicatorId
    target: Target
    found_on: date
    standard: StandardRef


@dataclass(frozen=True, slots=True)
class IndicatorBehind:
    """The latest observation lies behind the path to the target; counts on as `MilestoneMissed`.

    The path was at `expected` on `observed_until`, the last day that the observation is about.
    """

    WIRE: ClassVar = "monitoring.indicator-behind.1"
    project_id: ProjectId
    number: int
    indicator_id: IndicatorId
    observation: int
    observed_until: date
    observed: Decimal
    expected: Decimal
    target: Target
    found_on: date
    standard: StandardRef


IndicatorEvent = (
    IndicatorDefined
    | IndicatorRevised
    | ObservationRecorded
    | ObservationCorrected
    | ObservationVerified
)
ReviewEvent = (
    FeedbackReceived | EvaluationRated | MilestoneMissed | IndicatorUnobserved | IndicatorBehind
)
RecommendationEvent = (
    RecommendationIssued
    | RecommendationAnswered
    | ActionCompleted
    | ActionReturned
    | ActionVerified
)
