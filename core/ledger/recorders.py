"""The eventsourcing library's recorders over this ledger, so that its applications run on it.

Each application has a log of its own. Its events are records like all others, under the
Merkle root as soon as they are acknowledged; their state is whatever bytes the library's
mapper made, so it stands in the record as `data_base64`. Notification ids are positions
plus one: dense, and in the order of commits.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString
from uuid import UUID, uuid4

from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    IntegrityError,
    Notification,
    ProcessRecorder,
    StoredEvent,
    Subscription,
    Tracking,
    TrackingRecorder,
)
from psycopg import Connection

from core.ledger.connections import Connections, named_as_the_library_does
from core.ledger.requests import Answer, Key, NewEvent, Request
from core.ledger.store import append
from core.ledger.subscription import LedgerSubscription

Reads = Mapping[UUID | str, int]

LAST_VERSION = 2**31 - 1
_LAST_POSITION = 2**62
BY_VERSION: tuple[LiteralString, LiteralString] = (
    "order by version limit %s",
    "order by version desc limit %s",
)


class LedgerAggregateRecorder(AggregateRecorder):
    """Events of an application by originator, in its log."""

    def __init__(self, connections: Connections, name: str) -> None:
        """Take the log of the application `name`."""
        super().__init__()
        self.connections = connections
        self.name = name
        self.log = connections.log(f"eventsourcing:{name}")
        self._writer = connections.writer(self.log)

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        reads: Reads | None = None,
        key: str = "",
        **_: object,
    ) -> Sequence[int] | None:
        """Record events together or not at all; see `_insert`."""
        self._insert(stored_events, reads, key)
        return None

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Return events of one originator, by version."""
        with self.connections.one() as connection:
            rows = connection.execute(
                "select version, type, record from ledger.event "  # noqa: S608  # two constants
                "where log_id = %s and stream = %s and version > %s and version <= %s "
                + BY_VERSION[desc],
                (
                    self.log,
                    str(originator_id),
                    -LAST_VERSION if gt is None else gt,
                    LAST_VERSION if lte is None else lte,
                    limit,
                ),
                binary=True,
            ).fetchall()
        return [
            StoredEvent(originator_id, version, topic, _state(json.loads(record)))
            for version, topic, record in rows
        ]

    def _insert(
        self, stored_events: Sequence[StoredEvent], reads: Reads | None, key: str
    ) -> Sequence[int] | None:
        """Record events and return their notification ids.

        `reads` are versions at which originators must still be (0 for one without
        events); the same events again under the same `key` are recorded once. Raises
        `IntegrityError` where something stands in the way.
        """
        if not stored_events:
            return None
        with named_as_the_library_does():
            answer = self._writer.append(self._request(stored_events, reads, key))
        return _ids(answer, len(stored_events))

    def _request(
        self, stored_events: Sequence[StoredEvent], reads: Reads | None, key: str
    ) -> Request:
        places = {(str(event.originator_id), event.originator_version) for event in stored_events}
        if len(places) < len(stored_events):
            msg = "two of the events have the same originator and version"
            raise IntegrityError(msg)
        events = [
            NewEvent(
                str(event.originator_id),
                event.originator_version,
                event.topic,
                _body(event, self.name),
            )
            for event in stored_events
        ]
        # Without a key, a lost acknowledgement would come back as a conflict with itself.
        key = key or str(uuid4())
        digest = hashlib.sha256(b"\n".join(event.body for event in events)).digest()
        return Request(
            events,
            (Key(key, digest, 0, len(events)),),
            {str(originator): version for originator, version in (reads or {}).items()},
        )


class LedgerApplicationRecorder(LedgerAggregateRecorder, ApplicationRecorder):
    """Events of an application, also in the order in which they were recorded."""

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        reads: Reads | None = None,
        key: str = "",
        **_: object,
    ) -> Sequence[int] | None:
        """Record events together or not at all, and return their notification ids."""
        return self._insert(stored_events, reads, key)

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Return up to `limit` notifications from `start` up to and including `stop`."""
        first = (start or 0) - 1 if inclusive_of_start or start is None else start
        with self.connections.one() as connection:
            rows = connection.execute(
                "select position, version, type, record from ledger.event "
                "where log_id = %s and position >= %s and position < %s "
                "and (%s or type = any(%s)) order by position limit %s",
                (
                    self.log,
                    first,
                    _LAST_POSITION if stop is None else stop,
                    not topics,
                    list(topics),
                    limit,
                ),
                binary=True,
            ).fetchall()
        return [_notification(*row) for row in rows]

    def max_notification_id(self) -> int | None:
        """Return the last notification's id, None where nothing was recorded."""
        with self.connections.one() as connection:
            row = connection.execute(
                "select size from ledger.head where log_id = %s", (self.log,)
            ).fetchone()
        return int(row[0]) or None if row else None

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Follow the log beyond a notification id, until stopped."""
        return LedgerSubscription(self, gt, topics)


class LedgerTrackingRecorder(TrackingRecorder):
    """How far a projection has come; a view with tables of its own derives from it."""

    def __init__(self, connections: Connections, name: str) -> None:
        """Take the projection's name, under which its progress is kept."""
        super().__init__()
        self.connections = connections
        self.name = name

    @contextmanager
    def tracked(self, tracking: Tracking) -> Generator[Connection[Any]]:
        """Lend a connection in a transaction that records progress with what else it does.

        Raises `IntegrityError` where the projection has come as far already.
        """
        with self.connections.one() as connection, connection.transaction():
            row = connection.execute(
                "insert into ledger.tracking as t values (%s, %s, %s) "
                "on conflict (projection, application_name) do update "
                "set notification_id = excluded.notification_id "
                "where t.notification_id < excluded.notification_id returning 1",
                (self.name, tracking.application_name, tracking.notification_id),
            ).fetchone()
            if row is None:
                msg = f"{self.name} has come as far as {tracking} already"
                raise IntegrityError(msg)
            yield connection

    def insert_tracking(self, tracking: Tracking) -> None:
        """Record progress alone."""
        with self.tracked(tracking):
            pass

    def max_tracking_id(self, application_name: str) -> int | None:
        """Return the last notification that was processed, None where there is none."""
        with self.connections.one() as connection:
            row = connection.execute(
                "select notification_id from ledger.tracking "
                "where projection = %s and application_name = %s",
                (self.name, application_name),
            ).fetchone()
        return int(row[0]) if row else None


class LedgerProcessRecorder(LedgerTrackingRecorder, LedgerApplicationRecorder, ProcessRecorder):
    """Events that follow from those of another application, each of which counts once."""

    def __init__(self, connections: Connections, name: str) -> None:
        """Take the log and the progress of the application `name`."""
        LedgerApplicationRecorder.__init__(self, connections, name)

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        reads: Reads | None = None,
        key: str = "",
        **given: object,
    ) -> Sequence[int] | None:
        """Record events and, where `tracking` is given, progress: both or neither."""
        tracking = given.get("tracking")
        if not isinstance(tracking, Tracking):
            return self._insert(stored_events, reads, key)
        # Progress first: whoever waits for that row must not hold the log's head meanwhile.
        with self.tracked(tracking) as connection:
            if not stored_events:
                return None
            request = self._request(stored_events, reads, key)
            return _ids(append(connection, [request], log=self.log)[0], len(stored_events))


def _body(event: StoredEvent, source: str) -> bytes:
    """Return the record of a library event, without the opening that the ledger writes."""
    content = {
        "type": event.topic,
        "source": source,
        "subject": str(event.originator_id),
        "subject_type": "uuid" if isinstance(event.originator_id, UUID) else "text",
        "version": event.originator_version,
        "data_base64": b64encode(event.state).decode(),
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()[1:]


def _state(content: Mapping[str, Any]) -> bytes:
    return b64decode(content["data_base64"])


def _notification(position: int, version: int, topic: str, record: bytes) -> Notification:
    content = json.loads(record)
    subject = content["subject"]
    originator = UUID(subject) if content["subject_type"] == "uuid" else subject
    return Notification(originator, version, topic, _state(content), position + 1)


def _ids(answer: Answer, count: int) -> Sequence[int]:
    if answer.first_position is None:
        msg = f"{answer.outcome}: {answer.detail}"
        raise IntegrityError(msg)
    return [answer.first_position + 1 + index for index in range(count)]
