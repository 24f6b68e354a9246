"""What stands between an evaluator and a score: the stage, interests, locks, second persons."""

from __future__ import annotations

from core.decider import Act, in_own_name
from core.errors import refuse, require
from core.evaluations.commands import (
    ApproveReopening,
    EvaluationCommand,
    ReviseScore,
    SubmitScores,
)
from core.evaluations.state import Evaluation, Facts
from core.vocabulary import ActorId


def in_stage(command: EvaluationCommand, facts: Facts) -> None:
    """Refuse where the call ended, or the application takes no part in the stage."""
    require(
        not facts.ended,
        "call-ended",
        "nobody scores for a call that was concluded or cancelled",
        field="application_id",
        value=command.application_id,
    )
    require(
        not facts.outside,
        facts.outside,
        "the application takes no part in this stage",
        field="application_id",
        value=command.application_id,
    )


def not_barred(command: EvaluationCommand, facts: Facts) -> None:
    """Refuse an evaluator with an interest, or one who was recused."""
    require(
        not facts.barred,
        facts.barred,
        "an evaluator with an interest in an application, or recused from it, does not score it",
        field="evaluator_id",
        value=command.evaluator_id,
    )


def may_score(command: SubmitScores | ReviseScore, state: Evaluation, facts: Facts) -> None:
    """Refuse unless this evaluator may score this application now."""
    in_stage(command, facts)
    require(
        facts.declared,
        "no-declaration",
        "an evaluator declares conflicts of interest, or that there are none, before scoring",
        field="evaluator_id",
        value=command.evaluator_id,
    )
    not_barred(command, facts)
    not_ended(command, state)
    require(
        facts.opened,
        "stage-not-open",
        "the stage has not been opened",
        field="stage",
        value=command.stage,
    )
    first_scores = facts.reevaluated and state.marks is None
    require(
        first_scores or state.reopened or not (state.locked or facts.locked),
        "stage-locked",
        "scores are final; a reopening needs the approval of a second person",
        field="stage",
        value=command.stage,
    )


def not_ended(command: EvaluationCommand, state: Evaluation) -> None:
    """Refuse where the evaluation ended without scores that count."""
    require(
        not state.abstained and not state.invalidated,
        "evaluation-ended",
        "the evaluator abstained, or the scores were invalidated",
        field="evaluator_id",
        value=command.evaluator_id,
    )


def other_than(command: ApproveReopening, act: Act, state: Evaluation) -> ActorId:
    """Return who asked for a reopening, or refuse where a second person does not approve it."""
    in_own_name(act)
    if state.reopening_by is None:
        refuse(
            "no-reopening-requested",
            "a reopening is requested before it is approved",
            field="evaluator_id",
            value=command.evaluator_id,
        )
    require(
        state.reopening_by != act.actor,
        "same-person",
        "a second person approves what the first one asked for",
        field="actor",
        value=act.actor,
    )
    require(
        act.actor != command.evaluator_id,
        "same-person",
        "an evaluator's scores are reopened by someone else",
        field="actor",
        value=act.actor,
    )
    return state.reopening_by
