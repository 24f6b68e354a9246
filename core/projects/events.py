"""Facts about projects: what was planned and signed, delivered and paid, and what followed.

A day in these facts is the day in Seoul of the event's occurred_at, written out where
later facts are measured by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from core.projects.plan import Plan, Signatory
from core.results import Period
from core.vocabulary import (
    ActorId,
    ApplicationId,
    CallId,
    CityId,
    MilestoneId,
    ProjectId,
    StageId,
    Text,
)

STREAMS = "project-"  # how the streams of all projects begin


def project_id(application_id: str) -> ProjectId:
    """Name the project that follows from an application: by the application's own id."""
    return ProjectId(application_id)


def stream(project: str) -> str:
    """Name the stream of a project."""
    return f"{STREAMS}{project}"


class RiskLevel(StrEnum):
    """How likely, or how bad."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class FollowUpKind(StrEnum):
    """What a project led to."""

    BANK_LOAN = "bank-loan"
    ODA_PROJECT = "oda-project"
    DOMESTIC_CONTRACT = "domestic-contract"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency (ISO 4217)."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Implementer:
    """Who carries out the project: a pseudonymous actor, and the organisation behind it."""

    actor: ActorId
    organisation: str


@dataclass(frozen=True, slots=True)
class ProjectPreferred:
    """The application's city became a preferred one; consultation and survey follow.

    `stage` is the stage whose approved selection let it through; `amount_krw` is what
    was applied for, None where that is not known.
    """

    WIRE: ClassVar = "projects.preferred.1"
    project_id: ProjectId
    application_id: ApplicationId
    call_id: CallId
    city_id: CityId
    stage: StageId
    amount_krw: int | None


@dataclass(frozen=True, slots=True)
class SiteSurveyed:
    """The site was visited; `report` is the SHA-256 of the survey's report."""

    WIRE: ClassVar = "projects.site-surveyed.1"
    project_id: ProjectId
    period: Period
    summary: str
    report: str


@dataclass(frozen=True, slots=True)
class PlanAgreed:
    """Both cities agreed to a plan; a later version replaces it until one is signed."""

    WIRE: ClassVar = "projects.plan-agreed.1"
    project_id: ProjectId
    version: int
    plan: Plan
    signatories: tuple[Signatory, ...]
    document: str


@dataclass(frozen=True, slots=True)
class AgreementSigned:
    """Both cities signed; from here on the project may start and money may flow."""

    WIRE: ClassVar = "projects.agreement-signed.1"
    project_id: ProjectId
    plan_version: int
    signed_on: date
    amount_krw: int
    signatories: tuple[Signatory, ...]
    implementers: tuple[Implementer, ...]
    document: str


@dataclass(frozen=True, slots=True)
class ProjectStarted:
    """Work began."""

    WIRE: ClassVar = "projects.started.1"
    project_id: ProjectId
    started_on: date


@dataclass(frozen=True, slots=True)
class PaymentMade:
    """Money was paid out; payments count from 1."""

    WIRE: ClassVar = "projects.payment-made.1"
    project_id: ProjectId
    number: int
    amount_krw: int
    paid_on: date
    recipient: str
    purpose: str
    document: str


@dataclass(frozen=True, slots=True)
class TrainingDelivered:
    """People were trained; `women` is None where it was not counted."""

    WIRE: ClassVar = "projects.training-delivered.1"
    project_id: ProjectId
    title: Text
    period: Period
    delivered_by: ActorId
    participants: int
    women: int | None
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConsultingDelivered:
    """Advice was given; `days` are person-days of experts."""

    WIRE: ClassVar = "projects.consulting-delivered.1"
    project_id: ProjectId
    topic: str
    period: Period
    delivered_by: ActorId
    days: Decimal
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MilestoneReached:
    """What a milestone asks for was done."""

    WIRE: ClassVar = "projects.milestone-reached.1"
    project_id: ProjectId
    milestone: MilestoneId
    due_on: date
    reached_on: date
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MilestoneRescheduled:
    """A milestone's day was moved."""

    WIRE: ClassVar = "projects.milestone-rescheduled.1"
    project_id: ProjectId
    milestone: MilestoneId
    before: date
    after: date
    reason: str


@dataclass(frozen=True, slots=True)
class RiskRaised:
    """Something may go wrong; risks count from 1, and `owner` is the office that watches it."""

    WIRE: ClassVar = "projects.risk-raised.1"
    project_id: ProjectId
    number: int
    description: str
    likelihood: RiskLevel
    impact: RiskLevel
    owner: str


@dataclass(frozen=True, slots=True)
class RiskResolved:
    """A risk is none any more."""

    WIRE: ClassVar = "projects.risk-resolved.1"
    project_id: ProjectId
    number: int
    resolution: str


@dataclass(frozen=True, slots=True)
class ProjectSuspended:
    """Work rests."""

    WIRE: ClassVar = "projects.suspended.1"
    project_id: ProjectId
    suspended_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class ProjectResumed:
    """Work goes on."""

    WIRE: ClassVar = "projects.resumed.1"
    project_id: ProjectId
    resumed_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class ProjectCompleted:
    """Work is done; milestones that stayed open are named, with the reason."""

    WIRE: ClassVar = "projects.completed.1"
    project_id: ProjectId
    completed_on: date
    open_milestones: tuple[MilestoneId, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class ProjectCancelled:
    """The project ended before its time."""

    WIRE: ClassVar = "projects.cancelled.1"
    project_id: ProjectId
    cancelled_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class FollowUpLinked:
    """The project led to something; follow-ups count from 1.

    `amount` is None and `url` empty where they are not known.
    """

    WIRE: ClassVar = "projects.follow-up-linked.1"
    project_id: ProjectId
    number: int
    kind: FollowUpKind
    partner: str
    title: Text
    amount: Money | None
    url: str


ProjectEvent = (
    ProjectPreferred
    | SiteSurveyed
    | PlanAgreed
    | AgreementSigned
    | ProjectStarted
    | PaymentMade
    | TrainingDelivered
    | ConsultingDelivered
    | MilestoneReached
    | MilestoneRescheduled
    | RiskRaised
    | RiskResolved
    | ProjectSuspended
    | ProjectResumed
    | ProjectCompleted
    | ProjectCancelled
    | FollowUpLinked
)
