"""Where the states of the past come from: the database up to a position, or records in memory.

What a source is, is said here too; the present is in `live`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.decider import Decider
from core.ledger.codec import Event, event_in
from core.ledger.records import Recorded, Stored

AnyDecider = Decider[Any, Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Held:
    """A stream folded up to a version; `leaf` is its last record's, in hexadecimal."""

    decider: AnyDecider
    state: Any
    version: int = 0
    leaf: str = ""

    def after(self, version: int, leaf: str, event: Event) -> Held:
        """Return this, one event later."""
        return Held(self.decider, self.decider.evolve(self.state, event), version, leaf)


class Source(Protocol):
    """What a draft reads."""

    @property
    def position(self) -> int:
        """The last position that is seen; -1 for an empty log."""
        ...

    def load(self, decider: AnyDecider, streams: Sequence[str]) -> Mapping[str, Held]:
        """Return each stream, folded."""
        ...

    def under(self, decider: AnyDecider, prefix: str) -> Mapping[str, Held]:
        """Return each stream under a prefix, folded up to `position`."""
        ...

    def grown(self, prefix: str, after: int) -> tuple[str, ...]:
        """Name the streams under a prefix that grew after a position."""
        ...


class Rows(Protocol):
    """Where past rows are read: the database, or the records that travel in a bundle."""

    def streams(self, after: Mapping[str, int], upto: int | None = None) -> Sequence[Stored]:
        """Return the rows of streams beyond a version each, in order of position."""
        ...

    def under(self, prefix: str, upto: int) -> Sequence[Stored]:
        """Return the rows of every stream under a prefix, up to and including a position."""
        ...

    def grown(self, prefix: str, after: int, upto: int) -> tuple[str, ...]:
        """Name the streams under a prefix with rows beyond one position, up to another."""
        ...


@dataclass(slots=True)
class _Past:
    """The rows of one stream, and the state after the first `folded` of them."""

    rows: list[Stored]
    held: Held
    folded: int = 0

    def at(self, position: int) -> Held:
        """Return the state at a position: at a later one than before, from there on."""
        rows, decider = self.rows, self.held.decider
        if self.folded and rows[self.folded - 1].position > position:
            self.held, self.folded = Held(decider, decider.initial), 0
        if self.folded < len(rows) and rows[self.folded].position <= position:
            state, last = self.held.state, rows[self.folded]
            for row in rows[self.folded :]:
                if row.position > position:
                    break
                state, last = decider.evolve(state, event_in(row.type, row.record)), row
                self.folded += 1
            self.held = Held(decider, state, last.version, last.leaf.hex())
        return self.held


@dataclass(slots=True)
class _Prefix:
    """The streams under a prefix, where their rows stand, and the answer at the first `seen`."""

    streams: tuple[str, ...]
    positions: list[int]
    seen: int = -1
    found: Mapping[str, Held] = field(default_factory=dict[str, Held])


class Recall:
    """What was recorded up to a position: each row read once, and folded once.

    Several moments close to each other, as those of one decision's commands, so cost one
    reading, and little beyond one folding where they are asked about in their order.
    """

    def __init__(self, rows: Rows, horizon: int) -> None:
        """Remember nothing yet, and never anything beyond `horizon`."""
        self._rows = rows
        self._horizon = horizon
        self._known: dict[str, _Past] = {}
        self._prefixes: dict[str, _Prefix] = {}

    def at(self, position: int) -> PastStore:
        """Return the log as it was at a position up to the horizon."""
        if position > self._horizon:
            msg = f"position {position} is beyond the horizon {self._horizon}"
            raise ValueError(msg)
        return PastStore(self, position)

    def load(self, decider: AnyDecider, streams: Iterable[str], position: int) -> dict[str, Held]:
        """Return streams, folded up to a position."""
        wanted = tuple(streams)
        prefixes = tuple(self._prefixes)
        missing = [s for s in wanted if s not in self._known and not s.startswith(prefixes)]
        if missing:
            rows = self._rows.streams(dict.fromkeys(missing, 0), self._horizon)
            self._remember(decider, rows, missing)
        unread = Held(decider, decider.initial)
        known = self._known
        return {s: known[s].at(position) if s in known else unread for s in wanted}

    def under(self, decider: AnyDecider, prefix: str, position: int) -> Mapping[str, Held]:
        """Return each stream under a prefix that existed at a position, folded up to it."""
        known = self._known
        if (asked := self._prefixes.get(prefix)) is None:
            for stream in [s for s in known if s.startswith(prefix)]:
                del known[stream]
            rows = self._rows.under(prefix, self._horizon)
            self._remember(decider, rows)
            streams = tuple(sorted({row.stream for row in rows}))
            asked = self._prefixes[prefix] = _Prefix(streams, [row.position for row in rows])
        seen = bisect_right(asked.positions, position)
        if seen != asked.seen:
            then = ((stream, known[stream].at(position)) for stream in asked.streams)
            asked.found = {stream: held for stream, held in then if held.version}
            asked.seen = seen
        return asked.found

    def grown(self, prefix: str, after: int, position: int) -> tuple[str, ...]:
        """Name the streams under a prefix that grew after one position, up to another."""
        return self._rows.grown(prefix, after, position)

    def _remember(
        self, decider: AnyDecider, rows: Iterable[Stored], streams: Iterable[str] = ()
    ) -> None:
        """Keep rows by stream; `streams` are known from now on, though they have none."""
        unread = Held(decider, decider.initial)
        for stream in streams:
            self._known[stream] = _Past([], unread)
        for row in rows:
            if (past := self._known.get(row.stream)) is None:
                past = self._known[row.stream] = _Past([], unread)
            past.rows.append(row)


@dataclass(frozen=True, slots=True)
class PastStore:
    """The log as it was at a position: for the replay of what was decided then."""

    recall: Recall
    position: int

    def load(self, decider: AnyDecider, streams: Sequence[str]) -> Mapping[str, Held]:
        """Return each stream, folded up to `position`."""
        return self.recall.load(decider, streams, self.position)

    def under(self, decider: AnyDecider, prefix: str) -> Mapping[str, Held]:
        """Return each stream under a prefix, folded up to `position`."""
        return self.recall.under(decider, prefix, self.position)

    def grown(self, prefix: str, after: int) -> tuple[str, ...]:
        """Name the streams under a prefix that grew after a position, up to this one."""
        return self.recall.grown(prefix, after, self.position)


class PastSource:
    """Records in memory, seen up to a position: for bundles, what-if, and tests of rules."""

    def __init__(self, records: Iterable[Recorded], upto: int) -> None:
        """See `records`, which are in order of position, up to and including `upto`."""
        self.position = upto
        self._by_stream: dict[str, list[Recorded]] = {}
        for record in records:
            if record.position <= upto:
                self._by_stream.setdefault(record.meta.subject, []).append(record)

    def load(self, decider: AnyDecider, streams: Sequence[str]) -> Mapping[str, Held]:
        """Return each stream, folded from the records."""
        return {stream: self._fold(decider, stream) for stream in streams}

    def under(self, decider: AnyDecider, prefix: str) -> Mapping[str, Held]:
        """Return each stream under a prefix, folded from the records."""
        return {s: self._fold(decider, s) for s in sorted(self._by_stream) if s.startswith(prefix)}

    def grown(self, prefix: str, after: int) -> tuple[str, ...]:
        """Name the streams under a prefix that grew after a position."""
        return tuple(
            s
            for s, found in sorted(self._by_stream.items())
            if s.startswith(prefix) and found[-1].position > after
        )

    def _fold(self, decider: AnyDecider, stream: str) -> Held:
        held = Held(decider, decider.initial)
        for record in self._by_stream.get(stream, ()):
            held = held.after(record.meta.version, record.leaf.hex(), record.event)
        return held


def advance(held: Mapping[str, Held], rows: Iterable[Stored]) -> dict[str, Held]:
    """Return streams with the events of `rows`, which are in order of position, folded on."""
    states = {stream: item.state for stream, item in held.items()}
    evolve = {stream: item.decider.evolve for stream, item in held.items()}
    last: dict[str, Stored] = {}
    for row in rows:
        stream = row.stream
        states[stream] = evolve[stream](states[stream], event_in(row.type, row.record))
        last[stream] = row
    advanced = {
        stream: Held(held[stream].decider, states[stream], row.version, row.leaf.hex())
        for stream, row in last.items()
    }
    return {**held, **advanced}
