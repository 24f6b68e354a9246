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
    EvaluationCertified,
    EvaluationInvalidated,
    EvaluationLocked,
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
    CAPACITY,
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


# Revisions


def test_a_revision_keeps_both_marks_and_the_reason() -> None:
    given(*SUBMITTED).when(REVISE, by=KIM).then(REVISED)


def test_a_revision_starts_from_the_mark_that_holds() -> None:
    again = ReviseScore(*KEY, FIT, D(80), "on reflection")
    given(*SUBMITTED, REVISED).when(again, by=KIM).then(
        ScoreRevised(*KEY, FIT, D(100), D(80), "on reflection")
    )


def test_a_revision_to_na_or_back_follows_the_rubric() -> None:
    to_na = ReviseScore(*KEY, CAPACITY, None, "no data")
    revised = ScoreRevised(*KEY, CAPACITY, D(80), None, "no data")
    given(*SUBMITTED).when(to_na).then(revised)
    given(*SUBMITTED, revised).when(ReviseScore(*KEY, CAPACITY, D(60), "data came")).then(
        ScoreRevised(*KEY, CAPACITY, None, D(60), "data came")
    )
    given(*SUBMITTED).when(ReviseScore(*KEY, NEED, None, "no data")).refused(
        "na-not-allowed", field="score", value="N/A"
    )


def test_a_revision_that_breaks_a_rule_is_refused() -> None:
    given(*SCORING).when(REVISE).refused("nothing-to-revise", field="evaluator_id", value=KIM)
    given(*SUBMITTED).when(replace(REVISE, score=D(90))).refused(
        "nothing-changed", field="score", value=90
    )
    given(*SUBMITTED).when(replace(REVISE, score=D("90.5"))).refused(
        "off-scale", field="score", value="90.5"
    )
    given(*SUBMITTED).when(replace(REVISE, criterion=CriterionId("charm"))).refused(
        "unknown-criterion", field="criterion", value="charm"
    )
    given(*SUBMITTED).when(replace(REVISE, reason=" ")).refused("empty-text", field="reason")


def test_a_revision_on_an_old_version_of_the_scores_is_refused() -> None:
    given(*SUBMITTED, REVISED).when(replace(REVISE, score=D(80)), seen=2).refused(
        "stale-version", field="expected_version", value=2, rule="it is at version 3"
    )


def test_a_recused_or_conflicted_evaluator_does_not_revise_either() -> None:
    given(*SUBMITTED, EvaluatorRecused(KIM, LIMAS, "cousin")).when(REVISE).refused("recused")
    interested = declared(KIM, ConflictKind.OTHER, LIMAS)
    given(*SUBMITTED, interested).when(REVISE).refused("conflicted")


# Locks and reopenings


def test_an_evaluation_is_locked_once_after_it_was_submitted() -> None:
    given(*SUBMITTED).when(LockEvaluation(*KEY)).then(EvaluationLocked(*KEY))
    for facts in (SCORING, (*SUBMITTED, EvaluationLocked(*KEY)), (*SUBMITTED, INVALIDATED)):
        given(*facts).when(LockEvaluation(*KEY)).refused(
            "nothing-to-lock", field="evaluator_id", value=KIM
        )


@pytest.mark.parametrize(
    "lock", [StageLocked(CALL, DOCUMENT), EvaluationLocked(*KEY)], ids=["stage", "evaluation"]
)
def test_a_revision_after_a_lock_needs_a_second_person(
    lock: StageLocked | EvaluationLocked,
) -> None:
    final = (*SUBMITTED, lock)
    given(*final).when(REVISE, by=KIM).refused(
        "stage-locked", field="stage", value=DOCUMENT, rule="approval of a second person"
    )
    given(*final, REQUESTED).when(REVISE, by=KIM).refused("stage-locked")
    reopened = EvaluationReopened(*KEY, OFFICER, MANAGER)
    given(*final, REQUESTED, reopened).when(REVISE, by=KIM).then(REVISED)


def test_a_reopening_is_asked_for_with_a_reason_and_only_after_a_lock() -> None:
    given(*FINAL_SCORES).when(RequestReopening(*KEY, "a slip")).then(REQUESTED)
    locked = (*SUBMITTED, EvaluationLocked(*KEY))
    given(*locked).when(RequestReopening(*KEY, "a slip")).then(REQUESTED)
    given(*FINAL_SCORES).when(RequestReopening(*KEY, "")).refused("empty-text", field="reason")
    for facts in (SUBMITTED, REOPENED):
        given(*facts).when(RequestReopening(*KEY, "a slip")).refused(
            "not-locked", field="stage", value=DOCUMENT
        )


def test_a_reopening_is_approved_by_another_person() -> None:
    asked = (*FINAL_SCORES, REQUESTED)
    given(*asked).when(ApproveReopening(*KEY), by=MANAGER).then(
        EvaluationReopened(*KEY, OFFICER, MANAGER)
    )
    given(*asked).when(ApproveReopening(*KEY), by=OFFICER).refused(
        "same-person", field="actor", value=OFFICER, rule="a second person"
    )


def test_a_reopening_that_nobody_asked_for_is_not_approved() -> None:
    for facts in (FINAL_SCORES, REOPENED):
        given(*facts).when(ApproveReopening(*KEY), by=MANAGER).refused(
            "no-reopening-requested", field="evaluator_id", value=KIM
        )


@pytest.mark.parametrize("facts", [(), (EvaluationLocked(*KEY),)], ids=["stage", "both"])
def test_a_reopened_evaluation_can_be_locked_again_and_is_final_then(
    facts: tuple[EvaluationLocked, ...],
) -> None:
    reopened = EvaluationReopened(*KEY, OFFICER, MANAGER)
    final = (*SUBMITTED, *facts, StageLocked(CALL, DOCUMENT), REQUESTED, reopened, REVISED)
    given(*final).when(LockEvaluation(*KEY)).then(EvaluationLocked(*KEY))
    again = replace(REVISE, score=D(60))
    given(*final).when(again).then(ScoreRevised(*KEY, FIT, D(100), D(60), REVISE.reason))
    given(*final, EvaluationLocked(*KEY)).when(again).refused("stage-locked")


# Abstention, invalidation, certification


def test_an_evaluator_abstains_before_scoring_and_does_not_score_then() -> None:
    abstain = AbstainFromEvaluation(*KEY, "too busy")
    given(*SCORING).when(abstain, by=KIM).then(ABSTAINED)
    given(*SUBMITTED).when(abstain).refused("already-submitted", field="evaluator_id", value=KIM)
    given(*SCORING, ABSTAINED).when(abstain).refused("evaluation-ended")
    given(*SCORING, ABSTAINED).when(SCORE).refused(
        "evaluation-ended", field="evaluator_id", value=KIM
    )
    given(*SCORING).when(AbstainFromEvaluation(*KEY, "")).refused("empty-text", field="reason")


def test_submitted_scores_are_invalidated_once_with_a_reason() -> None:
    invalidate = InvalidateEvaluation(*KEY, "written by another")
    given(*SUBMITTED).when(invalidate).then(INVALIDATED)
    for facts in (SCORING, (*SUBMITTED, INVALIDATED)):
        given(*facts).when(invalidate).refused(
            "nothing-to-invalidate", field="evaluator_id", value=KIM
        )
    given(*SUBMITTED).when(InvalidateEvaluation(*KEY, " ")).refused("empty-text", field="reason")
    given(*SUBMITTED, INVALIDATED).when(REVISE).refused("evaluation-ended")


def test_an_evaluation_is_certified_once_after_it_was_submitted() -> None:
    given(*SUBMITTED).when(CertifyEvaluation(*KEY), by=KIM).then(EvaluationCertified(*KEY))
    for facts in (SCORING, (*SUBMITTED, EvaluationCertified(*KEY)), (*SUBMITTED, INVALIDATED)):
        given(*facts).when(CertifyEvaluation(*KEY)).refused(
            "nothing-to-certify", field="evaluator_id", value=KIM
        )
