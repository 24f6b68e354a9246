"""The eventsourcing library as it comes, with its own PostgreSQL recorder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Event, Thread
from typing import ClassVar
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.application import Application
from eventsourcing.domain import DomainEvent
from eventsourcing.persistence import Notification
from psycopg.conninfo import conninfo_to_dict

from benchmarks.contender import Append, Seen, filler

_PAGE = 1_000


@dataclass(frozen=True)
class Written(DomainEvent):
    """An event of the benchmark."""

    stream: str
    text: str


class Stock:
    """An application, its events mapped and stored by the library's defaults."""

    SETTINGS: ClassVar[dict[str, str]] = {}

    def __init__(self, url: str, clients: int) -> None:
        """Connect with a pool that has a connection for each client."""
        target = conninfo_to_dict(url)
        self._app = Application[UUID](
            {
                "PERSISTENCE_MODULE": "eventsourcing.postgres",
                "POSTGRES_DBNAME": str(target["dbname"]),
                "POSTGRES_HOST": str(target["host"]),
                "POSTGRES_PORT": str(target["port"]),
                "POSTGRES_USER": str(target["user"]),
                "POSTGRES_PASSWORD": "-",  # asked for, and not used over a local socket
                "POSTGRES_POOL_SIZE": str(clients),
                "POSTGRES_MAX_OVERFLOW": "4",
                **self.SETTINGS,
            }
        )

    def prepare(self) -> None:
        """Do nothing: the application has made its tables."""

    def appender(self, stream: str, batch: int) -> Append:
        """Put new events of an originator."""
        version = 0
        originator = _id(stream)
        empty = self._app.mapper.to_stored_event(_written(originator, 1, stream, "")).state
        text = filler(len(empty))

        def append() -> None:
            nonlocal version
            self._app.events.put(
                [_written(originator, version + n, stream, text) for n in range(1, batch + 1)]
            )
            version += batch

        return append

    def read_all(self) -> int:
        """Read the notifications page by page, and map each to its event."""
        found = 0
        for notification in self._notifications():
            self._app.mapper.to_domain_event(notification)
            found += 1
        return found

    def read_stream(self, stream: str) -> int:
        """Get the events of an originator, and fold them to their last version."""
        version = 0
        for event in self._app.events.get(_id(stream)):
            version = event.originator_version
        return version

    def tail(self, seen: Seen, stop: Event) -> None:
        """Subscribe, as the library's projections do."""
        with self._app.recorder.subscribe(gt=0) as subscription:

            def stopped() -> None:
                stop.wait()
                subscription.stop()

            Thread(target=stopped, daemon=True).start()
            for notification in subscription:
                seen(json.loads(notification.state)["stream"], notification.originator_version)

    def close(self) -> None:
        """Disconnect."""
        self._app.close()

    def _notifications(self) -> Iterator[Notification]:
        start = 1
        while page := self._app.recorder.select_notifications(start, _PAGE):
            yield from page
            start = page[-1].id + 1


class WithFunctions(Stock):
    """The same with its database functions, which the library offers for speed."""

    SETTINGS: ClassVar[dict[str, str]] = {"POSTGRES_ENABLE_DB_FUNCTIONS": "y"}


def _id(stream: str) -> UUID:
    return uuid5(NAMESPACE_URL, stream)


def _written(originator: UUID, version: int, stream: str, text: str) -> Written:
    return Written(
        originator_id=originator,
        originator_version=version,
        timestamp=Written.create_timestamp(),
        stream=stream,
        text=text,
    )
