"""Rules of revisions: both marks and a reason kept, and after a lock a second person."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from core.calls.events import StageLocked
from core.evaluations.commands import (
    AbstainFromEvaluation,
    ApproveReopening,
    CertifyEvaluation,
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
from core.vocabulary import CriterionId
from tests.scenes import (
    CALL,
    CAPACITY,
    DOCUMENT,
    FIT,
    KIM,
    LIMA,
    NEED,
    SCORING,
    app,
    declared,
    marks,
    scored,
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
    given(*asked).when(ApproveReopening(*KEY), by=KIM).refused(
        "same-person", field="actor", value=KIM, rule="by someone else"
    )


@pytest.mark.parametrize("command", [RequestReopening(*KEY, "a slip"), ApproveReopening(*KEY)])
def test_neither_person_of_a_reopening_acts_in_anothers_name(
    command: RequestReopening | ApproveReopening,
) -> None:
    given(*FINAL_SCORES, REQUESTED).when(command, by="manager-2", behalf=MANAGER).refused(
        "not-in-own-name", field="on_behalf_of", value=MANAGER
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
