"""What can be asked of a project."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.projects.events import FollowUpKind, Implementer, Money, RiskLevel
from core.projects.plan import Plan, Signatory
from core.results import Period
from core.vocabulary import ActorId, MilestoneId, ProjectId, Text


@dataclass(frozen=True, slots=True)
class PreferProject:
    """Open the project of an application that the call's last stage let through."""

    project_id: ProjectId


@dataclass(frozen=True, slots=True)
class SurveySite:
    """Record a visit to the site and the report on it."""

    project_id: ProjectId
    period: Period
    summary: str
    report: str


@dataclass(frozen=True, slots=True)
class AgreePlan:
    """Agree to a plan with its results framework, or to a new one in its place."""

    project_id: ProjectId
    plan: Plan
    signatories: tuple[Signatory, ...]
    document: str


@dataclass(frozen=True, slots=True)
class SignAgreement:
    """Sign for both cities; the act's instant is the day of signing."""

    project_id: ProjectId
    amount_krw: int
    signatories: tuple[Signatory, ...]
    implementers: tuple[Implementer, ...]
    document: str


@dataclass(frozen=True, slots=True)
class StartProject:
    """Begin the work."""

    project_id: ProjectId


@dataclass(frozen=True, slots=True)
class RecordPayment:
    """Record money that was paid out of the agreed amount."""

    project_id: ProjectId
    amount_krw: int
    recipient: str
    purpose: str
    document: str


@dataclass(frozen=True, slots=True)
class DeliverTraining:
    """Record a training; `women` is left out where it was not counted."""

    project_id: ProjectId
    title: Text
    period: Period
    delivered_by: ActorId
    participants: int
    evidence: tuple[str, ...]
    women: int | None = None


@dataclass(frozen=True, slots=True)
class DeliverConsulting:
    """Record advice, in person-days of experts."""

    project_id: ProjectId
    topic: str
    period: Period
    delivered_by: ActorId
    days: Decimal
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReachMilestone:
    """Record that a milestone's work was done."""

    project_id: ProjectId
    milestone: MilestoneId
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RescheduleMilestone:
    """Move a milestone to another day."""

    project_id: ProjectId
    milestone: MilestoneId
    due_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class RaiseRisk:
    """Say what may go wrong, and which office watches it."""

    project_id: ProjectId
    description: str
    likelihood: RiskLevel
    impact: RiskLevel
    owner: str


@dataclass(frozen=True, slots=True)
class ResolveRisk:
    """Say why a risk is none any more, by its number."""

    project_id: ProjectId
    number: int
    resolution: str


@dataclass(frozen=True, slots=True)
class SuspendProject:
    """Let the work rest."""

    project_id: ProjectId
    reason: str


@dataclass(frozen=True, slots=True)
class ResumeProject:
    """Go on with the work."""

    project_id: ProjectId
    reason: str


@dataclass(frozen=True, slots=True)
class CompleteProject:
    """End the work; `reason` says why milestones stay open, where some do."""

    project_id: ProjectId
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CancelProject:
    """End the project before its time."""

    project_id: ProjectId
    reason: str


@dataclass(frozen=True, slots=True)
class LinkFollowUp:
    """Record what the project led to."""

    project_id: ProjectId
    kind: FollowUpKind
    partner: str
    title: Text
    amount: Money | None = None
    url: str = ""


ProjectCommand = (
    PreferProject
    | SurveySite
    | AgreePlan
    | SignAgreement
    | StartProject
    | RecordPayment
    | DeliverTraining
    | DeliverConsulting
    | ReachMilestone
    | RescheduleMilestone
    | RaiseRisk
    | ResolveRisk
    | SuspendProject
    | ResumeProject
    | CompleteProject
    | CancelProject
    | LinkFollowUp
)
