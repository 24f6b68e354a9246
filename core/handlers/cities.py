"""A city that enters the pool must not have been selected in the call that it comes from."""

from __future__ import annotations

from core.applications.events import application_id
from core.calls import events as call_events
from core.calls import rules as calls
from core.cities import events, rules
from core.cities.commands import CityCommand, EnterPool
from core.cities.events import CityEvent
from core.decider import Act
from core.handlers.reading import Handler, Reader
from core.selection import events as selection_events
from core.selection import rules as selection
from core.selection.state import selected


def _stream(command: CityCommand) -> str:
    return events.stream(command.city_id)


def _facts(command: CityCommand, act: Act, read: Reader) -> rules.Facts:
    del act
    if not isinstance(command, EnterPool):
        return rules.Facts()
    call = read.one(calls.DECIDER, call_events.stream(command.call_id))
    if call.announced is None:
        return rules.Facts(call_known=False)
    last = selection_events.stream(command.call_id, call.announced.stages[-1].id)
    chosen = selected(read.one(selection.DECIDER, last))
    return rules.Facts(selected=application_id(command.call_id, command.city_id) in chosen)


HANDLER: Handler[CityCommand, rules.City, CityEvent, rules.Facts] = Handler(
    rules.DECIDER, _stream, _facts
)
