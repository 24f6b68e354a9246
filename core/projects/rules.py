"""A project is planned before it is signed, signed before it starts, and ends with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from core.decider import Act, Decider
from core.errors import refuse, require
from core.projects.agreement import Facts, paid, planned, preferred, signed_by_both, under_agreement
from core.projects.commands import (
    AgreePlan,
    CancelProject,
    CompleteProject,
    DeliverConsulting,
    DeliverTraining,
    LinkFollowUp,
    PreferProject,
    ProjectCommand,
    RaiseRisk,
    ReachMilestone,
    RecordPayment,
    RescheduleMilestone,
    ResolveRisk,
    ResumeProject,
    SignAgreement,
    StartProject,
    SurveySite,
    SuspendProject,
)
from core.projects.delivery import advised, followed, reached, rescheduled, trained
from core.projects.events import (
    AgreementSigned,
    ConsultingDelivered,
    FollowUpLinked,
    MilestoneReached,
    MilestoneRescheduled,
    PaymentMade,
    PlanAgreed,
    ProjectCancelled,
    ProjectCompleted,
    ProjectEvent,
    ProjectPreferred,
    ProjectResumed,
    ProjectStarted,
    ProjectSuspended,
    RiskRaised,
    RiskResolved,
    SiteSurveyed,
    TrainingDelivered,
)
from core.projects.plan import Milestone, Plan
from core.projects.running import Worked, completed, resumed, running
from core.results import Period, past
from core.vocabulary import MilestoneId, digest, filled, seoul_day


@dataclass(frozen=True, slots=True)
class Project:
    """What a project's facts amount to; `milestones` are due as they were last scheduled."""

    preferred: ProjectPreferred | None = None
    plan: Plan | None = None
    plan_versions: int = 0
    signed: AgreementSigned | None = None
    started_on: date | None = None
    suspended_on: date | None = None
    rests: tuple[Period, ...] = ()
    completed: bool = False
    cancelled: bool = False
    milestones: tuple[Milestone, ...] = ()
    reached: frozenset[MilestoneId] = frozenset()
    payments: tuple[PaymentMade, ...] = ()
    risks: int = 0
    open_risks: frozenset[int] = frozenset()
    follow_ups: int = 0

    @property
    def worked(self) -> Worked:
        """The days on which work may have been done."""
        return Worked(self.started_on or date.max, self.rests)

    @property
    def open_milestones(self) -> tuple[MilestoneId, ...]:
        """The milestones that were not reached, in the plan's order."""
        return tuple(m.id for m in self.milestones if m.id not in self.reached)


def decide(
    command: ProjectCommand, act: Act, state: Project, facts: Facts
) -> Sequence[ProjectEvent]:
    """Take a project from the selection that it rests on to what it led to."""
    today = seoul_day(act.at)
    if isinstance(command, PreferProject):
        return [preferred(command, state.preferred, facts)]
    _goes_on(command, state)
    project = command.project_id
    match command:
        case SurveySite(period=period, summary=summary, report=report):
            past(period, today, "period")
            return [
                SiteSurveyed(project, period, filled(summary, "summary"), digest(report, "report"))
            ]
        case AgreePlan():
            return [planned(command, state.plan_versions, state.signed, facts)]
        case SignAgreement():
            return [signed_by_both(command, state.plan_versions, state.signed, today, facts)]
        case StartProject():
            under_agreement(state.signed, today, project)
            require(
                state.started_on is None,
                "already-started",
                "a project starts once",
                field="project_id",
                value=project,
            )
            return [ProjectStarted(project, today)]
        case RecordPayment():
            require(
                state.suspended_on is None,
                "project-suspended",
                "nothing is paid while a project rests",
                field="project_id",
                value=project,
            )
            return [paid(command, state.payments, state.signed, today)]
        case DeliverTraining():
            _running(state, project, today)
            return [trained(command, state.signed, state.worked, today)]
        case DeliverConsulting():
            _running(state, project, today)
            return [advised(command, state.signed, state.worked, today)]
        case ReachMilestone():
            _running(state, project, today)
            return [reached(command, state.milestones, state.reached, today)]
        case RescheduleMilestone():
            plan = _signed_plan(state, project)
            return [rescheduled(command, state.milestones, state.reached, plan)]
        case RaiseRisk(description=description, likelihood=likelihood, impact=impact, owner=owner):
            return [
                RiskRaised(
                    project,
                    state.risks + 1,
                    filled(description, "description"),
                    likelihood,
                    impact,
                    filled(owner, "owner"),
                )
            ]
        case ResolveRisk(number=number, resolution=resolution):
            require(
                number in state.open_risks,
                "no-open-risk",
                "a risk that is resolved is still open",
                field="number",
                value=number,
            )
            return [RiskResolved(project, number, filled(resolution, "resolution"))]
        case SuspendProject(reason=reason):
            _running(state, project, today)
            return [ProjectSuspended(project, today, filled(reason, "reason"))]
        case ResumeProject():
            return [resumed(command, state.suspended_on, today)]
        case CompleteProject():
            _running(state, project, today)
            return [completed(command, state.open_milestones, today)]
        case CancelProject(reason=reason):
            return [ProjectCancelled(project, today, filled(reason, "reason"))]
        case LinkFollowUp():
            require(
                state.started_on is not None,
                "project-not-started",
                "a follow-up comes of work that was begun",
                field="project_id",
                value=project,
            )
            return [followed(command, state.follow_ups + 1)]
        case _:
            assert_never(command)


def _goes_on(command: ProjectCommand, state: Project) -> None:
    """Refuse what comes before the first fact, or after the last that allows it."""
    require(
        state.preferred is not None,
        "unknown-project",
        "no project follows from this application yet",
        field="project_id",
        value=command.project_id,
    )
    afterwards = isinstance(command, RecordPayment | LinkFollowUp)
    require(
        not state.cancelled and (afterwards or not state.completed),
        "project-ended",
        "after its end a project is paid off and led on; a cancelled one does not change",
        field="project_id",
        value=command.project_id,
    )


def _running(state: Project, project: str, today: date) -> None:
    running(project, state.started_on, state.suspended_on, today)


def _signed_plan(state: Project, project: str) -> Plan:
    if state.signed is None or state.plan is None:
        refuse(
            "agreement-not-signed",
            "before it is signed a plan is agreed anew instead",
            field="project_id",
            value=project,
        )
    return state.plan


def evolve(state: Project, event: ProjectEvent) -> Project:
    """Fold one fact."""
    match event:
        case ProjectPreferred():
            return replace(state, preferred=event)
        case PlanAgreed(plan=plan, version=version):
            return replace(state, plan=plan, plan_versions=version, milestones=plan.milestones)
        case AgreementSigned():
            return replace(state, signed=event)
        case ProjectStarted(started_on=started_on):
            return replace(state, started_on=started_on)
        case PaymentMade():
            return replace(state, payments=(*state.payments, event))
        case MilestoneReached(milestone=milestone):
            return replace(state, reached=state.reached | {milestone})
        case MilestoneRescheduled(milestone=milestone, after=after):
            moved = (replace(m, due_on=after) if m.id == milestone else m for m in state.milestones)
            return replace(state, milestones=tuple(moved))
        case RiskRaised(number=number):
            return replace(state, risks=number, open_risks=state.open_risks | {number})
        case RiskResolved(number=number):
            return replace(state, open_risks=state.open_risks - {number})
        case ProjectSuspended(suspended_on=day):
            return replace(state, suspended_on=day)
        case ProjectResumed(resumed_on=day):
            rest = Period(state.suspended_on or day, day)
            return replace(state, suspended_on=None, rests=(*state.rests, rest))
        case ProjectCompleted():
            return replace(state, completed=True)
        case ProjectCancelled():
            return replace(state, cancelled=True)
        case FollowUpLinked(number=number):
            return replace(state, follow_ups=number)
        case SiteSurveyed() | TrainingDelivered() | ConsultingDelivered():
            return state
        case _:
            assert_never(event)


DECIDER: Decider[ProjectCommand, Project, ProjectEvent, Facts] = Decider(Project(), decide, evolve)
