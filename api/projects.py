"""Projects: planned and delivered by officers, signed, paid and ended by managers."""

from __future__ import annotations

from api.access import CITY, MANAGER, STAFF
from api.commands import CommandRoute
from core.projects.commands import (
    AgreePlan,
    CancelProject,
    CompleteProject,
    DeliverConsulting,
    DeliverTraining,
    LinkFollowUp,
    PreferProject,
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

_ONE = "/projects/{project_id}"

ROUTES = (
    CommandRoute(f"{_ONE}/prefer", PreferProject, STAFF, opens=True),
    CommandRoute(f"{_ONE}/survey-site", SurveySite, STAFF),
    CommandRoute(f"{_ONE}/agree-plan", AgreePlan, STAFF),
    CommandRoute(f"{_ONE}/sign-agreement", SignAgreement, MANAGER),
    CommandRoute(f"{_ONE}/start", StartProject, MANAGER),
    CommandRoute(f"{_ONE}/record-payment", RecordPayment, MANAGER),
    CommandRoute(f"{_ONE}/deliver-training", DeliverTraining, STAFF),
    CommandRoute(f"{_ONE}/deliver-consulting", DeliverConsulting, STAFF),
    CommandRoute(f"{_ONE}/reach-milestone", ReachMilestone, STAFF),
    CommandRoute(f"{_ONE}/reschedule-milestone", RescheduleMilestone, MANAGER),
    CommandRoute(f"{_ONE}/raise-risk", RaiseRisk, STAFF | CITY),
    CommandRoute(f"{_ONE}/resolve-risk", ResolveRisk, STAFF),
    CommandRoute(f"{_ONE}/suspend", SuspendProject, MANAGER),
    CommandRoute(f"{_ONE}/resume", ResumeProject, MANAGER),
    CommandRoute(f"{_ONE}/complete", CompleteProject, MANAGER),
    CommandRoute(f"{_ONE}/cancel", CancelProject, MANAGER),
    CommandRoute(f"{_ONE}/link-follow-up", LinkFollowUp, STAFF),
)
