"""A framework's commands read nothing but the framework."""

from __future__ import annotations

from core.decider import Act
from core.frameworks import events, rules
from core.frameworks.commands import FrameworkCommand
from core.frameworks.events import FrameworkEvent
from core.handlers.reading import Handler, Reader


def _stream(command: FrameworkCommand) -> str:
    return events.stream(command.framework_id)


def _facts(command: FrameworkCommand, act: Act, read: Reader) -> None:
    del command, act, read


HANDLER: Handler[FrameworkCommand, rules.Framework, FrameworkEvent, None] = Handler(
    rules.DECIDER, _stream, _facts
)
