"""How a handler reads other streams, so that what it read is known to the append.

Whatever a reader hands out becomes part of the command's read-set: the ledger then
refuses the append where any of it has changed meanwhile. The same handlers run over
the database, over a file being imported, and over the records of a replay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from core.decider import Act, Decider

C = TypeVar("C")
S = TypeVar("S")
E = TypeVar("E")
F = TypeVar("F")


class Evidence(NamedTuple):
    """A stream that was read: how many events it held, and its last record's leaf.

    A tuple, since a stage is tens of thousands of streams.
    """

    stream: str
    version: int
    leaf: str


class Reader(Protocol):
    """Streams folded into states, each of them noted as read."""

    @property
    def position(self) -> int:
        """The last position of the log that this reader sees; -1 for an empty log."""
        ...

    def one(self, decider: Decider[Any, S, Any, Any], stream: str) -> S:
        """Return the state of a stream; an empty stream has the initial state."""
        ...

    def each(self, decider: Decider[Any, S, Any, Any], streams: Iterable[str]) -> Mapping[str, S]:
        """Return the states of many streams, read at once."""
        ...

    def every(self, decider: Decider[Any, S, Any, Any], prefix: str) -> Mapping[str, S]:
        """Return the state of each stream whose name begins with `prefix`, by name.

        A stream that begins to exist afterwards counts as a change of what was read.
        """
        ...

    def changed(self, prefix: str, after: int) -> tuple[str, ...]:
        """Name the streams under `prefix` that grew after a position."""
        ...

    def evidence(self) -> tuple[Evidence, ...]:
        """Return everything that was read so far, by name."""
        ...


@dataclass(frozen=True, slots=True)
class Handler(Generic[C, S, E, F]):
    """One decider, wired: which stream a command writes, which facts it needs."""

    decider: Decider[C, S, E, F]
    stream: Callable[[C], str]
    facts: Callable[[C, Act, Reader], F]
