"""Logs as JSON on standard error, a line each: of this programme and of what it is built on."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

# Without local variables: they hold scores, and the database's password.
_transform = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)


def _trace(exc_info: structlog.typing.ExcInfo) -> list[dict[str, Any]]:
    """Return where an exception came from and of which type, not what it says.

    Messages repeat what was sent: a database's detail holds rows, a validator's the input.
    """
    return [_silent(stack) for stack in _transform(exc_info)]


def _silent(stack: dict[str, Any]) -> dict[str, Any]:
    inner = [[_silent(each) for each in group] for group in stack.get("exceptions", ())]
    kept = ("exc_type", "is_cause", "frames", "is_group")
    return {name: stack[name] for name in kept if name in stack} | {"exceptions": inner}


def log_as_json() -> None:
    """Send every log line there, so that standard output holds results alone.

    Lines say what happened and to which ids, never what people wrote.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    rendered: list[structlog.typing.Processor] = [
        structlog.processors.ExceptionRenderer(_trace),
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    structlog.configure(
        processors=[*shared, *rendered], logger_factory=structlog.PrintLoggerFactory(sys.stderr)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendered],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
