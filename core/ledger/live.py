"""Where the states of the present come from: the database, with memory before it.

A cached stream may be old. That is safe for what is recorded, since the append checks
every version that was read; a refusal is only believed once the states behind it were
read again. A remembered prefix is never old: each reading folds on what has grown.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from types import MappingProxyType

from core.ledger.sources import AnyDecider, Held, advance
from core.ledger.store import Store


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


@dataclass(frozen=True, slots=True)
class Remembered:
    """Every stream under a prefix, folded up to a position, by name."""

    position: int
    streams: Mapping[str, Held]


class Prefixes:
    """The most recently read prefixes, so that a stage is folded once and not at each command."""

    def __init__(self, most: int = 200_000) -> None:
        """Keep prefixes of up to `most` streams together, and always the last one."""
        self._most = most
        self._known: OrderedDict[str, Remembered] = OrderedDict()
        self._lock = Lock()

    def get(self, prefix: str) -> Remembered | None:
        """Return a prefix as it was last read."""
        with self._lock:
            known = self._known.get(prefix)
            if known is not None:
                self._known.move_to_end(prefix)
            return known

    def put(self, prefix: str, remembered: Remembered) -> None:
        """Keep a prefix, unless it is kept as of a later position."""
        with self._lock:
            known = self._known.get(prefix)
            if known is not None and known.position > remembered.position:
                return
            self._known[prefix] = remembered
            self._known.move_to_end(prefix)
            while len(self._known) > 1 and self._streams() > self._most:
                self._known.popitem(last=False)

    def _streams(self) -> int:
        return sum(len(known.streams) for known in self._known.values())


@dataclass(slots=True)
class LiveSource:
    """The database, with memory before it; `from_cache` names what may be old."""

    store: Store
    cache: Cache
    prefixes: Prefixes
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
            read = advance(missing, self.store.streams(dict.fromkeys(missing, 0)))
            self.cache.put(read)
            found |= read
        return found

    def under(self, decider: AnyDecider, prefix: str) -> Mapping[str, Held]:
        """Return each stream under a prefix, exactly as of `position`.

        Only what has grown since the prefix was last read is read and folded.
        """
        known = self.prefixes.get(prefix)
        if known is not None and known.position == self.position:
            return known.streams
        if known is None or known.position > self.position:  # another thread has read further
            rows = self.store.under(prefix, self.position)
            streams: Mapping[str, Held] = {
                row.stream: Held(decider, decider.initial) for row in rows
            }
        elif grown := self.store.grown(prefix, known.position, self.position):
            begun = {s: known.streams.get(s) or Held(decider, decider.initial) for s in grown}
            rows = self.store.streams({s: h.version for s, h in begun.items()}, self.position)
            streams = {**known.streams, **begun}
        else:
            rows, streams = [], known.streams
        if rows:
            streams = dict(sorted(advance(streams, rows).items()))
        self.prefixes.put(prefix, Remembered(self.position, MappingProxyType(streams)))
        return streams

    def grown(self, prefix: str, after: int) -> tuple[str, ...]:
        """Name the streams under a prefix that grew after a position."""
        return self.store.grown(prefix, after, self.position)

    def refresh(self, streams: Iterable[str]) -> None:
        """Bring cached streams up to date, in one query."""
        known = {s: held for s in streams if (held := self.cache.get(s)) is not None}
        rows = self.store.streams({s: held.version for s, held in known.items()})
        self.cache.put(advance(known, rows))
