"""Commands to the facts that they stand for, where the past is recorded and not judged."""

from __future__ import annotations

from decimal import Decimal

from core.applications import events as application_events
from core.applications import rules as applications
from core.applications.commands import SubmitApplication
from core.applications.events import ApplicationSubmitted, application_id
from core.calls import events as call_events
from core.calls import rules as calls
from core.calls.commands import CloseCall, OpenStage
from core.calls.events import CallClosed, StageOpened
from core.cities import events as city_events
from core.cities import rules as cities
from core.cities.commands import RegisterCity
from core.cities.events import CityRegistered
from core.evaluations import events as evaluation_events
from core.evaluations import rules as evaluations
from core.evaluations import standing
from core.evaluations.commands import (
    AppointEvaluator,
    AssignEvaluator,
    DeclareConflict,
    ReviseScore,
    SubmitScores,
)
from core.evaluations.events import (
    ConflictDeclared,
    EvaluatorAppointed,
    EvaluatorAssigned,
    ScoreRevised,
    ScoresSubmitted,
)
from core.handlers.reading import Reader
from core.handlers.table import Command
from core.ledger.codec import Event
from core.ledger.sources import AnyDecider


def fact(command: Command, before: Decimal | None, read: Reader) -> tuple[AnyDecider, str, Event]:
    """Return the decider, the stream and the event that a command asks for.

    `before` is the mark that a revision replaces; `read` knows the cities that applied.
    """
    match command:
        case RegisterCity(city_id=city):
            registered = CityRegistered(
                city,
                command.name,
                command.country,
                command.region,
                command.unlocode,
                command.illustrative,
            )
            return cities.DECIDER, city_events.stream(city), registered
        case SubmitApplication(call_id=call, city_id=city):
            application = application_id(call, city)
            submitted = ApplicationSubmitted(
                application,
                call,
                city,
                command.channel,
                command.project,
                read.one(cities.DECIDER, city_events.stream(city)).facts,
            )
            return applications.DECIDER, application_events.stream(application), submitted
        case CloseCall(call_id=call):
            return calls.DECIDER, call_events.stream(call), CallClosed(call)
        case OpenStage(call_id=call, stage=stage):
            return calls.DECIDER, call_events.stream(call), StageOpened(call, stage)
        case AppointEvaluator(evaluator_id=evaluator) | DeclareConflict(evaluator_id=evaluator):
            return (
                standing.DECIDER,
                evaluation_events.evaluator_stream(evaluator),
                (
                    EvaluatorAppointed(
                        evaluator, command.call_id, command.expertise, command.name, command.email
                    )
                    if isinstance(command, AppointEvaluator)
                    else ConflictDeclared(
                        evaluator, command.call_id, command.kind, command.application_id
                    )
                ),
            )
        case AssignEvaluator() | SubmitScores() | ReviseScore():
            stream = evaluation_events.evaluation_stream(
                command.application_id, command.evaluator_id, command.stage
            )
            return evaluations.DECIDER, stream, _of_evaluation(command, before)
        case _:
            msg = f"no import yields {type(command).__name__}"
            raise TypeError(msg)


def _of_evaluation(
    command: AssignEvaluator | SubmitScores | ReviseScore, before: Decimal | None
) -> EvaluatorAssigned | ScoresSubmitted | ScoreRevised:
    key = (command.application_id, command.evaluator_id, command.stage)
    match command:
        case AssignEvaluator():
            return EvaluatorAssigned(*key)
        case SubmitScores(marks=marks, comment=comment):
            return ScoresSubmitted(*key, marks, comment)
        case ReviseScore():
            return ScoreRevised(*key, command.criterion, before, command.score, command.reason)
