"""Bytes to events and back: wire names with versions, and upcasters for the old ones.

A wire name never changes its meaning. What must change gets a new version, and the
old one a pure function in `upcasters` that brings its data to the present shape.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import from_json

from core.applications.events import ApplicationEvent
from core.calls.events import CallEvent
from core.cities.events import CityEvent
from core.evaluations.events import EvaluationEvent, EvaluatorEvent
from core.frameworks.events import FrameworkEvent
from core.handlers.table import HANDLERS, Command
from core.ledger.decoding import adapter, looking_at, reader_of
from core.ledger.upcasters import UPCASTERS
from core.monitoring.events import IndicatorEvent, RecommendationEvent, ReviewEvent
from core.projects.events import ProjectEvent
from core.selection.events import AppealEvent, SelectionEvent
from core.signing.events import SigningEvent
from core.subjects.events import SubjectEvent

Event = (
    FrameworkEvent
    | CallEvent
    | CityEvent
    | ApplicationEvent
    | EvaluatorEvent
    | EvaluationEvent
    | SelectionEvent
    | AppealEvent
    | SigningEvent
    | ProjectEvent
    | IndicatorEvent
    | ReviewEvent
    | RecommendationEvent
    | SubjectEvent
)

EVENTS: dict[str, type] = {event.WIRE: event for event in get_args(Event)}
COMMANDS: dict[str, type] = {command.__name__: command for command in HANDLERS}


class UnknownWireName(LookupError):
    """A record's type is none that this version knows."""


def to_json(value: object) -> bytes:
    """Return a dataclass as compact JSON; decimals as strings, instants in UTC."""
    shape: Any = type(value)
    return adapter(shape).dump_json(value)


def known(wire: str) -> bool:
    """Whether there is an event of that wire name, or it is known what became of it."""
    return wire in EVENTS or wire in UPCASTERS


def wires_of(wire: str) -> frozenset[str]:
    """Return every wire name whose records are read as events of the wire name `wire`."""
    older = {old for old, (new, _) in UPCASTERS.items() if new == wire}
    return frozenset({wire}).union(*map(wires_of, older))


def event_from(wire: str, data: dict[str, Any]) -> Event:
    """Return the event of a record's data, in its present shape.

    Raises `UnknownWireName`, or pydantic's `ValidationError` where the data does not
    have the shape that its wire name promises.
    """
    while wire in UPCASTERS:
        wire, lift = UPCASTERS[wire]
        data = lift(data)
    if wire not in EVENTS:
        raise UnknownWireName(wire)
    event: Event = adapter(EVENTS[wire]).validate_python(data)
    return event


def event_in(wire: str, record: bytes) -> Event:
    """Return the event of a record, in its present shape, and nothing else of it.

    Raises as `event_from` does. Straight from the bytes: a dictionary on the way would cost as
    much as the event.
    """
    return _reading(wire)(record)


@cache
def _reading(wire: str) -> Callable[[bytes], Event]:
    if wire in UPCASTERS:
        return lambda record: event_from(wire, from_json(record)["data"])
    if wire not in EVENTS:
        raise UnknownWireName(wire)
    read: Callable[[bytes], Event] = reader_of("data", EVENTS[wire])
    return read


def command_from(name: str, body: dict[str, Any]) -> Command:
    """Return a recorded command, to be decided again."""
    command: Command = adapter(COMMANDS[name]).validate_json(json.dumps(body))
    return command


__all__ = [
    "COMMANDS",
    "EVENTS",
    "Event",
    "UnknownWireName",
    "ValidationError",
    "adapter",
    "command_from",
    "event_from",
    "event_in",
    "known",
    "looking_at",
    "to_json",
    "wires_of",
]
