"""Keeps the live views up with the ledger: read a batch, fold it, write rows and position.

Rows and position are written in one transaction, so a kill at any moment leaves the
view at some position, whole. A notification is only a hint; polling is the guarantee.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

import psycopg
import structlog
from psycopg import Connection, sql

from core.ledger.codec import known
from core.ledger.records import Recorded, Stored
from core.ledger.roles import DatabaseRole, connect
from core.ledger.store import page
from projections.reading import MalformedRecord, readable
from projections.tables import TableRows
from projections.view import View

_log = structlog.get_logger()
_SETUP_LOCK = 0x5353_5020_5649_4557  # "SSP VIEW"


class Superseded(Exception):
    """Another version of this program has made a view's table for itself."""


@dataclass(slots=True)
class Tail:
    """One view on its way: its rows, its last position, and why it stopped if it did."""

    view: View[Any]
    rows: TableRows[Any]
    position: int = -1
    failure: str = ""


@dataclass(frozen=True, slots=True)
class _Batch:
    """What a page of the log says: records from `start` to `last`, unknown ones left out.

    `fault` is why nothing beyond `last` can be read, empty where all could.
    """

    start: int
    last: int
    records: Sequence[Recorded]
    fault: str = ""


@dataclass(slots=True)
class Projector:
    """Folds the log into the tables of `views`. One thread at a time may use it.

    From one batch to the next, rows are kept in memory: of each view as many as come to `most`
    bytes of JSON.
    """

    url: str
    views: Sequence[View[Any]]
    batch: int = 2_000
    poll_s: float = 0.2
    most: int = 4_000_000
    _tails: list[Tail] = field(default_factory=list[Tail])
    _connection: Connection[Any] | None = None
    _thread: Thread | None = None
    _stop: Event = field(default_factory=Event)
    _failure: str = ""
    _passed_over: set[str] = field(default_factory=set[str])

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
        try:
            while not self._stop.is_set():
                try:
                    self.catch_up()
                    self._wait()
                    pause_s = 0.1
                except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                    _log.warning("projector.reconnecting", error=str(error).strip())
                    self._disconnect()
                    self._stop.wait(pause_s)
                    pause_s = min(pause_s * 2, 5.0)
        except Exception as error:  # noqa: BLE001  # nobody waits for this thread: see `failures`
            self._failure = f"{type(error).__name__}: {error}"
            _log.exception("projector.stopped")
            self._tell()
        finally:
            self._disconnect()

    def catch_up(self) -> int:
        """Fold everything recorded so far; return the last position, -1 for an empty log."""
        connection = self._connected()
        while not self._stop.is_set():
            going = [tail for tail in self._tails if not tail.failure]
            if not going:
                break
            start = min(tail.position for tail in going) + 1
            rows = page(connection, start, self.batch)
            if not rows:
                break
            batch = self._read(rows)
            for tail in going:
                if tail.position < batch.last:
                    self._advance(connection, tail, batch)
                if batch.fault and tail.position == batch.last:
                    tail.failure = batch.fault
                    _log.error("projector.view_failed", view=tail.view.name, error=batch.fault)
            if any(tail.failure for tail in going):
                self._tell()
        return min((tail.position for tail in self._tails), default=-1)

    def failures(self) -> dict[str, str]:
        """Return why views stopped, by name; empty where all are well."""
        if self._failure:
            return {view.name: self._failure for view in self.views}
        return {tail.view.name: tail.failure for tail in self._tails if tail.failure}

    def _tell(self) -> None:
        """Write down which views stopped, so that every server can say so, not only this one."""
        try:
            with connect(
                self.url, DatabaseRole.PROJECTOR, application="ssp-projector"
            ) as connection:
                for view in self.views:
                    # Where the table is another version's by now, it is not ours to speak of.
                    connection.execute(
                        "update views.progress set failure = %s where view = %s and version = %s",
                        (self.failures().get(view.name, ""), view.name, view.version),
                    )
        except psycopg.Error as error:  # it is in the log in any case
            _log.warning("projector.failure_not_told", error=str(error).strip())

    def _read(self, rows: Sequence[Stored]) -> _Batch:
        records: list[Recorded] = []
        for row in rows:
            if not known(row.type) and row.type not in self._passed_over:
                self._passed_over.add(row.type)
                _log.warning("projector.unknown_type", type=row.type, position=row.position)
        try:
            records.extend(readable(rows))
        except MalformedRecord as error:
            return _Batch(rows[0].position, error.position - 1, records, str(error))
        return _Batch(rows[0].position, rows[-1].position, records)

    def _advance(self, connection: Connection[Any], tail: Tail, batch: _Batch) -> None:
        try:
            with connection.transaction():
                reached = self._fold(connection, tail, batch)
            tail.position = reached
        except Superseded as error:
            tail.failure = str(error)
            _log.error(
                "projector.view_failed", view=tail.view.name, error=tail.failure
            )  # nothing broke, so there is no trace to show
        except Exception as error:
            tail.rows.forget()
            if connection.closed or isinstance(error, psycopg.OperationalError):
                raise
            # One view's defect must not hold up the others; it is shown by `failures`.
            tail.failure = f"{type(error).__name__}: {error}"
            _log.exception("projector.view_failed", view=tail.view.name, position=tail.position)
        except BaseException:
            tail.rows.forget()
            raise

    def _fold(self, connection: Connection[Any], tail: Tail, batch: _Batch) -> int:
        """Fold a batch inside a transaction, and return the position then reached."""
        found = connection.execute(
            "select position, version from views.progress where view = %s for update",
            (tail.view.name,),
        ).fetchone()
        if found is None or found[1] != tail.view.version:
            msg = f"the table was made for version {found and found[1]} of the view"
            raise Superseded(msg)
        at: int = found[0]
        if at != tail.position:  # another projector was here, or the table was made anew
            tail.rows.forget()
        if not batch.start - 1 <= at < batch.last:
            return at
        tail.rows.begin(connection, at)
        for record in batch.records:
            if record.position > at:
                tail.rows.position = record.position
                tail.view.fold(record, tail.rows)
        tail.rows.flush()
        connection.execute(
            "update views.progress set position = %s, failure = '', updated_at = now() "
            "where view = %s",
            (batch.last, tail.view.name),
        )
        return batch.last

    def _wait(self) -> None:
        for _ in self._connected().notifies(timeout=self.poll_s, stop_after=1):
            return

    def _connected(self) -> Connection[Any]:
        if self._connection is None or self._connection.closed:
            connection = connect(self.url, DatabaseRole.PROJECTOR, application="ssp-projector")
            try:
                self._tails = self._begin(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _begin(self, connection: Connection[Any]) -> list[Tail]:
        if not self._tails:  # tables are made once: another version may have come since
            set_up(connection, self.views)
        connection.execute("listen ledger")
        done = progress(connection)
        failed = {tail.view.name: tail.failure for tail in self._tails}
        return [
            Tail(v, TableRows(v, self.most), done.get(v.name, -1), failed.get(v.name, ""))
            for v in self.views
        ]

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def set_up(connection: Connection[Any], views: Sequence[View[Any]]) -> list[str]:
    """Create the tables of new or changed views, empty; return the names of those.

    The connection acts as the projector, to whom the tables then belong.
    """
    made: list[str] = []
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", (_SETUP_LOCK,))
        # Of every table that it will ever make here.
        connection.execute(
            "alter default privileges in schema views grant select on tables to ssp_reader"
        )
        connection.execute(
            "create table if not exists views.progress (view text primary key, "
            "version int not null, position bigint not null default -1, "
            "failure text not null default '', updated_at timestamptz not null default now())"
        )
        known = dict(connection.execute("select view, version from views.progress").fetchall())
        for view in views:
            if known.get(view.name) != view.version:
                table = sql.Identifier(view.name)
                connection.execute(sql.SQL("drop table if exists views.{}").format(table))
                connection.execute(view.table_sql().encode())
                connection.execute(
                    "insert into views.progress (view, version) values (%s, %s) on conflict (view) "
                    "do update set version = excluded.version, position = -1, failure = ''",
                    (view.name, view.version),
                )
                made.append(view.name)
    return made


def set_up_views(url: str, views: Sequence[View[Any]]) -> list[str]:
    """As `set_up`, on a connection of its own."""
    with connect(url, DatabaseRole.PROJECTOR, application="ssp-projector") as connection:
        return set_up(connection, views)


@dataclass(frozen=True, slots=True)
class Followed:
    """The last position that every view has folded (-1 for none), and which views stopped."""

    position: int
    stopped: Sequence[str]


def followed(connection: Connection[Any], views: Sequence[View[Any]]) -> Followed:
    """Return how far views are, as their projectors wrote it down."""
    made = connection.execute("select to_regclass('views.progress') is not null").fetchone()
    if not made or not made[0]:
        return Followed(-1, ())
    rows = connection.execute("select view, position, failure from views.progress").fetchall()
    at = {name: (position, failure) for name, position, failure in rows}
    return Followed(
        min((at.get(view.name, (-1, ""))[0] for view in views), default=-1),
        [view.name for view in views if at.get(view.name, (-1, ""))[1]],
    )


def progress(connection: Connection[Any]) -> dict[str, int]:
    """Return the last position of each view."""
    return dict(connection.execute("select view, position from views.progress").fetchall())
