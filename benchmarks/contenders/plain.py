"""The limit: the same rows in the same table without a ledger around it.

No order of commits, no check of what was read, no tree. What a ledger adds is what it costs
beyond this.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from threading import Event
from typing import LiteralString

from benchmarks.connections import Connections
from benchmarks.contender import Append, Seen, filler
from core.ledger.migrate import migrate

_WIRE = "benchmarks.written.1"
_COLUMNS: LiteralString = (
    "insert into plain (log_id, position, stream, version, type, recorded_at, record, leaf) "
)
_PAUSE_S = 0.02

_Row = tuple[int, int, str, int, str, datetime, bytes, bytes]


class Plain:
    """A connection for each client; the positions are counted by the only process that writes."""

    def __init__(self, url: str, clients: int) -> None:
        """Connect when there is something to do."""
        self._url = url
        self._connections = Connections(url, clients)
        self._positions: Iterator[int] | None = None

    def prepare(self) -> None:
        """Copy the ledger's table, indexes and all."""
        migrate(self._url)
        self._connections.next().execute("create table plain (like ledger.event including all)")

    def appender(self, stream: str, batch: int) -> Append:
        """Insert one row by a prepared statement, or many by unnest."""
        connection, rows = self._connections.next(), self._rows(stream)
        values = "values (%b, %b, %b, %b, %b, %b, %b, %b)"
        columns = (
            "select * from unnest(%b::int[], %b::bigint[], %b::text[], %b::int[], %b::text[], "
            "%b::timestamptz[], %b::bytea[], %b::bytea[])"
        )

        def one() -> None:
            connection.execute(_COLUMNS + values, next(rows), prepare=True)

        def many() -> None:
            found = [next(rows) for _ in range(batch)]
            arrays = [list(column) for column in zip(*found, strict=True)]
            connection.execute(_COLUMNS + columns, arrays, prepare=True)

        return one if batch == 1 else many

    def read_all(self) -> int:
        """Copy the records out and decode each by the standard library."""
        found = 0
        copy_out = "copy (select record from plain order by position) to stdout (format binary)"
        with self._connections.next().cursor() as cursor, cursor.copy(copy_out) as copy:
            copy.set_types(["bytea"])
            for (record,) in copy.rows():
                json.loads(record)
                found += 1
        return found

    def read_stream(self, stream: str) -> int:
        """Select a stream's rows, and do nothing with them."""
        rows = self._connections.next().execute(
            "select position, stream, version, type, recorded_at, record, leaf from plain "
            "where log_id = 1 and stream = %s order by version",
            (stream,),
        )
        return len(rows.fetchall())

    def tail(self, seen: Seen, stop: Event) -> None:
        """Follow by position, as whoever has only a table would."""
        position = -1
        connection = self._connections.next()
        while not stop.is_set():
            rows = connection.execute(
                "select position, stream, version from plain where log_id = 1 and position > %s "
                "order by position limit 500",
                (position,),
            ).fetchall()
            for _, stream, version in rows:
                seen(stream, version)
            position = rows[-1][0] if rows else position
            if not rows:
                stop.wait(_PAUSE_S)

    def close(self) -> None:
        """Disconnect."""
        self._connections.close()

    def _rows(self, stream: str) -> Iterator[_Row]:
        if self._positions is None:
            row = self._connections.next().execute(
                "select coalesce(max(position) + 1, 0) from plain"
            )
            self._positions = count(next(row)[0])
        return _rows(stream, self._positions)


class Copied(Plain):
    """The same, with COPY into the table."""

    def appender(self, stream: str, batch: int) -> Append:
        """Copy rows in, in one transaction."""
        connection, rows = self._connections.next(), self._rows(stream)
        into = "copy plain (log_id, position, stream, version, type, recorded_at, record, leaf) "
        types = ["int4", "int8", "text", "int4", "text", "timestamptz", "bytea", "bytea"]

        def append() -> None:
            with (
                connection.cursor() as cursor,
                cursor.copy(into + "from stdin (format binary)") as copy,
            ):
                copy.set_types(types)
                for _ in range(batch):
                    copy.write_row(next(rows))

        return append


def _rows(stream: str, positions: Iterator[int]) -> Iterator[_Row]:
    record = json.dumps({"type": _WIRE, "text": ""})
    record = json.dumps({"type": _WIRE, "text": filler(len(record))})
    for version, position in zip(count(1), positions):
        content = record.encode()
        leaf = hashlib.sha256(b"\x00" + content).digest()
        yield 1, position, stream, version, _WIRE, datetime.now(UTC), content, leaf
