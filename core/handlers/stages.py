"""Which applications take part in a stage of a call, for all who need to know."""

from __future__ import annotations

from core.applications import events as application_events
from core.applications import rules as applications
from core.calls import events as call_events
from core.calls import rules as calls
from core.calls.events import Stage
from core.frameworks import events as framework_events
from core.frameworks import rules as frameworks
from core.handlers.reading import Reader
from core.rubric import Rubric
from core.selection import events as selection_events
from core.selection import rules as selection
from core.selection.state import selected
from core.vocabulary import ApplicationId


def call_of(call_id: str, read: Reader) -> calls.Call:
    """Read a call."""
    return read.one(calls.DECIDER, call_events.stream(call_id))


def confirmed(call_id: str, read: Reader) -> frozenset[ApplicationId]:
    """Return the applications that the approved selection of a call's last stage holds."""
    announced = call_of(call_id, read).announced
    if announced is None:
        return frozenset()
    stream = selection_events.stream(call_id, announced.stages[-1].id)
    return selected(read.one(selection.DECIDER, stream))


def rubric_of(stage: Stage | None, read: Reader) -> Rubric | None:
    """Read the published rubric of a stage."""
    if stage is None:
        return None
    stream = framework_events.stream(stage.framework.framework_id)
    return read.one(frameworks.DECIDER, stream).published(stage.framework.version)


def outside(  # noqa: PLR0913, PLR0917  # what it looks at, each read once by its caller
    call_id: str,
    call: calls.Call,
    stage: str,
    application_id: ApplicationId,
    application: applications.Application,
    read: Reader,
) -> str:
    """Say by a refusal's code why an application takes no part in a stage; "" where it does."""
    if not application.submitted:
        return "unknown-application"
    if application.withdrawn:
        return "application-withdrawn"
    if application.eligible is False:
        return "application-ineligible"
    if application.eligible is None and call.announced and call.announced.eligibility:
        return "eligibility-undetermined"
    before = call.before(stage)
    if before is None:
        return ""
    stream = selection_events.stream(call_id, before.id)
    through = selected(read.one(selection.DECIDER, stream))
    return "" if application_id in through else "not-advanced"


def taking_part(
    call_id: str, call: calls.Call, stage: str, read: Reader
) -> dict[ApplicationId, applications.Application]:
    """Read every application that takes part in a stage, by id."""
    prefix = application_events.streams_of_call(call_id)
    found = {
        ApplicationId(name.removeprefix("application-")): application
        for name, application in read.every(applications.DECIDER, prefix).items()
    }
    return {
        application_id: application
        for application_id, application in found.items()
        if not outside(call_id, call, stage, application_id, application, read)
    }
