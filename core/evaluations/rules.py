"""Scores come from the assigned, the declared and the unconflicted, on the scale's steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from core.decider import Act, Decider, in_own_name
from core.errors import refuse, require
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
    EvaluationCertified,
    EvaluationEvent,
    EvaluationInvalidated,
    EvaluationLocked,
    EvaluationReopened,
    EvaluatorAbstained,
    EvaluatorAssigned,
    ReopeningRequested,
    ScoresSubmitted,
)
from core.evaluations.marks import complete, revised
from core.evaluations.own_name import own_only, own_statement
from core.evaluations.permission import in_stage, may_score, not_barred, not_ended, other_than
from core.evaluations.state import Evaluation, Facts, evolve
from core.vocabulary import filled


def decide(
    command: EvaluationCommand, act: Act, state: Evaluation, facts: Facts
) -> Sequence[EvaluationEvent]:
    """Take an evaluation from its assignment to its certification."""
    if facts.rubric is None:
        refuse(
            "unknown-stage",
            "the call was announced without this stage",
            field="stage",
            value=command.stage,
        )
    own_only(act, command.evaluator_id)
    if isinstance(command, AssignEvaluator):
        return [_assign(command, state, facts)]
    require(
        state.assigned,
        "not-assigned",
        "the evaluator was not assigned this application",
        field="evaluator_id",
        value=command.evaluator_id,
    )
    key = (command.application_id, command.evaluator_id, command.stage)
    match command:
        case SubmitScores(marks=marks, comment=comment):
            own_statement(act, command.evaluator_id, command.reason)
            may_score(command, state, facts)
            require(
                state.marks is None,
                "already-submitted",
                "scores are submitted once, and revised with a reason afterwards",
                field="evaluator_id",
                value=command.evaluator_id,
            )
            return [ScoresSubmitted(*key, complete(facts.rubric, marks), comment)]
        case ReviseScore(reason=reason):
            own_statement(act, command.evaluator_id, reason)
            may_score(command, state, facts)
            return [revised(command, state.marks, facts.rubric)]
        case LockEvaluation():
            require(
                state.counts and not state.locked,
                "nothing-to-lock",
                "an evaluation is locked once, after its scores were submitted",
                field="evaluator_id",
                value=command.evaluator_id,
            )
            return [EvaluationLocked(*key)]
        case RequestReopening(reason=reason):
            in_own_name(act)
            require(
                (state.locked or facts.locked) and not state.reopened,
                "not-locked",
                "scores that are not final can be revised as they are",
                field="stage",
                value=command.stage,
            )
            return [ReopeningRequested(*key, act.actor, filled(reason, "reason"))]
        case ApproveReopening():
            return [EvaluationReopened(*key, other_than(command, act, state), act.actor)]
        case AbstainFromEvaluation(reason=reason):
            own_statement(act, command.evaluator_id, reason)
            require(
                state.marks is None,
                "already-submitted",
                "an evaluator who has scored cannot abstain; the scores can be invalidated",
                field="evaluator_id",
                value=command.evaluator_id,
            )
            not_ended(command, state)
            return [EvaluatorAbstained(*key, filled(reason, "reason"))]
        case InvalidateEvaluation(reason=reason):
            require(
                state.counts,
                "nothing-to-invalidate",
                "only submitted scores can be invalidated, once",
                field="evaluator_id",
                value=command.evaluator_id,
            )
            return [EvaluationInvalidated(*key, filled(reason, "reason"))]
        case CertifyEvaluation(reason=reason):
            own_statement(act, command.evaluator_id, reason)
            require(
                state.counts and not state.certified,
                "nothing-to-certify",
                "an evaluation is certified once, after its scores were submitted",
                field="evaluator_id",
                value=command.evaluator_id,
            )
            return [EvaluationCertified(*key)]
        case _:
            assert_never(command)


def _assign(command: AssignEvaluator, state: Evaluation, facts: Facts) -> EvaluatorAssigned:
    require(
        facts.appointed,
        "not-appointed",
        "the evaluator was not appointed to this call",
        field="evaluator_id",
        value=command.evaluator_id,
    )
    require(
        not state.assigned,
        "already-assigned",
        "an application is assigned once to an evaluator",
        field="evaluator_id",
        value=command.evaluator_id,
    )
    in_stage(command, facts)
    not_barred(command, facts)
    require(
        facts.reevaluated or not facts.locked,
        "stage-locked",
        "the stage is locked",
        field="stage",
        value=command.stage,
    )
    return EvaluatorAssigned(command.application_id, command.evaluator_id, command.stage)


DECIDER: Decider[EvaluationCommand, Evaluation, EvaluationEvent, Facts] = Decider(
    Evaluation(), decide, evolve
)
