"""Where states come from: the database with a cache before it, or records in memory.

A cached state may be old. That is safe for what is recorded, since the append checks
every version that was read; a refusal is only believed once the states behind it were
read again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Protocol

from core.decider import Decider
from core.ledger.codec import Event, event_in
from core.ledger.records import Recorded, Stored
from core.ledger.store import Store

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


class Cache:
    """The most recently used streams, folded."""

    def __init__(self, most: int = 100_000) -> None:
        """Keep up to `most` streams."""
        self._most = most
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._lock = Lock()

    def get(self, stream: str) -> Held | None:
        """Return a stream as it was last seen."""
        with self._lock:
            held = self._held.get(stream)
            if held is not None:
                self._held.move_to_end(stream)
            return held

    def put(self, held: Mapping[str, Held]) -> None:
        """Keep streams, unless a later version of them is kept already."""
        with self._lock:
            for stream, item in held.items():
                known = self._held.get(stream)
                if known is None or known.version <= item.version:
                    self._held[stream] = item
                    self._held.move_to_end(stream)
            while len(self._held) > self._most:
                self._held.popitem(last=False)


@dataclass(slots=True)
class LiveSource:
    """The database, with a cache before it; `from_cache` names what may be old."""

    store: Store
    cache: Cache
    from_cache: set[str] = field(default_factory=set[str])
    _position: int | None = None

    @property
    def position(self) -> int:
        """The last position when it was first asked for."""
        if self._position is None:
            self._position = self.store.size() - 1
        return self._position

    def load(self, decider: AnyDecider, streams: Sequence[str]) -> Mapping[str, Held]:
        """Return each stream from the cache, or else from the database."""
        found: dict[str, Held] = {}
        for stream in streams:
            held = self.cache.get(stream)
            if held is not None:
                found[stream] = held
                self.from_cache.add(stream)
        missing = {s: Held(decider, decider.initial) for s in streams if s not in found}
        if missing:
            read = _advance(missing, self.store.streams(dict.fromkeys(missing, 0)))
            self.cache.put(read)
            found |= read
        return found

    def under(self, decider: AnyDecider, prefix: str) -> Mapping[str, Held]:
        """Return each stream under a prefix, read from the database."""
        return _fold_rows(decider, self.store.under(prefix, self.position))

    def grown(self, prefix: str, after: int) -> tuple[str, ...]:
        """Name the streams under a prefix that grew after a position."""
        return self.store.grown(prefix, after, self.position)

    def refresh(self, streams: Iterable[str]) -> None:
        """Bring cached streams up to date, in one query."""
        known = {s: held for s in streams if (held := self.cache.get(s)) is not None}
        rows = self.store.streams({s: held.version for s, held in known.items()})
        self.cache.put(_advance(known, rows))


class Recall:
    """The database up to a position, each stream remembered as it was after each event.

    Several moments close to each other, as those of one decision's commands, so cost one
    reading.
    """

    def __init__(self, store: Store, horizon: int) -> None:
        """Remember nothing yet, and never anything beyond `horizon`."""
        self._store = store
        self._horizon = horizon
        self._known: dict[str, list[tuple[int, Held]]] = {}
        self._prefixes: set[str] = set()

    def at(self, position: int) -> PastStore:
        """Return the database as it was at a position up to the horizon."""
        if position > self._horizon:
            msg = f"position {position} is beyond the horizon {self._horizon}"
            raise ValueError(msg)
        return PastStore(self, position)

    def load(self, decider: AnyDecider, streams: Iterable[str], position: int) -> dict[str, Held]:
        """Return streams, folded up to a position."""
        wanted = tuple(streams)
        missing = [s for s in wanted if s not in self._known and not self._under_known(s)]
        if missing:
            self._known |= {s: [] for s in missing}
            self._remember(decider, self._store.streams(dict.fromkeys(missing, 0), self._horizon))
        return {s: self._then(decider, s, position) for s in wanted}

    def under(self, decider: AnyDecider, prefix: str, position: int) -> dict[str, Held]:
        """Return each stream under a prefix that existed at a position, folded up to it."""
        if prefix not in self._prefixes:
            self._prefixes.add(prefix)
            for stream in [s for s in self._known if s.startswith(prefix)]:
                del self._known[stream]
            self._remember(decider, self._store.under(prefix, self._horizon))
        found = {
            s: self._then(decider, s, position) for s in sorted(self._known) if s.startswith(prefix)
        }
        return {s: held for s, held in found.items() if held.version}

    def grown(self, prefix: str, after: int, position: int) -> tuple[str, ...]:
        """Name the streams under a prefix that grew after one position, up to another."""
        return self._store.grown(prefix, after, position)

    def _under_known(self, stream: str) -> bool:
        return any(stream.startswith(prefix) for prefix in self._prefixes)

    def _remember(self, decider: AnyDecider, rows: Iterable[Stored]) -> None:
        for row in rows:
            history = self._known.setdefault(row.stream, [])
            held = history[-1][1] if history else Held(decider, decider.initial)
            history.append((row.position, held.after(row.version, row.leaf.hex(), event_of(row))))

    def _then(self, decider: AnyDecider, stream: str, position: int) -> Held:
        for seen, held in reversed(self._known.get(stream, ())):
            if seen <= position:
                return held
        return Held(decider, decider.initial)


@dataclass(frozen=True, slots=True)
class PastStore:
    """The database as it was at a position: for the replay of what was decided then."""

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


def event_of(row: Stored) -> Event:
    """Return the event of a row, without the rest of its record."""
    return event_in(row.type, row.record)


def _advance(held: Mapping[str, Held], rows: Iterable[Stored]) -> dict[str, Held]:
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


def _fold_rows(decider: AnyDecider, rows: Iterable[Stored]) -> dict[str, Held]:
    found = list(rows)
    empty = {row.stream: Held(decider, decider.initial) for row in found}
    return dict(sorted(_advance(empty, found).items()))
