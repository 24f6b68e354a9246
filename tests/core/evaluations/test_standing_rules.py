"""Rules of evaluators: appointments, declared interests, waivers and recusals."""

from __future__ import annotations

import pytest

from core.evaluations.commands import (
    AppointEvaluator,
    DeclareConflict,
    RecuseEvaluator,
    SubmitScores,
    WaiveConflict,
)
from core.evaluations.events import (
    ConflictDeclared,
    ConflictKind,
    ConflictWaived,
    EvaluatorAppointed,
    EvaluatorRecused,
)
from core.vocabulary import ActorId, ApplicationId, CallId, EvaluatorId
from tests.scenes import ANNOUNCED, CALL, DOCUMENT, KIM, LIMA, SCORING, app, declared, marks, scored
from tests.stories import MANAGER, given

LIMAS = app(LIMA)
APPOINTED = (*ANNOUNCED, EvaluatorAppointed(KIM, CALL, ()))
INTERESTED = (*APPOINTED, declared(KIM, ConflictKind.FAMILY, LIMAS))
WAIVED = ConflictWaived(KIM, LIMAS, MANAGER, "a distant cousin")
SCORE = SubmitScores(LIMAS, KIM, DOCUMENT, marks(100, 100, 90))


def test_an_evaluator_is_appointed_once_to_a_call_that_is_known() -> None:
    given(*ANNOUNCED).when(AppointEvaluator(KIM, CALL, ("transport",))).then(
        EvaluatorAppointed(KIM, CALL, ("transport",))
    )
    given(*APPOINTED).when(AppointEvaluator(KIM, CALL)).refused(
        "already-appointed", field="call_id", value=CALL
    )
    given().when(AppointEvaluator(KIM, CALL)).refused("unknown-call", field="call_id", value=CALL)


def test_an_evaluator_has_an_id_that_can_name_a_stream() -> None:
    odd = EvaluatorId(ActorId("kim:lee"))
    given(*ANNOUNCED).when(AppointEvaluator(odd, CALL)).refused(
        "malformed-id", field="evaluator_id", value=odd
    )


@pytest.mark.parametrize("kind", list(ConflictKind))
@pytest.mark.parametrize("application", [None, LIMAS])
def test_an_appointed_evaluator_declares_an_interest_or_none(
    kind: ConflictKind, application: ApplicationId | None
) -> None:
    given(*APPOINTED).when(DeclareConflict(KIM, CALL, kind, application)).then(
        ConflictDeclared(KIM, CALL, kind, application)
    )


def test_only_the_appointed_declare() -> None:
    given(*ANNOUNCED).when(DeclareConflict(KIM, CALL, ConflictKind.NONE)).refused(
        "not-appointed", field="call_id", value=CALL
    )


def test_a_declaration_is_about_an_application_of_its_call() -> None:
    other = ApplicationId("ssp-2020:PELIM")
    given(*APPOINTED).when(DeclareConflict(KIM, CALL, ConflictKind.FAMILY, other)).refused(
        "other-call", field="application_id", value=other
    )
    odd = ApplicationId("PELIM")
    given(*APPOINTED).when(DeclareConflict(KIM, CALL, ConflictKind.FAMILY, odd)).refused(
        "malformed-id", field="application_id", value=odd
    )


def test_another_person_waives_a_declared_interest_with_a_reason() -> None:
    waive = WaiveConflict(KIM, LIMAS, "a distant cousin")
    given(*INTERESTED).when(waive, by=MANAGER).then(WAIVED)
    given(*INTERESTED).when(waive, by=KIM).refused("same-person", field="actor", value=KIM)
    given(*INTERESTED).when(waive, by=KIM, behalf=MANAGER).refused(
        "not-in-own-name", field="on_behalf_of", value=MANAGER
    )
    given(*INTERESTED).when(WaiveConflict(KIM, LIMAS, ""), by=MANAGER).refused(
        "empty-text", field="reason"
    )


def test_only_a_declared_interest_can_be_waived() -> None:
    recused = EvaluatorRecused(KIM, LIMAS, "cousin")
    for facts in (APPOINTED, (*INTERESTED, WAIVED), (*INTERESTED, recused)):
        given(*facts).when(WaiveConflict(KIM, LIMAS, "why"), by=MANAGER).refused(
            "no-conflict", field="application_id", value=LIMAS
        )


def test_a_waiver_lets_an_evaluator_score_in_spite_of_the_interest() -> None:
    interested = declared(KIM, ConflictKind.FAMILY, LIMAS)
    given(*SCORING, interested).when(SCORE, by=KIM).refused("conflicted")
    given(*SCORING, interested, WAIVED).when(SCORE, by=KIM).then(scored(LIMA, KIM, 100, 100, 90))


def test_a_waiver_does_not_cover_an_interest_declared_after_it() -> None:
    facts = (*SCORING, declared(KIM, ConflictKind.FAMILY, LIMAS), WAIVED)
    for later in (
        declared(KIM, ConflictKind.FINANCIAL, LIMAS),
        declared(KIM, ConflictKind.EMPLOYMENT),
    ):
        given(*facts, later).when(SCORE, by=KIM).refused(
            "conflicted", field="evaluator_id", value=KIM
        )
    harmless = declared(KIM, ConflictKind.NONE)
    given(*facts, harmless).when(SCORE, by=KIM).then(scored(LIMA, KIM, 100, 100, 90))


def test_an_evaluator_is_recused_once_with_a_reason() -> None:
    given(*APPOINTED).when(RecuseEvaluator(KIM, LIMAS, "cousin")).then(
        EvaluatorRecused(KIM, LIMAS, "cousin")
    )
    recused = (*APPOINTED, EvaluatorRecused(KIM, LIMAS, "cousin"))
    given(*recused).when(RecuseEvaluator(KIM, LIMAS, "cousin")).refused(
        "recused", field="application_id", value=LIMAS
    )
    given(*APPOINTED).when(RecuseEvaluator(KIM, LIMAS, "")).refused("empty-text", field="reason")


def test_only_the_appointed_are_recused() -> None:
    given(*ANNOUNCED).when(RecuseEvaluator(KIM, LIMAS, "cousin")).refused(
        "not-appointed", field="evaluator_id", value=KIM
    )
    other = ApplicationId(f"{CallId('ssp-2020')}:{LIMA}")
    given(*APPOINTED).when(RecuseEvaluator(KIM, other, "cousin")).refused("not-appointed")
    given(*APPOINTED).when(RecuseEvaluator(KIM, ApplicationId("x"), "cousin")).refused(
        "malformed-id", field="application_id", value="x"
    )
