"""Commands to the facts that they stand for, where the past is recorded and not judged."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from core.applications import events as application_events
from core.applications import rules as applications
from core.applications.commands import HoldConsultation, SubmitApplication
from core.applications.events import ApplicationSubmitted, ConsultationHeld, application_id
from core.calls import events as call_events
from core.calls import rules as calls
from core.calls.commands import CloseCall, OpenStage
from core.calls.events import CallClosed, StageOpened
from core.cities import events as city_events
from core.cities import rules as cities
from core.cities.commands import IdentifyNeed, RegisterCity
from core.cities.events import CityRegistered, NeedIdentified
from core.decider import Act
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
from core.monitoring import events as monitoring_events
from core.monitoring import rules as monitoring
from core.monitoring.commands import CorrectObservation, DefineIndicator, RecordObservation
from core.monitoring.events import (
    IndicatorDefined,
    ObservationCorrected,
    ObservationRecorded,
    Reading,
)
from replay.imports.defined import Defined


@dataclass(frozen=True, slots=True)
class Known:
    """What a fact says beside its command: what stood there before, and what the file tells.

    `mark` is the one that a revision replaces, `reading` the one that a correction does, and
    `number` that of an observation.
    """

    mark: Decimal | None = None
    reading: Reading | None = None
    number: int = 0
    defined: Defined | None = None


def fact(  # noqa: PLR0911  # one match over all commands is a table
    command: Command, act: Act, known: Known, read: Reader
) -> tuple[AnyDecider, str, Event]:
    """Return the decider, the stream and the event that a command asks for.

    `read` knows the cities that applied.
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
        case IdentifyNeed(city_id=city):
            need = NeedIdentified(city, command.sector, command.channel, command.statement)
            return cities.DECIDER, city_events.stream(city), need
        case HoldConsultation(application_id=application):
            held = ConsultationHeld(
                application,
                command.held_with,
                command.validated,
                command.summary,
                command.contact_id,
                command.contact_name,
                command.contact_email,
            )
            return applications.DECIDER, application_events.stream(application), held
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
            return evaluations.DECIDER, stream, _of_evaluation(command, known.mark)
        case DefineIndicator() | RecordObservation() | CorrectObservation():
            stream = monitoring_events.indicator_stream(command.project_id, command.indicator_id)
            return monitoring.DECIDER, stream, _of_monitoring(command, act, known)
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


def _of_monitoring(
    command: DefineIndicator | RecordObservation | CorrectObservation, act: Act, known: Known
) -> IndicatorDefined | ObservationRecorded | ObservationCorrected:
    key = (command.project_id, command.indicator_id)
    match command:
        case RecordObservation(reading=reading):
            return ObservationRecorded(*key, known.number, act.actor, reading)
        case CorrectObservation(number=number, reading=reading, reason=reason) if known.reading:
            before = known.reading
            return ObservationCorrected(*key, number, act.actor, before, reading, reason)
        case DefineIndicator(indicator_id=indicator) if known.defined:
            return IndicatorDefined(*key, *known.defined.whole(indicator))
        case _:
            msg = f"of {type(command).__name__} nothing is known but the command"
            raise TypeError(msg)
