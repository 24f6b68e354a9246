"""An erasure reads nothing but the person's own stream."""

from __future__ import annotations

from core.decider import Act
from core.handlers.reading import Handler, Reader
from core.subjects import events, rules
from core.subjects.commands import SubjectCommand
from core.subjects.events import SubjectEvent


def _stream(command: SubjectCommand) -> str:
    return events.stream(command.subject)


def _facts(command: SubjectCommand, act: Act, read: Reader) -> None:
    del command, act, read


HANDLER: Handler[SubjectCommand, rules.Subject, SubjectEvent, None] = Handler(
    rules.DECIDER, _stream, _facts
)
