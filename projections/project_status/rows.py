"""What the view keeps: the project, and a row for each thing that it has or did.

A row a thing, so that each value has one event behind it. What has a status has steps, so
that it can be told for any moment of both clocks. What just happened is kept as it was told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from core.monitoring.events import (
    EvaluationRated,
    FeedbackReceived,
    IndicatorBehind,
    IndicatorUnobserved,
    MilestoneMissed,
    Reading,
)
from core.projects.events import (
    AgreementSigned,
    ConsultingDelivered,
    FollowUpLinked,
    PaymentMade,
    RiskRaised,
    SiteSurveyed,
    TrainingDelivered,
)
from core.projects.plan import Result
from core.results import Indicator, Period
from core.vocabulary import Instant, Text
from projections.steps import Step

PREFERRED, PLANNED, SIGNED, RUNNING = "preferred", "planned", "signed", "running"
SUSPENDED, COMPLETED, CANCELLED = "suspended", "completed", "cancelled"
RESCHEDULED, REACHED = "rescheduled", "reached"
OPEN, RESOLVED = "open", "resolved"
DEFINED, REVISED = "defined", "revised"
RECORDED, CORRECTED, VERIFIED = "recorded", "corrected", "verified"


@dataclass(frozen=True, slots=True)
class Terms:
    """The plan that was agreed to last; its milestones and indicators have rows of their own."""

    version: int
    starts_on: date
    ends_on: date
    monitored_until: date
    results: tuple[Result, ...]
    milestones: tuple[str, ...]
    indicators: tuple[str, ...]
    document: str


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project; `stage` is that of the selection which let it through.

    `reason` says why it rests, or why it ended as it did, and is empty otherwise.
    """

    project_id: str
    application_id: str
    stage: str
    applied_krw: int | None
    status: str
    steps: tuple[Step, ...] = ()
    terms: Terms | None = None
    agreement: AgreementSigned | None = None
    reason: str = ""
    kind: Literal["project"] = "project"


@dataclass(frozen=True, slots=True)
class MilestoneRow:
    """A milestone; `due` holds the day of each step that gave it one, in order.

    `reasons` says why, one for each of these; the plan's own day has none.
    """

    project_id: str
    milestone_id: str
    title: Text
    due: tuple[date, ...]
    reasons: tuple[str, ...]
    reached_on: date | None = None
    evidence: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    kind: Literal["milestone"] = "milestone"


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """An indicator as it was planned, defined or last revised, and the days it is watched in."""

    project_id: str
    indicator_id: str
    indicator: Indicator
    monitored: Period
    status: str
    steps: tuple[Step, ...] = ()
    kind: Literal["indicator"] = "indicator"


@dataclass(frozen=True, slots=True)
class ObservationRow:
    """A number with all that it said: a reading for its recording and for each correction.

    `reasons` says why, one for each reading; a first one has none.
    """

    project_id: str
    indicator_id: str
    number: int
    readings: tuple[Reading, ...]
    reasons: tuple[str, ...]
    steps: tuple[Step, ...] = ()
    kind: Literal["observation"] = "observation"


@dataclass(frozen=True, slots=True)
class RiskRow:
    """A risk; `resolution` is empty while it is open."""

    project_id: str
    raised: RiskRaised
    resolution: str = ""
    steps: tuple[Step, ...] = ()
    kind: Literal["risk"] = "risk"


@dataclass(frozen=True, slots=True)
class SurveyRow:
    """The site was surveyed."""

    project_id: str
    survey: SiteSurveyed
    occurred_at: Instant
    kind: Literal["survey"] = "survey"


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """Money was paid out."""

    project_id: str
    payment: PaymentMade
    occurred_at: Instant
    kind: Literal["payment"] = "payment"


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """People were trained."""

    project_id: str
    training: TrainingDelivered
    occurred_at: Instant
    kind: Literal["training"] = "training"


@dataclass(frozen=True, slots=True)
class ConsultingRow:
    """Advice was given."""

    project_id: str
    consulting: ConsultingDelivered
    occurred_at: Instant
    kind: Literal["consulting"] = "consulting"


@dataclass(frozen=True, slots=True)
class FollowUpRow:
    """The project led to something."""

    project_id: str
    follow_up: FollowUpLinked
    occurred_at: Instant
    kind: Literal["follow-up"] = "follow-up"


@dataclass(frozen=True, slots=True)
class RatingRow:
    """An evaluation's grades; a phase that is rated anew gets another row."""

    project_id: str
    rating: EvaluationRated
    occurred_at: Instant
    kind: Literal["rating"] = "rating"


@dataclass(frozen=True, slots=True)
class FeedbackRow:
    """What the city said."""

    project_id: str
    feedback: FeedbackReceived
    occurred_at: Instant
    kind: Literal["feedback"] = "feedback"


@dataclass(frozen=True, slots=True)
class MissedRow:
    """A review found that a milestone was late."""

    project_id: str
    found: MilestoneMissed
    occurred_at: Instant
    kind: Literal["missed"] = "missed"


@dataclass(frozen=True, slots=True)
class UnobservedRow:
    """A review found that an indicator was not observed when it should have been."""

    project_id: str
    found: IndicatorUnobserved
    occurred_at: Instant
    kind: Literal["unobserved"] = "unobserved"


@dataclass(frozen=True, slots=True)
class BehindRow:
    """A review found that an indicator lay further behind its path than is tolerated."""

    project_id: str
    found: IndicatorBehind
    occurred_at: Instant
    kind: Literal["behind"] = "behind"


Row = (
    ProjectRow
    | MilestoneRow
    | IndicatorRow
    | ObservationRow
    | RiskRow
    | SurveyRow
    | PaymentRow
    | TrainingRow
    | ConsultingRow
    | FollowUpRow
    | RatingRow
    | FeedbackRow
    | MissedRow
    | UnobservedRow
    | BehindRow
)
