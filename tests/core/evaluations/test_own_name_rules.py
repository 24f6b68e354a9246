"""An evaluator speaks for themself; staff record what was stated elsewhere, and say why."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from core.evaluations.commands import (
    AbstainFromEvaluation,
    AssignEvaluator,
    CertifyEvaluation,
    DeclareConflict,
    EvaluationCommand,
    EvaluatorCommand,
    InvalidateEvaluation,
    LockEvaluation,
    RecuseEvaluator,
    RequestReopening,
    ReviseScore,
    SubmitScores,
)
from core.evaluations.events import ConflictDeclared, ConflictKind
from core.vocabulary import Role
from tests.scenes import CALL, DOCUMENT, FIT, KIM, LEE, LIMA, SCORED, SCORING, Facts, app, marks
from tests.stories import OFFICER, OwnStatement, given

KEY = (app(LIMA), KIM, DOCUMENT)
PAPER = "the sheet came on paper"
STATEMENTS: list[tuple[Facts, OwnStatement]] = [
    (SCORING, DeclareConflict(KIM, CALL, ConflictKind.FAMILY, app(LIMA), PAPER)),
    (SCORING, SubmitScores(*KEY, marks(90, 90, 90), "", PAPER)),
    (SCORED, ReviseScore(*KEY, FIT, Decimal(80), PAPER)),
    (SCORING, AbstainFromEvaluation(*KEY, PAPER)),
    (SCORED, CertifyEvaluation(*KEY, PAPER)),
]
each = pytest.mark.parametrize(
    ("facts", "command"), STATEMENTS, ids=[type(c).__name__ for _, c in STATEMENTS]
)


@each
def test_an_evaluator_speaks_for_themself(facts: Facts, command: OwnStatement) -> None:
    assert given(*facts).when(command, by=KIM, role=Role.EVALUATOR).refusal is None


@each
@pytest.mark.parametrize("role", [Role.EVALUATOR, Role.OFFICER, Role.CHAIR])
def test_nobody_speaks_for_an_evaluator_without_saying_so(
    facts: Facts, command: OwnStatement, role: Role
) -> None:
    given(*facts).when(command, by=LEE, role=role).refused(
        "not-own-evaluation", field="actor", value=LEE
    )


@each
@pytest.mark.parametrize("role", [Role.OFFICER, Role.MANAGER, Role.SYSTEM])
def test_staff_record_what_an_evaluator_stated_elsewhere(
    facts: Facts, command: OwnStatement, role: Role
) -> None:
    assert given(*facts).when(command, by=OFFICER, role=role, behalf=KIM).refusal is None
    given(*facts).when(command, by=OFFICER, role=role, behalf=LEE).refused(
        "not-own-evaluation", field="actor", value=LEE
    )


@each
def test_staff_say_why_they_record_it(facts: Facts, command: OwnStatement) -> None:
    given(*facts).when(replace(command, reason=" "), by=OFFICER, behalf=KIM).refused(
        "on-behalf-unreasoned", field="reason"
    )


@each
@pytest.mark.parametrize("role", [Role.EVALUATOR, Role.CHAIR, Role.CITY, Role.AUDITOR])
def test_nobody_but_staff_records_for_an_evaluator(
    facts: Facts, command: OwnStatement, role: Role
) -> None:
    assert given(*facts).when(command, by=LEE, role=role, behalf=KIM).codes == [
        "not-own-evaluation"
    ]


@each
def test_an_evaluator_does_not_state_in_anothers_name(facts: Facts, command: OwnStatement) -> None:
    given(*facts).when(command, by=KIM, role=Role.EVALUATOR, behalf=LEE).refused(
        "not-own-evaluation", field="actor", value=KIM
    )


@pytest.mark.parametrize(
    "command",
    [
        AssignEvaluator(*KEY),
        LockEvaluation(*KEY),
        RequestReopening(*KEY, "a slip"),
        InvalidateEvaluation(*KEY, "a slip"),
        RecuseEvaluator(KIM, app(LIMA), "cousin"),
    ],
)
def test_an_evaluator_does_nothing_with_what_is_anothers(
    command: EvaluationCommand | EvaluatorCommand,
) -> None:
    given(*SCORED).when(command, by=LEE, role=Role.EVALUATOR).refused(
        "not-own-evaluation", field="actor", value=LEE
    )


def test_a_reason_for_recording_is_no_part_of_the_statement() -> None:
    declare = DeclareConflict(KIM, CALL, ConflictKind.NONE, None, PAPER)
    given(*SCORING).when(declare, by=OFFICER, behalf=KIM).then(
        ConflictDeclared(KIM, CALL, ConflictKind.NONE, None)
    )
