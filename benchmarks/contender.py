"""What every contender can be told to do, so that all are measured by the same code."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from threading import Event
from typing import Any, Protocol

EVENT_BYTES = 500
"""How large the document of one event is, in bytes of JSON."""

PER_STREAM = 100
"""How many events a stream holds in a log that is filled for reading."""

Append = Callable[[], Any]
"""Appends the next events of a stream in one commit; awaited where that is asynchronous."""

Seen = Callable[[str, int], None]
"""Told the stream and the version of every event that a tailing reader sees."""


class Contender(Protocol):
    """An event store, opened on a database of its own.

    Versions of a stream count from 1. What reads or closes may be asynchronous.
    """

    def prepare(self) -> None:
        """Make what an empty database needs."""
        ...

    def appender(self, stream: str, batch: int) -> Append:
        """Return what appends `batch` events to a new stream, expecting its version."""
        ...

    def read_all(self) -> int | Awaitable[int]:
        """Read and decode the whole log; return how many events it holds."""
        ...

    def read_stream(self, stream: str) -> int | Awaitable[int]:
        """Read a stream, decode and fold it; return how many events it holds."""
        ...

    def tail(self, seen: Seen, stop: Event) -> Awaitable[None] | None:
        """Follow the log from its beginning until told to stop."""
        ...

    def close(self) -> Awaitable[None] | None:
        """Disconnect."""
        ...


def filler(used: int) -> str:
    """Return the text that makes a document of `used` bytes as large as every other."""
    return "x" * (EVENT_BYTES - used)
