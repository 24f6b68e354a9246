"""A call reads the frameworks of its stages and the selections that end them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from core.calls import events, rules
from core.calls.commands import AnnounceCall, CallCommand, ConcludeCall, OpenStage
from core.calls.events import CallEvent
from core.decider import Act
from core.frameworks import events as framework_events
from core.frameworks import rules as frameworks
from core.handlers.reading import Handler, Reader
from core.selection import appeals
from core.selection import events as selection_events
from core.selection import rules as selection
from core.vocabulary import ApplicationId, CallId, StageId


def _stream(command: CallCommand) -> str:
    return events.stream(command.call_id)


def _facts(command: CallCommand, act: Act, read: Reader) -> rules.Facts:
    del act
    match command:
        case AnnounceCall(stages=stages):
            unpublished = tuple(
                ref
                for ref in dict.fromkeys(stage.framework for stage in stages)
                if read.one(
                    frameworks.DECIDER, framework_events.stream(ref.framework_id)
                ).published(ref.version)
                is None
            )
            return rules.Facts(unpublished=unpublished)
        case OpenStage(call_id=call_id) | ConcludeCall(call_id=call_id):
            call = read.one(rules.DECIDER, events.stream(call_id))
            stages = call.announced.stages if call.announced else ()
            approved = frozenset(
                stage.id
                for stage in stages
                if read.one(
                    selection.DECIDER, selection_events.stream(call_id, stage.id)
                ).approved_by
            )
            if isinstance(command, OpenStage):
                return rules.Facts(approved=approved)
            return replace(
                _appeals(call_id, [stage.id for stage in stages], read), approved=approved
            )
        case _:
            return rules.Facts()


def _appeals(call_id: CallId, stages: Iterable[StageId], read: Reader) -> rules.Facts:
    """Read which appeals have no answer yet, and until when others may be filed."""
    prefix = selection_events.appeals_of_call(call_id)
    pending = {
        ApplicationId(f"{call_id}:{name.removeprefix(prefix).partition(':')[0]}")
        for name, appeal in read.every(appeals.DECIDER, prefix).items()
        if appeal.pending
    }
    told = (
        read.one(selection.DECIDER, selection_events.stream(call_id, stage)).appeals_until
        for stage in stages
    )
    until = max((at for at in told if at is not None), default=None)
    return rules.Facts(appealable_until=until, appealed=tuple(sorted(pending)))


HANDLER: Handler[CallCommand, rules.Call, CallEvent, rules.Facts] = Handler(
    rules.DECIDER, _stream, _facts
)
