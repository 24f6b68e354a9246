"""Rows in PostgreSQL, each with the range of positions in which it held.

A row that is replaced is closed, never changed: so any position's rows are one indexed
look-up, and the event that caused a value is written beside it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from psycopg import Connection, sql

from projections.view import View

R = TypeVar("R")
OPEN = 2**62
"""The `until` of a row that still holds."""


@dataclass(frozen=True, slots=True)
class Change(Generic[R]):
    """A row as it became at a position; None where it ended."""

    key: str
    position: int
    row: R | None


class TableRows(Generic[R]):
    """The rows of one view: read through a bounded cache, changes gathered for one write."""

    def __init__(self, view: View[R], most: int = 200_000) -> None:
        """Keep up to `most` current rows between batches."""
        self._view = view
        self._most = most
        self._current: OrderedDict[str, R | None] = OrderedDict()
        self._changes: dict[tuple[str, int], Change[R]] = {}
        self._connection: Connection[Any] | None = None
        self.position = -1

    def begin(self, connection: Connection[Any]) -> None:
        """Start a batch on a connection that is inside a transaction."""
        self._connection = connection
        self._changes.clear()

    def forget(self) -> None:
        """Drop what is cached: the table has moved on without us."""
        self._current.clear()
        self._changes.clear()

    def get(self, key: str) -> R | None:
        """Return the current row of a key."""
        if key not in self._current:
            self._current[key] = self._load(key)
        return self._current[key]

    def put(self, key: str, row: R) -> None:
        """Let `row` hold from the position at hand."""
        if self.get(key) != row:
            self._current[key] = row
            self._changes[key, self.position] = Change(key, self.position, row)

    def drop(self, key: str) -> None:
        """Let the row of a key end at the position at hand."""
        if self.get(key) is not None:
            self._current[key] = None
            self._changes[key, self.position] = Change(key, self.position, None)

    def flush(self) -> int:
        """Write what changed and return how many rows that were."""
        if self._connection is None:
            msg = "a batch is begun before it is flushed"
            raise RuntimeError(msg)
        changes = list(self._changes.values())
        if changes:
            write(self._connection, self._view, changes)
        self._changes.clear()
        while len(self._current) > self._most:
            self._current.popitem(last=False)
        return len(changes)

    def _load(self, key: str) -> R | None:
        if self._connection is None:
            msg = "a batch is begun before it is read"
            raise RuntimeError(msg)
        found = self._connection.execute(
            sql.SQL("select doc::text from views.{} where key = %s and until = %s").format(
                sql.Identifier(self._view.name)
            ),
            (key, OPEN),
        ).fetchone()
        return self._view.shape().validate_json(found[0]) if found else None


def write(connection: Connection[Any], view: View[R], changes: Sequence[Change[R]]) -> None:
    """Close the rows that `changes` replace, and add the new ones.

    Changes are in order of position; a key may change several times in a batch.
    """
    first: dict[str, int] = {}
    following: dict[str, int] = {}
    added: list[tuple[Any, ...]] = []
    serialise = view.shape().dump_json
    for change in reversed(changes):
        until = following.get(change.key, OPEN)
        following[change.key] = first[change.key] = change.position
        if change.row is not None and until > change.position:
            row = change.row
            added.append((
                change.key, change.position, until,
                *(column(row) for column in view.columns.values()),
                serialise(row).decode(),
            ))
    table = sql.Identifier(view.name)
    connection.execute(
        sql.SQL(
            "update views.{} v set until = c.position from unnest(%b::text[], %b::bigint[]) "
            "as c(key, position) where v.key = c.key and v.until = %s"
        ).format(table),
        (list(first), list(first.values()), OPEN),
    )
    names = sql.SQL(", ").join(map(sql.Identifier, ("key", "since", "until", *view.columns, "doc")))
    copy = sql.SQL("copy views.{} ({}) from stdin").format(table, names)
    with connection.cursor() as cursor, cursor.copy(copy) as target:
        for line in reversed(added):
            target.write_row(line)


def rows_at(
    connection: Connection[Any], view: View[R], position: int, where: sql.Composable | None = None,
    parameters: Iterable[Any] = (),
) -> list[tuple[str, int, R]]:
    """Return key, causing position and row of everything that held at a position."""
    query = sql.SQL(
        "select key, since, doc::text from views.{} where since <= %s and until > %s{} order by key"
    ).format(sql.Identifier(view.name),
             sql.SQL(" and ({})").format(where) if where is not None else sql.SQL(""))
    validate = view.shape().validate_json
    found = connection.execute(query, (position, position, *parameters)).fetchall()
    return [(key, since, validate(doc)) for key, since, doc in found]
