"""Violations of who scores, and how marks change: rules 4 and 6, and parts of 10 and 17."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from core.calls.events import StageLocked
from core.evaluations.events import (
    ConflictDeclared,
    ConflictKind,
    EvaluationCertified,
    EvaluationReopened,
    EvaluatorRecused,
)
from core.ranking import Mark
from core.vocabulary import (
    CriterionId,
)
from tests import scenes
from tests.projections.audit_findings import clean
from tests.projections.audit_findings.clean import (
    CITIES,
    PARK,
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
    SECOND,
    Plant,
    revised,
    sheet,
)
from tests.scenes import CALL, DOCUMENT, KIM
from tests.stories import OFFICER

PLANTS: tuple[Plant, ...] = (
    Plant(
        "a mark is changed after the lock",
        "changed-after-lock",
        clean.selection,
        then(revised(LAST, PARK, 70, 80)),
    ),
    Plant(
        "a mark is changed after the lock, reopened by one person alone",
        "changed-after-lock",
        clean.selection,
        then(
            EvaluationReopened(LAST, PARK, DOCUMENT, OFFICER, OFFICER), revised(LAST, PARK, 70, 80)
        ),
    ),
    Plant(
        "an officer changes an evaluator's mark",
        "changed-by-another",
        clean.locked,
        before(StageLocked, Told(revised(LAST, PARK, 70, 80), OFFICER)),
    ),
    Plant(
        "a mark is changed without a reason",
        "changed-without-reason",
        clean.locked,
        before(StageLocked, revised(LAST, PARK, 70, 80, " ")),
    ),
    Plant(
        "scores come in after the lock",
        "scored-after-lock",
        clean.locked,
        both(
            instead(EvaluationCertified(LAST, PARK, DOCUMENT)),
            instead(sheet(LAST, PARK)),
            then(sheet(LAST, PARK)),
        ),
    ),
    Plant(
        "somebody scores what was not assigned to them",
        "scored-unassigned",
        clean.selection,
        instead(scenes.assigned(CITIES[-1], PARK)),
    ),
    Plant(
        "an officer hands an evaluator's scores in",
        "scored-by-another",
        clean.selection,
        at(sheet(LAST, PARK), by=OFFICER),
    ),
    Plant(
        "somebody scores before declaring interests",
        "scored-undeclared",
        clean.selection,
        both(instead(scenes.declared(PARK)), before(sheet(SECOND, KIM), scenes.declared(PARK))),
    ),
    Plant(
        "somebody scores with an interest",
        "scored-conflicted",
        clean.selection,
        before(sheet(LAST, PARK), ConflictDeclared(PARK, CALL, ConflictKind.FAMILY, LAST)),
    ),
    Plant(
        "somebody scores after a recusal",
        "scored-recused",
        clean.selection,
        before(sheet(LAST, PARK), EvaluatorRecused(PARK, LAST, "r")),
    ),
    Plant(
        "a file had zero where a mark was missing",
        "zero-off-scale",
        clean.locked,
        instead(sheet(LAST, PARK), scenes.scored(CITIES[-1], PARK, 0, 60, 70)),
    ),
    Plant(
        "an evaluator marks a criterion that is not in the rubric",
        "other-criteria",
        clean.selection,
        instead(
            sheet(LAST, PARK),
            replace(
                sheet(LAST, PARK),
                marks=(*sheet(LAST, PARK).marks, Mark(CriterionId("charm"), Decimal(90))),
            ),
        ),
    ),
)
