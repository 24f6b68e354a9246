"""The log in PostgreSQL: reading rows, and appending groups of them.

The promises are kept by one SQL function (migrations/0001_ledger.sql); this file
speaks to it and reads what it wrote.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import args_row
from psycopg_pool import ConnectionPool

from core.ledger.flush import after_prefix, arrays
from core.ledger.outcome import heeding_warnings
from core.ledger.records import Stored
from core.ledger.requests import Answer, Request

LOG = 1
_LAST = 2**62
_PAGE = 4_096
_COLUMNS: LiteralString = "position, stream, version, type, recorded_at, record, leaf"


@dataclass(frozen=True, slots=True)
class Head:
    """The log's size, its Merkle frontier and root, and the last instant recorded."""

    size: int
    frontier: tuple[bytes, ...]
    root: bytes
    last_recorded_at: datetime | None


_APPEND: LiteralString = (
    "select outcome, first_position, at, detail from ledger.append("
    "%s, %s, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b)"
)


def append(
    connection: Connection[Any],
    requests: Sequence[Request],
    now: datetime | None = None,
    *,
    log: int = LOG,
) -> list[Answer]:
    """Append independent groups in one round trip and one commit; answers in order.

    `now` stands in for the database's clock. The connection must be in autocommit
    mode, or the caller commits. Raises `ValueError` for a group without events.
    """
    with connection.cursor(binary=True) as cursor:
        cursor.execute(_APPEND, (log, now, *arrays(requests)), prepare=True)
        row = cursor.fetchone()
    if row is None:
        msg = "the append gave no answer"
        raise LookupError(msg)
    return list(map(Answer, *row))


def page(connection: Connection[Any], start: int, limit: int) -> list[Stored]:
    """Return up to `limit` rows from position `start`, in order."""
    query: LiteralString = (
        "select " + _COLUMNS + " from ledger.event where log_id = %s "
        "and position >= %s order by position limit %s"
    )
    with connection.cursor(row_factory=args_row(Stored), binary=True) as cursor:
        return cursor.execute(query, (LOG, start, limit), prepare=True).fetchall()


def rows(connection: Connection[Any], start: int, stop: int) -> Iterator[tuple[Any, ...]]:
    """Yield the columns of positions from `start` up to, not including, `stop`, unnamed.

    For whoever reads the whole log and believes no column: a time of recording that no record
    can hold is None.
    """
    query: LiteralString = (
        "select position, stream, version, type, case when recorded_at >= '0001-01-01' and "
        "recorded_at < '9999-12-31' then recorded_at end, record, leaf from ledger.event "
        "where log_id = %s and position >= %s and position < %s order by position"
    )
    with connection.cursor(binary=True) as cursor:
        for at in range(start, stop, _PAGE):
            parameters = (LOG, at, min(at + _PAGE, stop))
            yield from cursor.execute(query, parameters, prepare=True).fetchall()


class Store:
    """Reads of the log, each on a pooled connection."""

    def __init__(self, pool: ConnectionPool[Connection[Any]]) -> None:
        """Take a pool whose connections are in autocommit mode."""
        self._pool = pool

    def head(self) -> Head:
        """Return the log's size, frontier and root, of one moment."""
        with self._pool.connection() as connection:
            row = connection.execute(
                "select size, frontier, ledger.root(frontier), "
                "nullif(last_recorded_at, '-infinity') from ledger.head where log_id = %s",
                (LOG,),
            ).fetchone()
        if row is None:
            msg = "the log has no head: the schema was not migrated"
            raise LookupError(msg)
        return Head(row[0], tuple(row[1]), row[2], row[3])

    def size(self) -> int:
        """Return how many events the log holds."""
        with self._pool.connection() as connection:
            row = connection.execute(
                "select size from ledger.head where log_id = %s", (LOG,)
            ).fetchone()
        return row[0] if row else 0

    def position_at(self, instant: datetime) -> int:
        """Return the last position recorded at or before an instant; -1 for none."""
        with self._pool.connection() as connection:
            row = connection.execute("select ledger.position_at(%s, %s)", (LOG, instant)).fetchone()
        return row[0] if row else -1

    def page(self, start: int, limit: int) -> list[Stored]:
        """Return up to `limit` rows from position `start`, in order."""
        with self._pool.connection() as connection:
            return page(connection, start, limit)

    def scan(self, start: int = 0, stop: int | None = None, page: int = 5_000) -> Iterator[Stored]:
        """Yield the rows of positions from `start` up to, not including, `stop`."""
        while True:
            size = page if stop is None else min(page, stop - start)
            rows = self.page(start, size) if size > 0 else []
            yield from rows
            if len(rows) < size or not rows:
                return
            start = rows[-1].position + 1

    def hashes(self, height: int, start: int, stop: int) -> Sequence[bytes]:
        """Return the stored hashes of a height from index `start` up to, not including, `stop`.

        Heights are 0 for leaves, and 8, 16 … for the roots of full tiles; what a
        `merkle.Tree` reads.
        """
        query: LiteralString = (
            "select hash from ledger.node where log_id = %s and height = %s "
            "and index >= %s and index < %s order by index"
        )
        parameters: tuple[int, ...] = (LOG, height, start, stop)
        if height == 0:
            query = (
                "select leaf from ledger.event where log_id = %s "
                "and position >= %s and position < %s order by position"
            )
            parameters = (LOG, start, stop)
        with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            return [hash_ for (hash_,) in cursor.execute(query, parameters, prepare=True)]

    def rows(self, start: int, stop: int) -> Iterator[tuple[Any, ...]]:
        """As the function of this name, on a pooled connection."""
        with self._pool.connection() as connection:
            yield from rows(connection, start, stop)

    def nodes(self) -> dict[tuple[int, int], bytes]:
        """Return every stored root of a full tile, by height and index."""
        with self._pool.connection() as connection:
            rows = connection.execute(
                "select height, index, hash from ledger.node where log_id = %s", (LOG,)
            ).fetchall()
        return {(height, index): bytes(root) for height, index, root in rows}

    def streams(self, after: Mapping[str, int], upto: int | None = None) -> list[Stored]:
        """Return the rows of streams beyond a version each, in order of position."""
        if not after:
            return []
        # Laterally, so that no plan ever reads the whole log for a few streams. Sorted here, where
        # streams are runs that are in order already: the server would sort whole rows, on disk.
        rows = self._fetch(
            "select e.* from unnest(%b::text[], %b::int[]) as s(stream, version) "
            "cross join lateral (select " + _COLUMNS + " from ledger.event e where e.log_id = %s "
            "and e.stream = s.stream and e.version > s.version and e.position <= %s offset 0) e",
            (list(after), list(after.values()), LOG, _LAST if upto is None else upto),
        )
        rows.sort(key=itemgetter(0))
        return rows

    def under(self, prefix: str, upto: int) -> list[Stored]:
        """Return the rows of every stream under a prefix, up to and including a position."""
        rows = self._fetch(
            "select " + _COLUMNS + " from ledger.event where log_id = %s "
            "and stream >= %s and stream < %s and position <= %s",
            (LOG, prefix, after_prefix(prefix), upto),
        )
        rows.sort(key=itemgetter(0))
        return rows

    def grown(self, prefix: str, after: int, upto: int) -> tuple[str, ...]:
        """Name the streams under a prefix with rows beyond one position, up to another."""
        with self._pool.connection() as connection:
            rows = connection.execute(
                "select distinct stream from ledger.event where log_id = %s and position > %s "
                "and position <= %s and stream >= %s and stream < %s order by stream",
                (LOG, after, upto, prefix, after_prefix(prefix)),
            ).fetchall()
        return tuple(row[0] for row in rows)

    def known(self, keys: Sequence[str]) -> dict[str, tuple[bytes, int, int]]:
        """Return digest, first position and number of events of each key that was recorded."""
        with self._pool.connection() as connection:
            rows = connection.execute(
                "select key, digest, first_position, event_count from ledger.command "
                "where log_id = %s and key = any(%b::text[])",
                (LOG, list(keys)),
            ).fetchall()
        return {row[0]: (row[1], row[2], row[3]) for row in rows}

    def settle(self) -> None:
        """Return when all that can be read now is as safe as an append that was acknowledged.

        What others committed can be read although their wait for the standby was cancelled.
        A commit of our own waits for everything before it. Raises `OutcomeUnknown`.
        """
        with (
            self._pool.connection() as connection,
            heeding_warnings(connection),
            connection.transaction(),
        ):
            connection.execute("set local synchronous_commit = on")
            connection.execute("set local client_min_messages = warning")
            connection.execute("select pg_logical_emit_message(true, 'ledger', '')")

    def _fetch(self, query: LiteralString, parameters: Sequence[Any]) -> list[Stored]:
        with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=args_row(Stored), binary=True) as cursor,
        ):
            return cursor.execute(query, parameters, prepare=True).fetchall()
