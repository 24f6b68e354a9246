"""Our own ledger: typed events through the writer, with everything it promises."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from threading import Event
from typing import Any

import psycopg
from psycopg import Connection
from psycopg_pool import ConnectionPool

from benchmarks.contender import Append, Seen, filler
from core.cities.events import Tier, TierChanged
from core.cities.rules import DECIDER
from core.ledger.codec import Event as DomainEvent
from core.ledger.live import Cache, LiveSource, Prefixes
from core.ledger.merkle import Tree, includes
from core.ledger.migrate import migrate
from core.ledger.records import CommandNote, Meta, body, decode, opening
from core.ledger.requests import Key, NewEvent, Request
from core.ledger.store import Store
from core.ledger.writer import Writer
from core.vocabulary import ActorId, CityId, Role
from replay.verify import verify

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_PAUSE_S = 0.02
_GROWTH = 2_000


class Ours:
    """A pool for reading and a writer for all clients, as one server process has them."""

    def __init__(self, url: str, clients: int) -> None:
        """Connect when there is something to do."""
        del clients  # all share one writer
        self._url = url
        self._pool: ConnectionPool[Connection[Any]] = ConnectionPool(
            url, min_size=0, max_size=4, open=True, kwargs={"autocommit": True}
        )
        self.store = Store(self._pool)
        self._writer = Writer(url)

    def prepare(self) -> None:
        """Apply the migrations."""
        migrate(self._url)

    def appender(self, stream: str, batch: int) -> Append:
        """Encode typed events and append them with a key and the version that was read."""
        version = 0
        event = self._maker(stream)

        def append() -> None:
            nonlocal version
            events = [event(version + n) for n in range(1, batch + 1)]
            digest = hashlib.sha256(events[0].body).digest()
            key = Key(f"{stream}.{version}", digest, 0, batch)
            answer = self._writer.append(Request(events, (key,), {stream: version}))
            if answer.outcome != "appended":
                raise RuntimeError(answer)
            version += batch

        return append

    def _maker(self, stream: str) -> Callable[[int], NewEvent]:
        return _Record(stream).event

    def read_all(self) -> int:
        """Read the log as every view does."""
        return sum(1 for _ in map(decode, self.store.scan()))

    def read_stream(self, stream: str) -> int:
        """Load a state as every command does."""
        return LiveSource(self.store, Cache(), Prefixes()).load(DECIDER, [stream])[stream].version

    def tail(self, seen: Seen, stop: Event) -> None:
        """Follow by position, as the projector does."""
        position = 0
        while not stop.is_set():
            rows = self.store.page(position, 500)
            for row in rows:
                seen(row.stream, row.version)
            position += len(rows)
            if not rows:
                stop.wait(_PAUSE_S)

    def verify(self) -> int:
        """Recompute every leaf, the root, versions and the order of time."""
        checked = verify(self.store, url=self._url)
        if checked.fault is not None:
            raise RuntimeError(checked.fault)
        return checked.size

    def grow(self, size: int) -> None:
        """Append until the log holds so many events."""
        stream = 0
        while (missing := size - self.store.size()) > 0:
            more = self.appender(f"city-grown-{stream}", min(_GROWTH, missing))
            for _ in range(max(1, min(missing, _GROWTH * 10) // _GROWTH)):
                more()
            stream += 1

    def prove_s(self, position: int) -> float:
        """Prove a position included in the log as it stands; return how long it took."""
        before = time.perf_counter()
        tree = Tree(self.store.size(), self.store.hashes)
        proof = tree.inclusion(position)
        after = time.perf_counter()
        (leaf,) = self.store.hashes(0, position, position + 1)
        if not includes(tree.root(), tree.size, position, leaf, proof):
            raise RuntimeError(position)
        return after - before

    def close(self) -> None:
        """Flush and disconnect."""
        self._writer.close()
        self._pool.close()


class Ready(Ours):
    """The same with records that are ready, as plain inserts get theirs."""

    def _maker(self, stream: str) -> Callable[[int], NewEvent]:
        mark = 7_777_777
        made = _Record(stream).event(mark)
        ready = made.body.replace(b"%d" % mark, b"%d")

        def event(version: int) -> NewEvent:
            return NewEvent(stream, version, made.type, ready % (version, version))

        return event


class Unaudited(Ready):
    """The same without the leaf hash and the tree, to show what these cost."""

    def prepare(self) -> None:
        """Apply the migrations, then cut the hashing out."""
        super().prepare()
        with psycopg.connect(self._url) as connection:
            connection.execute(
                r"create or replace function ledger.leaf(record bytea) returns bytea "
                r"language sql immutable as $$ select '\x00'::bytea $$;"
                "create or replace function ledger.extend(inout frontier bytea[], size bigint, "
                "leaves bytea[], out node_height int[], out node_index bigint[], "
                "out node_hash bytea[]) language plpgsql immutable as $$ begin end $$"
            )


class _Record:
    """Makes the events of a stream, each a record of the same size."""

    def __init__(self, stream: str) -> None:
        self._stream = stream
        self._city = CityId(stream.removeprefix("city-"))
        empty = len(opening(_NOW)) + len(self._body(1, ""))
        self._reason = filler(empty)

    def event(self, version: int) -> NewEvent:
        return NewEvent(self._stream, version, TierChanged.WIRE, self._body(version, self._reason))

    def _body(self, version: int, reason: str) -> bytes:
        event: DomainEvent = TierChanged(self._city, *_CHANGES[version % 2], reason)
        return body(
            Meta(
                id=f"{self._stream}.{version}",
                source="ssp",
                subject=self._stream,
                version=version,
                occurred_at=_NOW,
                actor=ActorId("a"),
                role=Role.SYSTEM,
                on_behalf_of=None,
                reason="",
                correlation_id="",
                causation_id="",
                policy="",
                imported=None,
                command=CommandNote("ChangeTier", "", "", _NO_BODY, None),
            ),
            event,
        )


_NO_BODY: Mapping[str, Any] | None = None
_CHANGES = ((Tier.READY, Tier.IMPROVING), (Tier.IMPROVING, Tier.READY))
