"""The ledger as the rest of the programme sees it: handle a command, commit a draft, read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn, Self

from psycopg import Connection

from core.errors import DomainError, Violation, refuse, require
from core.ledger.codec import to_json
from core.ledger.draft import Draft, Envelope
from core.ledger.key_encryption import KeyEncryption, from_environment
from core.ledger.keyring import Keyring
from core.ledger.live import Cache, LiveSource, Prefixes
from core.ledger.merkle import leaf_hash
from core.ledger.records import Recorded, decode, digest_of, opening
from core.ledger.requests import Answer, Request
from core.ledger.roles import DatabaseRole, pooled
from core.ledger.sealing import Sealing
from core.ledger.sources import Held
from core.ledger.store import Store
from core.ledger.writer import Writer
from core.subjects.events import STREAMS
from core.vocabulary import Instant

_ATTEMPTS = 50
_CLOCK_TOLERANCE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class EventReceipt:
    """What an event was recorded as: enough to ask for its proof later."""

    id: str
    position: int
    type: str
    leaf: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a command was recorded as; `replayed` where it had been recorded before."""

    stream: str
    version: int
    recorded_at: Instant | None
    replayed: bool
    events: tuple[EventReceipt, ...]

    @property
    def position(self) -> int | None:
        """The last position written, None where nothing had to be."""
        return self.events[-1].position if self.events else None


@dataclass(frozen=True, slots=True)
class Committed:
    """What a group was recorded as; `replayed` where it had been recorded before."""

    first_position: int
    count: int
    recorded_at: Instant
    replayed: bool


class Contended(Exception):
    """Other writers kept changing what a command reads; try again."""


class Ledger:
    """One log: commands in, events and proofs out. Safe to share between threads."""

    def __init__(
        self,
        url: str,
        *,
        clock: Callable[[], datetime] | None = None,
        connections: int = 8,
        keys_url: str | None = None,
        encryption: KeyEncryption | None = None,
    ) -> None:
        """Open a migrated database; `clock` stands in for all clocks, in tests.

        The keys of persons lie in the same database unless `keys_url` names another;
        `encryption` wraps them, by default the key that the environment names.
        """
        self.url = url
        self.keys_url = keys_url or url
        self._now = clock or (lambda: datetime.now(UTC))
        self._pool = pooled(url, DatabaseRole.READER, least=1, most=connections)
        self.store = Store(self._pool)
        self._writer = Writer(url, clock=clock)
        self._cache = Cache()
        self._prefixes = Prefixes()
        self._keys_pool = pooled(self.keys_url, DatabaseRole.WRITER, most=4)
        self.keyring = Keyring(self._keys_pool, encryption or from_environment())

    def close(self) -> None:
        """Flush and disconnect."""
        self._writer.close()
        self._keys_pool.close()
        self._pool.close()

    def __enter__(self) -> Self:
        """Return the ledger itself."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Close the ledger."""
        self.close()

    def connection(self) -> AbstractContextManager[Connection[Any]]:
        """Lend a connection for reading, in autocommit mode, for the length of the block."""
        return self._pool.connection()

    def handle(self, envelope: Envelope) -> Receipt:
        """Decide a command and record its events.

        Raises `DomainError` where a rule refuses, `Contended` where other writers were
        always faster, `OutcomeUnknown` where the database cannot be asked, `KeyRefused`
        where personal text cannot be sealed. The same key and command again gives the
        first receipt.
        """
        receipt = self._handled(envelope)
        if receipt.position is not None:
            self._destroy({receipt.stream: receipt.position})
        return receipt

    def finish_erasures(self) -> int:
        """Destroy the keys that the log says are destroyed; return how many still were there.

        There are some where a process was killed between the two, or where the keys were
        restored from a backup.
        """
        rows = self.store.under(STREAMS, self.store.size() - 1)
        return self._destroy({row.stream: row.position for row in rows})

    def _destroy(self, positions: Mapping[str, int]) -> int:
        """Destroy the keys of those persons among streams, given where each was erased."""
        erased = {
            stream.removeprefix(STREAMS): position
            for stream, position in positions.items()
            if stream.startswith(STREAMS)
        }
        return self.keyring.destroy(erased) if erased else 0

    def _handled(self, envelope: Envelope) -> Receipt:
        self._not_in_future(envelope)
        refreshed: set[str] = set()
        for _ in range(_ATTEMPTS):
            source = self._source()
            draft = Draft(source, Sealing(self.keyring))
            try:
                decided = draft.decide(envelope)
            except DomainError:
                if receipt := self._recorded_before(envelope, envelope.key):
                    return receipt
                stale = source.from_cache - refreshed
                if not stale:
                    raise
                source.refresh(stale)
                refreshed |= stale
                continue
            request = draft.request()
            if not request.events:
                # No append will notice that what is remembered was old.
                if stale := source.from_cache - refreshed:
                    source.refresh(stale)
                    refreshed |= stale
                    continue
                self.store.settle()
                version = draft.held()[decided.stream].version
                return Receipt(decided.stream, version, None, replayed=False, events=())
            if not self.keyring.keep(draft.new_keys):
                continue
            answer = self._writer.append(request)
            if answer.outcome == "appended":
                leaves = self._keep(draft, request, answer)
                first = answer.first_position or 0
                return Receipt(
                    decided.stream,
                    decided.events[-1][0].version,
                    answer.at,
                    replayed=False,
                    events=tuple(
                        EventReceipt(meta.id, first + i, event.WIRE, leaf)
                        for i, ((meta, event), leaf) in enumerate(
                            zip(decided.events, leaves, strict=True)
                        )
                    ),
                )
            # Without a key of its own, it may still be found as sent before a lost answer.
            if receipt := self._recorded_before(envelope, request.keys[0].key):
                return receipt
            source.refresh(draft.touched)
            refreshed |= draft.touched
        raise Contended

    def draft(self, *, fresh: bool = False) -> Draft:
        """Begin a group of commands on the log as it stands.

        What is remembered of it may be old, which an append would notice; `fresh` reads it all
        anew, for whoever may conclude from it that nothing is to be appended.
        """
        source = LiveSource(self.store, Cache(), Prefixes()) if fresh else self._source()
        return Draft(source, Sealing(self.keyring))

    def commit(self, draft: Draft) -> Committed | None:
        """Record a draft whole; None where it holds nothing, as all is on record already.

        Raises `Contended` where something that it read has changed meanwhile: nothing
        was recorded, and the draft is to be decided anew. Raises `DomainError` where one
        of its keys belongs to another command.
        """
        request = draft.request()
        if not request.events:
            self.store.settle()
            return None
        if not self.keyring.keep(draft.new_keys):
            raise Contended("the key of a person was made meanwhile")
        answer = self._writer.append(request)
        if answer.outcome == "key-reused":
            _refuse_key(answer.detail or "")
        if answer.outcome == "conflict" or answer.first_position is None or answer.at is None:
            raise Contended(answer.detail)
        if answer.outcome == "appended":
            self._keep(draft, request, answer)
        first = answer.first_position
        self._destroy({e.stream: first + i for i, e in enumerate(request.events)})
        return Committed(
            answer.first_position, len(request.events), answer.at, answer.outcome == "replayed"
        )

    def forget(self) -> None:
        """Drop cached states, so that a new draft reads everything anew."""
        self._cache, self._prefixes = Cache(), Prefixes()

    def read(self, start: int = 0, stop: int | None = None) -> Iterator[Recorded]:
        """Yield events from position `start` up to, not including, `stop`."""
        return map(decode, self.store.scan(start, stop))

    def _source(self) -> LiveSource:
        return LiveSource(self.store, self._cache, self._prefixes)

    def _not_in_future(self, envelope: Envelope) -> None:
        at, now = envelope.act.at, self._now()
        require(
            at <= now + _CLOCK_TOLERANCE,
            "occurred-in-future",
            "an event is recorded after it occurred",
            field="occurred_at",
            value=at.isoformat(),
        )

    def _recorded_before(self, envelope: Envelope, key: str) -> Receipt | None:
        if not key or not (known := self.store.known([key])):
            return None
        digest, first, count = known[key]
        command, act = envelope.command, envelope.act
        content = to_json(Sealing(self.keyring).digested(command, act.actor))
        if digest != bytes.fromhex(digest_of(command, act, content)):
            _refuse_key(key)
        self.store.settle()
        rows = [decode(row) for row in self.store.page(first, count)]
        return Receipt(
            rows[-1].meta.subject,
            rows[-1].meta.version,
            rows[-1].recorded_at,
            replayed=True,
            events=tuple(EventReceipt(r.meta.id, r.position, r.wire, r.leaf.hex()) for r in rows),
        )

    def _keep(self, draft: Draft, request: Request, answer: Answer) -> Sequence[str]:
        """Cache what the group made of its streams, and return its leaves."""
        if answer.at is None:
            raise DomainError(Violation("no-instant", "an appended group has its instant"))
        start = opening(answer.at.astimezone(UTC))
        leaves = [leaf_hash(start + event.body).hex() for event in request.events]
        last = {e.stream: leaf for e, leaf in zip(request.events, leaves, strict=True)}
        self._cache.put(
            {
                stream: Held(held.decider, held.state, held.version, last.get(stream, held.leaf))
                for stream, held in draft.held().items()
            }
        )
        return leaves


def _refuse_key(key: str) -> NoReturn:
    refuse(
        "idempotency-key-reused",
        "a key belongs to one command; use a new key",
        field="idempotency_key",
        value=key,
    )
