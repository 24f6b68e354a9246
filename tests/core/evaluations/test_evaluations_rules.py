"""Rules of scores: by the assigned, the declared and the unconflicted, on the scale's steps."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from core.applications.events import ApplicationAmended, ApplicationWithdrawn
from core.calls.events import CallCancelled, StageLocked, StageOpened
from core.evaluations.commands import (
    AbstainFromEvaluation,
    ApproveReopening,
    AssignEvaluator,
    CertifyEvaluation,
    EvaluationCommand,
    InvalidateEvaluation,
    LockEvaluation,
    RequestReopening,
    ReviseScore,
    SubmitScores,
)
from core.evaluations.events import (
    ConflictKind,
    EvaluationInvalidated,
    EvaluationReopened,
    EvaluatorAbstained,
    EvaluatorRecused,
    ReopeningRequested,
    ScoreRevised,
)
from core.ranking import Mark
from core.vocabulary import ActorId, ApplicationId, CriterionId, EvaluatorId, StageId
from tests.scenes import (
    ADVANCED,
    ANNOUNCED,
    ANNOUNCEMENT,
    CALL,
    COLOMBO,
    DOCUMENT,
    FINAL,
    FIT,
    KIM,
    LIMA,
    NEED,
    PANEL,
    RANKED,
    RECEIVED,
    SCORING,
    app,
    assigned,
    checked,
    declared,
    marks,
    project,
    proposed,
    scored,
    select,
    submitted,
    swapped,
)
from tests.stories import MANAGER, OFFICER, given

D = Decimal

LIMAS = app(LIMA)
KEY = (LIMAS, KIM, DOCUMENT)
SCORE = SubmitScores(*KEY, marks(100, 90, 80))
SUBMITTED = (*SCORING, scored(LIMA, KIM, 100, 90, 80))
FINAL_SCORES = (*SUBMITTED, StageLocked(CALL, DOCUMENT))
REQUESTED = ReopeningRequested(*KEY, OFFICER, "a slip")
REOPENED = (*FINAL_SCORES, REQUESTED, EvaluationReopened(*KEY, OFFICER, MANAGER))
REVISE = ReviseScore(*KEY, FIT, D(100), "misread the annex")
REVISED = ScoreRevised(*KEY, FIT, D(90), D(100), "misread the annex")
ABSTAINED = EvaluatorAbstained(*KEY, "too busy")
INVALIDATED = EvaluationInvalidated(*KEY, "written by another")

OTHERS: list[EvaluationCommand] = [
    REVISE,
    LockEvaluation(*KEY),
    RequestReopening(*KEY, "a slip"),
    ApproveReopening(*KEY),
    AbstainFromEvaluation(*KEY, "too busy"),
    InvalidateEvaluation(*KEY, "written by another"),
    CertifyEvaluation(*KEY),
]


def kind(command: object) -> str:
    return type(command).__name__


# Assignment


def test_an_appointed_evaluator_is_assigned_an_application_once() -> None:
    assign = AssignEvaluator(*KEY)
    given(*RECEIVED, *PANEL).when(assign).then(assigned(LIMA, KIM))
    given(*SCORING).when(assign).refused("already-assigned", field="evaluator_id", value=KIM)
    given(*RECEIVED).when(assign).refused("not-appointed", field="evaluator_id", value=KIM)


def test_an_evaluator_who_is_barred_is_not_assigned() -> None:
    interested = declared(KIM, ConflictKind.IMPLEMENTER, LIMAS)
    given(*RECEIVED, *PANEL, interested).when(AssignEvaluator(*KEY)).refused(
        "conflicted", field="evaluator_id", value=KIM
    )
    recused = EvaluatorRecused(KIM, LIMAS, "cousin")
    given(*RECEIVED, *PANEL, recused).when(AssignEvaluator(*KEY)).refused(
        "recused", field="evaluator_id", value=KIM
    )


def test_nobody_is_assigned_in_a_locked_stage_or_a_call_that_ended() -> None:
    opened = (*RECEIVED, *PANEL, StageOpened(CALL, DOCUMENT))
    given(*opened, StageLocked(CALL, DOCUMENT)).when(AssignEvaluator(*KEY)).refused(
        "stage-locked", field="stage", value=DOCUMENT
    )
    given(*opened, CallCancelled(CALL, "no budget")).when(AssignEvaluator(*KEY)).refused(
        "call-ended", field="application_id", value=LIMAS
    )


@pytest.mark.parametrize("command", [SCORE, AssignEvaluator(*KEY), *OTHERS], ids=kind)
def test_a_stage_that_was_not_announced_has_no_evaluations(command: EvaluationCommand) -> None:
    nowhere = StageId("interview")
    given(*SCORING).when(replace(command, stage=nowhere)).refused(
        "unknown-stage", field="stage", value=nowhere
    )


@pytest.mark.parametrize("command", [SCORE, *OTHERS], ids=kind)
def test_an_evaluator_who_was_not_assigned_has_no_say(command: EvaluationCommand) -> None:
    opened = (*RECEIVED, *PANEL, StageOpened(CALL, DOCUMENT))
    given(*opened).when(command, by=KIM).refused(
        "not-assigned", field="evaluator_id", value=KIM, rule="was not assigned"
    )


def test_the_ids_of_an_evaluation_can_each_name_a_stream() -> None:
    given(*SCORING).when(replace(SCORE, application_id=ApplicationId("PELIM"))).refused(
        "malformed-id", field="application_id", value="PELIM"
    )
    odd = EvaluatorId(ActorId("kim:lee"))
    given(*SCORING).when(replace(SCORE, evaluator_id=odd)).refused(
        "malformed-id", field="evaluator_id", value=odd
    )
    given(*SCORING).when(replace(SCORE, stage=StageId(""))).refused("malformed-id", field="stage")


# Scores


def test_an_assigned_evaluator_scores_every_criterion() -> None:
    given(*SCORING).when(SCORE, by=KIM).then(scored(LIMA, KIM, 100, 90, 80))


def test_marks_are_kept_in_the_order_of_the_rubric() -> None:
    given(*SCORING).when(replace(SCORE, marks=SCORE.marks[::-1]), by=KIM).then(
        scored(LIMA, KIM, 100, 90, 80)
    )


def test_na_is_a_mark_where_it_is_allowed() -> None:
    given(*SCORING).when(replace(SCORE, marks=marks(100, 90, None)), by=KIM).then(
        scored(LIMA, KIM, 100, 90, None)
    )


def test_na_where_it_is_not_allowed_is_refused() -> None:
    given(*SCORING).when(replace(SCORE, marks=(Mark(NEED, None), *SCORE.marks[1:]))).refused(
        "na-not-allowed", field="marks.0.value", value="N/A", rule="need must be scored"
    )


def test_an_unknown_criterion_is_refused_and_the_known_ones_are_named() -> None:
    charm = Mark(CriterionId("charm"), D(100))
    given(*SCORING).when(replace(SCORE, marks=(*SCORE.marks, charm))).refused(
        "unknown-criterion",
        field="marks.3.criterion",
        value="charm",
        rule="criteria are need, fit, capacity",
    )


@pytest.mark.parametrize(
    "value",
    ["85", "50", "110", "-70", "70.0000000000000000000000000000001", "NaN", "Infinity", "1E+99"],
)
def test_a_score_off_the_steps_of_the_scale_is_refused(value: str) -> None:
    given(*SCORING).when(replace(SCORE, marks=(Mark(NEED, D(value)), *SCORE.marks[1:]))).refused(
        "off-scale",
        field="marks.0.value",
        value=value,
        rule="need is scored from 60 (worst) to 100 (best) in steps of 10",
    )


def test_every_criterion_is_scored_once() -> None:
    given(*SCORING).when(replace(SCORE, marks=SCORE.marks[:2])).refused(
        "criterion-missing", field="marks.capacity", rule="every criterion is scored"
    )
    twice = (*SCORE.marks, Mark(NEED, D(60)))
    given(*SCORING).when(replace(SCORE, marks=twice)).refused(
        "criterion-repeated", field="marks.3.criterion", value="need"
    )


def test_a_sheet_is_refused_with_everything_that_is_wrong() -> None:
    wrong = (Mark(CriterionId("charm"), D(1)), Mark(NEED, D(61)), Mark(FIT, None))
    assert given(*SCORING).when(replace(SCORE, marks=wrong)).codes == [
        "unknown-criterion",
        "off-scale",
        "na-not-allowed",
        "criterion-missing",
    ]


def test_scores_are_submitted_once() -> None:
    given(*SUBMITTED).when(SCORE).refused("already-submitted", field="evaluator_id", value=KIM)


def test_whoever_has_not_declared_does_not_score() -> None:
    silent = tuple(fact for fact in SCORING if fact != declared(KIM))
    given(*silent).when(SCORE, by=KIM).refused(
        "no-declaration", field="evaluator_id", value=KIM, rule="before scoring"
    )


@pytest.mark.parametrize("application", [None, LIMAS], ids=["the call", "the application"])
def test_a_conflicted_evaluator_does_not_score(application: ApplicationId | None) -> None:
    interested = declared(KIM, ConflictKind.FINANCIAL, application)
    given(*SCORING, interested).when(SCORE, by=KIM).refused(
        "conflicted", field="evaluator_id", value=KIM, rule="with an interest"
    )


def test_an_interest_in_one_application_leaves_the_others() -> None:
    interested = declared(KIM, ConflictKind.FINANCIAL, app(COLOMBO))
    given(*SCORING, interested).when(SCORE, by=KIM).then(scored(LIMA, KIM, 100, 90, 80))


def test_a_recused_evaluator_does_not_score() -> None:
    given(*SCORING, EvaluatorRecused(KIM, LIMAS, "cousin")).when(SCORE, by=KIM).refused(
        "recused", field="evaluator_id", value=KIM, rule="recused from it"
    )


def test_nobody_scores_before_the_stage_opens_or_after_it_is_locked() -> None:
    early = tuple(fact for fact in SCORING if fact != StageOpened(CALL, DOCUMENT))
    given(*early).when(SCORE).refused("stage-not-open", field="stage", value=DOCUMENT)
    given(*SCORING, StageLocked(CALL, DOCUMENT)).when(SCORE).refused(
        "stage-locked", field="stage", value=DOCUMENT, rule="approval of a second person"
    )


def test_nobody_scores_for_a_cancelled_call() -> None:
    given(*SCORING, CallCancelled(CALL, "no budget")).when(SCORE).refused(
        "call-ended", field="application_id", value=LIMAS
    )


def test_an_application_outside_the_stage_is_not_scored() -> None:
    def outside(code: str, *facts: object) -> None:
        given(*facts).when(SCORE).refused(  # type: ignore[arg-type]  # facts are events
            code, field="application_id", value=LIMAS, rule="takes no part"
        )

    outside(
        "unknown-application", *(f for f in SCORING if f != submitted(LIMA) and f != checked(LIMA))
    )
    outside("application-withdrawn", *SCORING, ApplicationWithdrawn(LIMAS, "a new mayor"))
    outside("eligibility-undetermined", *(f for f in SCORING if f != checked(LIMA)))
    outside("application-ineligible", *swapped(SCORING, checked(LIMA), checked(LIMA, holds=False)))


def test_what_was_amended_after_its_eligibility_was_determined_is_checked_anew() -> None:
    amended = ApplicationAmended(LIMAS, project(100_000_000))
    given(*SCORING, amended).when(SCORE).refused("eligibility-undetermined")
    given(*SCORING, amended, checked(LIMA)).when(SCORE).then(scored(LIMA, KIM, 100, 90, 80))


def test_a_call_without_a_list_needs_no_check_but_minds_one_that_failed() -> None:
    free = swapped(SCORING, ANNOUNCEMENT, replace(ANNOUNCEMENT, eligibility=None))
    unchecked = tuple(fact for fact in free if fact != checked(LIMA))
    given(*unchecked).when(SCORE).then(scored(LIMA, KIM, 100, 90, 80))
    failed = swapped(free, checked(LIMA), checked(LIMA, holds=False))
    given(*failed).when(SCORE).refused("application-ineligible")


def test_an_application_that_was_not_let_through_is_not_scored_in_the_next_stage() -> None:
    final = (*ADVANCED, StageOpened(CALL, FINAL))
    command = AssignEvaluator(app(COLOMBO), KIM, FINAL)
    given(*final).when(command).refused("not-advanced", field="application_id", value=app(COLOMBO))
    given(*final).when(AssignEvaluator(LIMAS, KIM, FINAL)).then(assigned(LIMA, KIM, FINAL))
    given(*ANNOUNCED, *PANEL).when(command).refused("unknown-application")


def test_what_is_only_proposed_is_not_let_through_yet() -> None:
    given(*proposed(RANKED, select(LIMA))).when(AssignEvaluator(LIMAS, KIM, FINAL)).refused(
        "not-advanced", field="application_id", value=LIMAS
    )
