"""A score reads its call, rubric, application and evaluator: any of them can forbid it."""

from __future__ import annotations

from core.applications import events as application_events
from core.applications import rules as applications
from core.decider import Act
from core.evaluations import events, rules, standing
from core.evaluations.commands import AppointEvaluator, EvaluationCommand, EvaluatorCommand
from core.evaluations.events import EvaluationEvent, EvaluatorEvent
from core.evaluations.state import Evaluation, Facts
from core.handlers.reading import Handler, Reader
from core.handlers.stages import call_of, outside, rubric_of
from core.selection import appeals
from core.selection.events import appeal_stream
from core.vocabulary import CallId, composite, slug


def _evaluator_stream(command: EvaluatorCommand) -> str:
    return events.evaluator_stream(command.evaluator_id)


def _call_known(command: EvaluatorCommand, act: Act, read: Reader) -> bool:
    del act
    if not isinstance(command, AppointEvaluator):
        return True
    return call_of(command.call_id, read).announced is not None


EVALUATORS: Handler[EvaluatorCommand, standing.Evaluator, EvaluatorEvent, bool] = Handler(
    standing.DECIDER, _evaluator_stream, _call_known
)


def _stream(command: EvaluationCommand) -> str:
    composite(command.application_id, 2, "application_id")
    slug(command.evaluator_id, "evaluator_id")
    slug(command.stage, "stage")
    return events.evaluation_stream(command.application_id, command.evaluator_id, command.stage)


def _facts(command: EvaluationCommand, act: Act, read: Reader) -> Facts:
    del act
    application_id = command.application_id
    call_id = CallId(application_id.partition(":")[0])
    call = call_of(call_id, read)
    application = read.one(applications.DECIDER, application_events.stream(application_id))
    evaluator = read.one(standing.DECIDER, events.evaluator_stream(command.evaluator_id))
    locked = command.stage in call.locked
    # An appeal matters only where the stage would otherwise be closed to new scores.
    reevaluated = locked and bool(
        read.one(appeals.DECIDER, appeal_stream(application_id, command.stage)).annulled
    )
    return Facts(
        rubric=rubric_of(call.stage(command.stage), read),
        opened=command.stage in call.opened,
        locked=locked,
        appointed=call_id in evaluator.appointed,
        declared=call_id in evaluator.declared,
        outside=outside(call_id, call, command.stage, application_id, application, read),
        barred=evaluator.barred(application_id),
        ended=call.ended,
        reevaluated=reevaluated,
    )


EVALUATIONS: Handler[EvaluationCommand, Evaluation, EvaluationEvent, Facts] = Handler(
    rules.DECIDER, _stream, _facts
)
