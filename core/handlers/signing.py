"""The commands of the log's keys read nothing but what became of the keys before."""

from __future__ import annotations

from core.decider import Act
from core.handlers.reading import Handler, Reader
from core.signing import events, rules
from core.signing.commands import SigningCommand
from core.signing.events import SigningEvent


def _stream(command: SigningCommand) -> str:
    del command
    return events.STREAM


def _facts(command: SigningCommand, act: Act, read: Reader) -> None:
    del command, act, read


HANDLER: Handler[SigningCommand, rules.Keys, SigningEvent, None] = Handler(
    rules.DECIDER, _stream, _facts
)
