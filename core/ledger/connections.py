"""The connections that recorders share, with errors as the eventsourcing library names them."""

from __future__ import annotations

import weakref
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Any

import psycopg
from eventsourcing import persistence
from psycopg import Connection, IsolationLevel
from psycopg_pool import ConnectionPool

from core.ledger.roles import DatabaseRole, assume, url_for
from core.ledger.writer import OutcomeUnknown, Writer, WriterClosed

_NAMED: dict[type[Exception], type[persistence.PersistenceError]] = {
    OutcomeUnknown: persistence.OperationalError,
    WriterClosed: persistence.OperationalError,
    psycopg.OperationalError: persistence.OperationalError,
    psycopg.IntegrityError: persistence.IntegrityError,
    psycopg.DataError: persistence.DataError,
    psycopg.InternalError: persistence.InternalError,
    psycopg.ProgrammingError: persistence.ProgrammingError,
    psycopg.NotSupportedError: persistence.NotSupportedError,
    psycopg.DatabaseError: persistence.DatabaseError,
    psycopg.InterfaceError: persistence.InterfaceError,
    psycopg.Error: persistence.PersistenceError,
}


@contextmanager
def named_as_the_library_does() -> Generator[None]:
    """Raise what the database refuses as the library's error of the same meaning."""
    try:
        yield
    except (psycopg.Error, OutcomeUnknown, WriterClosed) as error:
        name = next(_NAMED[kind] for kind in type(error).__mro__ if kind in _NAMED)
        raise name(str(error)) from error


class Connections:
    """A pool for reading and a writer for each log, closed with their last user."""

    def __init__(self, url: str) -> None:
        """Connect to a migrated database when there is something to do."""
        self.url = url
        self._pool: ConnectionPool[Connection[Any]] = ConnectionPool(
            url_for(url, DatabaseRole.WRITER),
            min_size=0,
            max_size=8,
            open=True,
            configure=_to_write,
            check=ConnectionPool.check_connection,
            kwargs={"autocommit": True, "application_name": "ssp-recorder"},
        )
        self._writers: list[Writer] = []
        # The library's applications are often left open, so what nobody holds is closed.
        self.close = weakref.finalize(self, _close, self._pool, self._writers)

    @contextmanager
    def one(self) -> Generator[Connection[Any]]:
        """Lend a connection in autocommit mode."""
        with named_as_the_library_does(), self._pool.connection() as connection:
            yield connection

    def writer(self, log: int) -> Writer:
        """Make a writer to a log, to be closed with the rest."""
        writer = Writer(self.url, log=log)
        self._writers.append(writer)
        return writer

    def log(self, name: str) -> int:
        """Return the number of a log, which begins to exist if it did not."""
        with self.one() as connection:
            row = connection.execute("select ledger.log(%s)", (name,)).fetchone()
        if row is None:
            msg = f"the database gave no number to the log {name}"
            raise persistence.InternalError(msg)
        return int(row[0])


def _to_write(connection: Connection[Any]) -> None:
    assume(connection, DatabaseRole.WRITER)
    # An append must see what was committed before it got the lock.
    connection.isolation_level = IsolationLevel.READ_COMMITTED


def _close(pool: ConnectionPool[Connection[Any]], writers: Iterable[Writer]) -> None:
    for writer in writers:
        writer.close()
    pool.close()
