"""Keeps the live views up with the ledger: read a batch, fold it, write rows and position.

Rows and position are written in one transaction, so a kill at any moment leaves the
view at some position, whole. A notification is only a hint; polling is the guarantee.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

import psycopg
import structlog
from psycopg import Connection, sql

from core.ledger.records import Recorded, decode
from core.ledger.store import page
from projections.tables import TableRows
from projections.view import View

_log = structlog.get_logger()
_SETUP_LOCK = 0x5353_5020_5649_4557  # "SSP VIEW"


@dataclass(slots=True)
class Tail:
    """One view on its way: its rows, its last position, and why it stopped if it did."""

    view: View[Any]
    rows: TableRows[Any]
    position: int = -1
    failure: str = ""


@dataclass(slots=True)
class Projector:
    """Folds the log into the tables of `views`. One thread at a time may use it."""

    url: str
    views: Sequence[View[Any]]
    batch: int = 2_000
    poll_s: float = 0.2
    _tails: list[Tail] = field(default_factory=list)
    _connection: Connection[Any] | None = None
    _thread: Thread | None = None
    _stop: Event = field(default_factory=Event)

    def start(self) -> None:
        """Follow the ledger in a thread of its own until `stop`."""
        self._thread = Thread(target=self.run, name="projector", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch at hand, stop following, and disconnect."""
        self._stop.set()
        if self._thread is None:
            self._disconnect()
        else:
            self._thread.join()

    def run(self) -> None:
        """Follow the ledger; reconnect for as long as it takes."""
        pause_s = 0.1
        while not self._stop.is_set():
            try:
                self.catch_up()
                self._wait()
                pause_s = 0.1
            except psycopg.OperationalError as error:
                _log.warning("projector.reconnecting", error=str(error).strip())
                self._disconnect()
                self._stop.wait(pause_s)
                pause_s = min(pause_s * 2, 5.0)
        self._disconnect()

    def catch_up(self) -> int:
        """Fold everything recorded so far; return the last position, -1 for an empty log."""
        connection = self._connected()
        while not self._stop.is_set():
            going = [tail for tail in self._tails if not tail.failure]
            if not going:
                break
            start = min(tail.position for tail in going) + 1
            records = [decode(row) for row in page(connection, start, self.batch)]
            if not records:
                break
            for tail in going:
                self._advance(connection, tail, records)
        return min((tail.position for tail in self._tails), default=-1)

    def failures(self) -> dict[str, str]:
        """Return why views stopped, by name; empty where all are well."""
        return {tail.view.name: tail.failure for tail in self._tails if tail.failure}

    def _advance(
        self, connection: Connection[Any], tail: Tail, records: Sequence[Recorded]
    ) -> None:
        try:
            with connection.transaction():
                row = connection.execute(
                    "select position from views.progress where view = %s for update",
                    (tail.view.name,),
                ).fetchone()
                at = row[0] if row else -1
                if at != tail.position:  # another projector was here
                    tail.rows.forget()
                tail.rows.begin(connection)
                for record in records:
                    if record.position > at:
                        tail.rows.position = record.position
                        tail.view.fold(record, tail.rows)
                last = max(at, records[-1].position)
                tail.rows.flush()
                connection.execute(
                    "update views.progress set position = %s, updated_at = now() where view = %s",
                    (last, tail.view.name),
                )
            tail.position = last
        except psycopg.Error:
            tail.rows.forget()
            raise
        except Exception as error:
            # One view's defect must not hold up the others; it is shown, and readiness fails.
            tail.rows.forget()
            tail.failure = f"{type(error).__name__}: {error}"
            _log.exception("projector.view_failed", view=tail.view.name, position=tail.position)

    def _wait(self) -> None:
        deadline = time.monotonic() + self.poll_s
        connection = self._connected()
        for _ in connection.notifies(timeout=max(0.0, deadline - time.monotonic()), stop_after=1):
            return

    def _connected(self) -> Connection[Any]:
        if self._connection is None or self._connection.closed:
            connection = psycopg.connect(self.url, autocommit=True, application_name="ssp-projector")
            set_up(connection, self.views)
            connection.execute("listen ledger")
            done = progress(connection)
            self._tails = [Tail(v, TableRows(v), done[v.name]) for v in self.views]
            self._connection = connection
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def set_up(connection: Connection[Any], views: Sequence[View[Any]]) -> list[str]:
    """Create the tables of new or changed views, empty; return the names of those."""
    made: list[str] = []
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", (_SETUP_LOCK,))
        connection.execute("create schema if not exists views")
        connection.execute(
            "create table if not exists views.progress (view text primary key, "
            "version int not null, position bigint not null default -1, "
            "updated_at timestamptz not null default now())"
        )
        known = dict(connection.execute("select view, version from views.progress").fetchall())
        for view in views:
            if known.get(view.name) != view.version:
                table = sql.Identifier(view.name)
                connection.execute(sql.SQL("drop table if exists views.{}").format(table))
                connection.execute(view.table_sql().encode())
                connection.execute(
                    "insert into views.progress (view, version) values (%s, %s) on conflict (view) "
                    "do update set version = excluded.version, position = -1",
                    (view.name, view.version),
                )
                made.append(view.name)
    return made


def set_up_views(url: str, views: Sequence[View[Any]]) -> list[str]:
    """As `set_up`, on a connection of its own."""
    with psycopg.connect(url, autocommit=True, application_name="ssp-projector") as connection:
        return set_up(connection, views)


def progress(connection: Connection[Any]) -> dict[str, int]:
    """Return the last position of each view."""
    return dict(connection.execute("select view, position from views.progress").fetchall())
