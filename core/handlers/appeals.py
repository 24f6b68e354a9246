"""An appeal reads the selection that it is about, and everyone who had a part in it."""

from __future__ import annotations

from core.applications.events import application_id as application_of
from core.decider import Act
from core.evaluations import events as evaluation_events
from core.evaluations import rules as evaluations
from core.handlers.reading import Handler, Reader
from core.handlers.stages import call_of
from core.selection import appeals, events
from core.selection import rules as selection
from core.selection.commands import AppealCommand
from core.selection.events import AppealEvent
from core.vocabulary import ActorId, EvaluatorId, composite, slug


def _stream(command: AppealCommand) -> str:
    composite(command.application_id, 2, "application_id")
    slug(command.stage, "stage")
    return events.appeal_stream(command.application_id, command.stage)


def _facts(command: AppealCommand, act: Act, read: Reader) -> appeals.Facts:
    del act
    call_id = command.application_id.partition(":")[0]
    stage = read.one(selection.DECIDER, events.stream(call_id, command.stage))
    prefix = evaluation_events.evaluations_of_stage(call_id, command.stage)
    scored: set[ActorId] = set(stage.panel)
    counting: set[EvaluatorId] = set()
    for name, evaluation in read.every(evaluations.DECIDER, prefix).items():
        city_id, _, evaluator = name.removeprefix(prefix).partition(":")
        if evaluation.marks is None:
            continue
        scored.add(ActorId(evaluator))
        if evaluation.counts and application_of(call_id, city_id) == command.application_id:
            counting.add(EvaluatorId(ActorId(evaluator)))
    return appeals.Facts(
        until=stage.appeals_until,
        decided=command.application_id in stage.told,
        ended=call_of(call_id, read).ended,
        scorers=frozenset(scored),
        deciders=stage.decided_by,
        counting=frozenset(counting),
    )


HANDLER: Handler[AppealCommand, appeals.Appeal, AppealEvent, appeals.Facts] = Handler(
    appeals.DECIDER, _stream, _facts
)
