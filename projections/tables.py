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

from core.ledger.flush import after_prefix
from projections.view import View

R = TypeVar("R")
OPEN = 2**62
"""The `until` of a row that still holds."""


@dataclass(frozen=True, slots=True)
class Change(Generic[R]):
    """A row as it became at a position, and as it was before; None where there was none."""

    key: str
    position: int
    row: R | None
    before: R | None


class TableRows(Generic[R]):
    """The rows of one view: read through a bounded cache, changes gathered for one write."""

    def __init__(self, view: View[R], most: int = 50_000) -> None:
        """Keep up to `most` current rows between batches."""
        self._view = view
        self._most = most
        self._current: OrderedDict[str, R | None] = OrderedDict()
        self._changes: dict[tuple[str, int], Change[R]] = {}
        self._whole = False
        self._connection: Connection[Any] | None = None
        self.position = -1

    def begin(self, connection: Connection[Any], position: int) -> None:
        """Start a batch on a connection inside a transaction; the table is at `position`."""
        self._connection = connection
        self._changes.clear()
        if position < 0:
            # Of an empty table the cache knows everything: what it lacks, there is not.
            self._whole = not self._current

    def forget(self) -> None:
        """Drop what is cached: the table has moved on without us, or was put back."""
        self._current.clear()
        self._changes.clear()
        self._whole = False

    def get(self, key: str) -> R | None:
        """Return the current row of a key."""
        if key in self._current:
            self._current.move_to_end(key)
            return self._current[key]
        if self._whole:
            return None
        row = self._current[key] = self._load(key)
        return row

    def put(self, key: str, row: R) -> None:
        """Let `row` hold from the position at hand."""
        self._become(key, row)

    def add(self, key: str, row: R) -> None:
        """Let `row` hold from the position at hand, under a key that had none before."""
        self._changes[key, self.position] = Change(key, self.position, row, None)

    def drop(self, key: str) -> None:
        """Let the row of a key end at the position at hand."""
        self._become(key, None)

    def under(self, prefix: str) -> Sequence[str]:
        """Return the keys of current rows that begin with `prefix`, in order."""
        found = self._begun().execute(
            sql.SQL("select key from views.{} where key >= %s and key < %s and until = {}").format(
                sql.Identifier(self._view.name), sql.Literal(OPEN)
            ),
            (prefix, after_prefix(prefix)),
        )
        keys = {key for (key,) in found}
        for change in self._changes.values():
            if change.key.startswith(prefix):
                (keys.discard if change.row is None else keys.add)(change.key)
        return sorted(keys)

    def flush(self) -> int:
        """Write what changed and return how many rows that were."""
        changes = list(self._changes.values())
        if changes:
            write(self._begun(), self._view, changes)
        self._changes.clear()
        while len(self._current) > self._most:
            self._current.popitem(last=False)
            self._whole = False
        return len(changes)

    def _become(self, key: str, row: R | None) -> None:
        now = self.get(key)
        if now == row:
            return
        self._current[key] = row
        self._current.move_to_end(key)
        at = key, self.position
        earlier = self._changes.get(at)
        before = now if earlier is None else earlier.before
        if before == row:  # one event changed it there and back
            del self._changes[at]
        else:
            self._changes[at] = Change(key, self.position, row, before)

    def _begun(self) -> Connection[Any]:
        if self._connection is None:
            msg = "a batch is begun before its rows are read or written"
            raise RuntimeError(msg)
        return self._connection

    def _load(self, key: str) -> R | None:
        found = (
            self._begun()
            .execute(
                sql.SQL("select doc::text from views.{} where key = %s and until = {}").format(
                    sql.Identifier(self._view.name), sql.Literal(OPEN)
                ),
                (key,),
            )
            .fetchone()
        )
        return self._view.shape().validate_json(found[0]) if found else None


def write(connection: Connection[Any], view: View[R], changes: Sequence[Change[R]]) -> None:
    """Close the rows that `changes` replace, and add the new ones.

    Changes are in order of position; a key may change several times in a batch, but
    once at a position.
    """
    first: dict[str, int] = {}
    following: dict[str, int] = {}
    added: list[tuple[Any, ...]] = []
    serialise = view.shape().dump_json
    for change in reversed(changes):
        until = following.get(change.key, OPEN)
        following[change.key] = change.position
        if change.before is not None:
            first[change.key] = change.position
        if change.row is not None:
            row = change.row
            columns = (_storable(column(row)) for column in view.columns.values())
            doc = serialise(row).decode()
            added.append((change.key, change.position, until, *columns, doc))
    table = sql.Identifier(view.name)
    connection.execute(
        sql.SQL(
            "update views.{} v set until = c.position from unnest(%b::text[], %b::bigint[]) "
            "as c(key, position) where v.key = c.key and v.until = {}"
        ).format(table, sql.Literal(OPEN)),
        (list(first), list(first.values())),
    )
    names = sql.SQL(", ").join(map(sql.Identifier, ("key", "since", "until", *view.columns, "doc")))
    copy = sql.SQL("copy views.{} ({}) from stdin").format(table, names)
    with connection.cursor() as cursor, cursor.copy(copy) as target:
        for line in reversed(added):
            target.write_row(line)


def _storable(value: str | None) -> str | None:
    """Replace what PostgreSQL cannot hold in a text; the row itself keeps it."""
    return value and value.replace("\0", "\N{REPLACEMENT CHARACTER}")


def rows_at(
    connection: Connection[Any],
    view: View[R],
    position: int,
    where: sql.Composable | None = None,
    parameters: Iterable[Any] = (),
) -> list[tuple[str, int, R]]:
    """Return key, causing position and row of everything that held at a position."""
    query = sql.SQL(
        "select key, since, doc::text from views.{} where since <= %s and until > %s{} order by key"
    ).format(
        sql.Identifier(view.name),
        sql.SQL(" and ({})").format(where) if where is not None else sql.SQL(""),
    )
    validate = view.shape().validate_json
    found = connection.execute(query, (position, position, *parameters)).fetchall()
    return [(key, since, validate(doc)) for key, since, doc in found]
