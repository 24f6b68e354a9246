"""Violations of rubrics, and of what is taken in: rules 1, 2, 11 to 13 and parts of 17."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from core.applications.events import (
    ApplicationAmended,
    ClarificationAnswered,
    ClarificationRequested,
    EligibilityDetermined,
    RuleChecked,
)
from core.calls.events import StageLocked, StageOpened
from core.frameworks.events import FrameworkDrafted, FrameworkPublished
from core.vocabulary import (
    FrameworkId,
    FrameworkRef,
)
from tests import scenes
from tests.projections.audit_findings import clean
from tests.projections.audit_findings.clean import (
    CITIES,
    Told,
)
from tests.projections.audit_findings.edits import (
    at,
    before,
    both,
    instead,
    then,
)
from tests.projections.audit_findings.making import (
    LAST,
    Plant,
)
from tests.scenes import DEADLINE, FIT, SSP
from tests.stories import OFFICER

_OTHER = FrameworkId("other")


_LIGHT = replace(
    scenes.RUBRIC,
    criteria=(replace(scenes.RUBRIC.criteria[0], weight=Decimal(30)), *scenes.RUBRIC.criteria[1:]),
)


_ELSEWHERE = replace(
    scenes.ANNOUNCEMENT,
    stages=tuple(replace(s, framework=FrameworkRef(SSP, 2)) for s in scenes.STAGES),
)


PLANTS: tuple[Plant, ...] = (
    Plant(
        "a tie-break is changed in a rubric that scores were given by",
        "rubric-changed",
        clean.selection,
        then(FrameworkDrafted(SSP, 1, replace(scenes.RUBRIC, tie_breaks=(FIT,)))),
    ),
    Plant(
        "a stage gets another rubric after it was scored",
        "rubric-exchanged",
        clean.selection,
        then(_ELSEWHERE),
    ),
    Plant(
        "a rubric is published with weights of 90",
        "weights-not-100",
        clean.locked,
        then(FrameworkDrafted(_OTHER, 1, _LIGHT), FrameworkPublished(_OTHER, 1)),
    ),
    Plant(
        "an application is received at the deadline",
        "accepted-late",
        clean.selection,
        at(scenes.submitted(CITIES[-1]), DEADLINE),
    ),
    Plant(
        "an application is amended after closing",
        "amended-late",
        clean.selection,
        then(ApplicationAmended(LAST, scenes.project())),
    ),
    Plant(
        "an application is amended at the deadline",
        "amended-late",
        clean.selection,
        before(
            scenes.checked(CITIES[0]),
            Told(ApplicationAmended(LAST, scenes.project()), OFFICER, DEADLINE),
        ),
    ),
    Plant(
        "eligibility is determined by an older list",
        "wrong-list",
        clean.selection,
        instead(
            scenes.checked(CITIES[-1]),
            EligibilityDetermined(LAST, "DAC 2020", (RuleChecked("country", holds=True),), True),  # noqa: FBT003
        ),
    ),
    Plant(
        "an application is eligible though a check failed",
        "eligible-against-checks",
        clean.selection,
        instead(
            scenes.checked(CITIES[-1]),
            EligibilityDetermined(LAST, "DAC 2024", (RuleChecked("country", holds=False),), True),  # noqa: FBT003
        ),
    ),
    Plant(
        "an ineligible application is scored",
        "scored-ineligible",
        clean.selection,
        instead(scenes.checked(CITIES[-1]), scenes.checked(CITIES[-1], holds=False)),
    ),
    Plant(
        "an application is scored that nobody checked",
        "scored-unchecked",
        clean.selection,
        instead(scenes.checked(CITIES[-1])),
    ),
    Plant(
        "one city is asked to clarify while its stage is open",
        "clarified-unequally",
        clean.selection,
        before(StageLocked, ClarificationRequested(LAST, 1, "How many buses?")),
    ),
    Plant(
        "an answer comes when some have scored already",
        "clarified-midway",
        clean.selection,
        both(
            before(StageOpened, ClarificationRequested(LAST, 1, "How many buses?")),
            before(StageLocked, ClarificationAnswered(LAST, 1, "Four hundred")),
        ),
    ),
)
