"""A project reads the selection that it rests on, until both cities have signed."""

from __future__ import annotations

from core.applications import events as application_events
from core.applications import rules as applications
from core.calls.rules import Status
from core.decider import Act
from core.evaluations import events as evaluation_events
from core.evaluations import rules as evaluations
from core.handlers.reading import Handler, Reader
from core.handlers.stages import call_of
from core.projects import events, rules
from core.projects.agreement import Facts
from core.projects.commands import AgreePlan, PreferProject, ProjectCommand, SignAgreement
from core.projects.events import Implementer, ProjectEvent
from core.selection import events as selection_events
from core.selection import rules as selection
from core.selection.state import selected
from core.vocabulary import ActorId, ApplicationId, StageId, composite, slug


def _stream(command: ProjectCommand) -> str:
    composite(command.project_id, 2, "project_id")
    return events.stream(command.project_id)


def _facts(command: ProjectCommand, act: Act, read: Reader) -> Facts:
    del act
    if not isinstance(command, PreferProject | AgreePlan | SignAgreement):
        return Facts()
    application_id = ApplicationId(command.project_id)
    call_id = application_id.partition(":")[0]
    call = call_of(call_id, read)
    announced = call.announced
    if announced is None:
        return Facts()
    application = read.one(applications.DECIDER, application_events.stream(application_id))
    last = announced.stages[-1].id
    chosen = selected(read.one(selection.DECIDER, selection_events.stream(call_id, last)))
    implementers = command.implementers if isinstance(command, SignAgreement) else ()
    return Facts(
        stage=last,
        submitted=application.submitted,
        withdrawn=application.withdrawn,
        # A call that was cancelled ended without a selection, whatever had been approved.
        let_through=application_id in chosen and call.status is not Status.CANCELLED,
        amount_krw=application.amount_krw,
        cap_krw=announced.cap_krw,
        scored=_scored(
            application_id, implementers, tuple(stage.id for stage in announced.stages), read
        ),
    )


def _scored(
    application_id: ApplicationId,
    implementers: tuple[Implementer, ...],
    stages: tuple[StageId, ...],
    read: Reader,
) -> frozenset[ActorId]:
    """Say which of the implementers gave the application a score, in any of its stages."""
    streams = {
        evaluation_events.evaluation_stream(application_id, actor, stage): actor
        for actor in (slug(i.actor, f"implementers.{n}.actor") for n, i in enumerate(implementers))
        for stage in stages
    }
    found = read.each(evaluations.DECIDER, streams)
    return frozenset(ActorId(streams[s]) for s, evaluation in found.items() if evaluation.marks)


HANDLER: Handler[ProjectCommand, rules.Project, ProjectEvent, Facts] = Handler(
    rules.DECIDER, _stream, _facts
)
