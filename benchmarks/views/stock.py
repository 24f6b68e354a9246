"""The eventsourcing library's own way: a ProjectionRunner with a view of one row an event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from eventsourcing.application import Application
from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL

from benchmarks.contenders.stock import Written

_BATCH = 100
_PATIENCE_S = 600.0


class Log(Application[UUID]):
    """An application of events, mapped and stored by the library's defaults."""


class OneRowAnEvent(PostgresTrackingRecorder):
    """A view as plain as can be."""

    def __init__(self, datastore: PostgresDatastore, **settings: Any) -> None:  # noqa: ANN401  # as the library has it
        """Have a table made beside the one for tracking."""
        super().__init__(datastore, **settings)
        self.sql_create_statements.append(
            SQL(
                "create table if not exists stock_row "
                "(position bigint primary key, stream text not null, doc text not null)"
            ).format()
        )

    def put(self, tracking: Tracking, stream: str, doc: str) -> None:
        """Write a row and how far the view is, in one transaction."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(
                SQL("insert into stock_row values (%s, %s, %s)"),
                (tracking.notification_id, stream, doc),
                prepare=True,
            )


class Rows(Projection[OneRowAnEvent]):
    """Folds each event into a row of its own."""

    name = "stockrows"
    topics = ()

    @singledispatchmethod
    def process_event(self, domain_event: Any, tracking: Tracking) -> None:  # noqa: ANN401  # as the library has it
        """Put the event's row."""
        self.view.put(tracking, domain_event.stream, domain_event.text)


class Stock:
    """Writes a log of its own, and lets a runner follow it."""

    def __init__(self, url: str) -> None:
        """Make the library's tables."""
        target = conninfo_to_dict(url)
        self._settings = {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": str(target["dbname"]),
            "POSTGRES_HOST": str(target["host"]),
            "POSTGRES_PORT": str(target["port"]),
            "POSTGRES_USER": str(target["user"]),
            "POSTGRES_PASSWORD": "-",  # asked for, and not used over a local socket
        }
        self._app = Log(self._settings)
        self._last = self._folded = 0

    def grow(self, events: int, size: int) -> None:
        """Append events, each about so large, a hundred to a stream."""
        for start in range(0, events, _BATCH):
            self.append(min(_BATCH, events - start), size)

    def append(self, events: int, size: int) -> int:
        """Append events of one new stream; return the last one's position."""
        stream = uuid4()
        recordings = self._app.events.put([written(stream, n + 1, size) for n in range(events)])
        self._last = recordings[-1].notification.id
        return self._last

    def runner(self) -> ProjectionRunner[Log, OneRowAnEvent]:
        """Return a runner, which begins at once."""
        return ProjectionRunner(
            application_class=Log,
            projection_class=Rows,
            view_class=OneRowAnEvent,
            env=self._settings,
        )

    def catch_up(self) -> int:
        """Run until the view has all."""
        if self._last == self._folded:
            return 0
        with self.runner() as runner:
            runner.wait(self._last, _PATIENCE_S)
        new, self._folded = self._last - self._folded, self._last
        return new

    def follow(self, until: Callable[[], None]) -> None:
        """Let a runner follow."""
        with self.runner():
            until()

    def close(self) -> None:
        """Disconnect."""
        self._app.close()


def written(stream: UUID, version: int, size: int) -> Written:
    """Return an event whose text is so long."""
    return Written(
        originator_id=stream,
        originator_version=version,
        timestamp=Written.create_timestamp(),
        stream=str(stream),
        text="x" * size,
    )
