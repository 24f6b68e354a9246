"""Keeps the live views up with the ledger: read a batch, fold it, write rows and position.

Rows and position are written in one transaction, so a kill at any moment leaves the
view at some position, whole. A notification is only a hint; polling is the guarantee.
"""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

import psycopg
import structlog
from psycopg import Connection

from core.ledger.codec import known, wires_of
from core.ledger.records import Recorded, Stored
from core.ledger.roles import DatabaseRole, connect
from core.ledger.store import page
from projections.advance import Batch, Superseded, Tail, advance
from projections.progress import Followed, followed, progress, set_up, set_up_views
from projections.reading import MalformedRecord, readable
from projections.tables import TableRows
from projections.view import View

__all__ = [
    "Followed",
    "Projector",
    "Superseded",
    "followed",
    "progress",
    "set_up",
    "set_up_views",
]

_log = structlog.get_logger()


@dataclass(slots=True)
class Projector:
    """Folds the log into the tables of `views`. One thread at a time may use it.

    From one batch to the next, rows are kept in memory, as many as come to `most` bytes of JSON
    for all views together.
    """

    url: str
    views: Sequence[View[Any]]
    batch: int = 4_000
    poll_s: float = 0.2
    most: int = 32_000_000
    _tails: list[Tail] = field(default_factory=list[Tail])
    _connection: Connection[Any] | None = None
    _thread: Thread | None = None
    _stop: Event = field(default_factory=Event)
    _failure: str = ""
    _passed_over: set[str] = field(default_factory=set[str])
    _folded: frozenset[str] | None = field(init=False)

    def __post_init__(self) -> None:
        """Find out which records need not be read, since no view folds them."""
        self._folded = folded(self.views)

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
            with _no_collections():
                batch = self._read(rows)
                advance(connection, going, batch)
            for tail in going:
                if batch.fault and tail.position == batch.last:
                    tail.failure = batch.fault
                    _log.error("projector.view_failed", view=tail.view.name, error=batch.fault)
            if any(tail.failure for tail in going):
                self._tell()
            if len(rows) < self.batch and all(tail.position == batch.last for tail in going):
                break  # what comes now, somebody says, or the next poll finds it
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

    def _read(self, rows: Sequence[Stored]) -> Batch:
        records: list[Recorded] = []
        for row in rows:
            if not known(row.type) and row.type not in self._passed_over:
                self._passed_over.add(row.type)
                _log.warning("projector.unknown_type", type=row.type, position=row.position)
        try:
            records.extend(readable(rows, self._folded))
        except MalformedRecord as error:
            return Batch(rows[0].position, error.position - 1, records, str(error))
        return Batch(rows[0].position, rows[-1].position, records)

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
        # A view that forgets its last moments finds them in the log: only the log waits for the
        # disk. And its statements look up few rows by their keys, whatever the statistics say of
        # a table that has just been filled.
        for setting in ("synchronous_commit", "enable_seqscan", "enable_hashjoin"):
            connection.execute("select set_config(%s, 'off', false)", (setting,))
        connection.execute("listen ledger")
        done = progress(connection)
        failed = {tail.view.name: tail.failure for tail in self._tails}
        return [
            Tail(
                v,
                TableRows(v, self.most // len(self.views)),
                done.get(v.name, -1),
                failed.get(v.name, ""),
            )
            for v in self.views
        ]

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@contextmanager
def _no_collections() -> Generator[None]:
    """Look for no cycles of garbage meanwhile.

    Records and rows form none, and to look through all that are in memory, again and again while
    more of them are made, takes a quarter of the time.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def folded(views: Iterable[View[Any]]) -> frozenset[str] | None:
    """Return the wire names of all records that one of the views folds; None for any."""
    wires: set[str] = set()
    for view in views:
        if view.folds is None:
            return None
        for event in view.folds:
            wires |= wires_of(event.WIRE)
    return frozenset(wires)
