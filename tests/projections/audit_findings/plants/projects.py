"""Violations in projects, and in what becomes of them: rules 22 to 26."""

from __future__ import annotations

from datetime import timedelta

from core.monitoring.events import (
    ActionCompleted,
    ActionReturned,
    ActionVerified,
    IndicatorRevised,
    ObservationRecorded,
)
from core.projects.events import AgreementSigned, Implementer, PaymentMade, ProjectStarted
from tests import project_scenes as projects
from tests import scenes
from tests.projections.audit_findings import clean
from tests.projections.audit_findings.clean import (
    LATER,
    Told,
)
from tests.projections.audit_findings.edits import (
    at,
    before,
    both,
    changed,
    instead,
    then,
)
from tests.projections.audit_findings.making import (
    Plant,
)
from tests.scenes import DIGEST, KIM
from tests.stories import MANAGER, OFFICER

_STARTED = ProjectStarted(projects.PROJECT, projects.STARTS)


_PAID = PaymentMade(projects.PROJECT, 1, 1_000_000, projects.STARTS, "I", "p", DIGEST)


_LATER = Told(scenes.registered(scenes.TOKYO, "JP"), OFFICER, LATER, LATER)


PLANTS: tuple[Plant, ...] = (
    Plant(
        "a project starts before it is signed",
        "started-before-agreement",
        clean.project,
        both(instead(_STARTED), before(AgreementSigned, _STARTED)),
    ),
    Plant(
        "a project is paid on the day before it is signed",
        "paid-before-agreement",
        clean.project,
        changed(PaymentMade, paid_on=projects.SIGNED_ON - timedelta(days=1)),
    ),
    Plant(
        "an evaluator carries the project out",
        "evaluator-implements",
        clean.project,
        changed(AgreementSigned, implementers=(Implementer(KIM, "Seoul Institute"),)),
    ),
    Plant(
        "a target is lowered after an observation",
        "target-moved",
        clean.project,
        then(
            IndicatorRevised(
                projects.PROJECT,
                projects.RIDERS,
                projects.BASELINE,
                projects.BASELINE,
                projects.TARGETS,
                projects.TARGETS[:1],
                "r",
            )
        ),
    ),
    Plant(
        "an observation is recorded 200 days after it says it was made",
        "observation-backdated",
        clean.project,
        at(ObservationRecorded, projects.IN_2025 - timedelta(days=200)),
    ),
    Plant(
        "nothing is done about a recommendation",
        "action-overdue",
        clean.project,
        both(instead(ActionCompleted), instead(ActionVerified), then(_LATER)),
    ),
    Plant(
        "what was recommended is done a day late",
        "action-overdue",
        clean.project,
        changed(ActionCompleted, completed_on=projects.ISSUE.due_on + timedelta(days=1)),
    ),
    Plant(
        "an action is sent back and never done again",
        "action-overdue",
        clean.project,
        both(
            instead(
                ActionVerified,
                Told(
                    ActionReturned(projects.PROJECT, projects.ASKED, MANAGER, "a table is missing"),
                    MANAGER,
                    clean.DONE_AT,
                    clean.DONE_AT,
                ),
            ),
            then(_LATER),
        ),
    ),
    Plant(
        "an action is called done without evidence",
        "closed-without-evidence",
        clean.project,
        changed(ActionCompleted, evidence=()),
    ),
    Plant(
        "an action is called checked that nobody did",
        "closed-without-evidence",
        clean.project,
        both(instead(ActionCompleted), at(ActionVerified, seen=projects.IN_2025)),
    ),
)
