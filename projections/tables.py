"""Rows in PostgreSQL, each with the range of positions in which it held.

A row that is replaced is closed, never changed: so any position's rows are one indexed
look-up, and the event that caused a value is written beside it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar

from psycopg import Connection, sql

from core.ledger.flush import after_prefix
from projections.keys import Keys
from projections.versions import OPEN, Change, write
from projections.view import View

R = TypeVar("R")
# After so many questions for rows that are not there, it pays to read all keys that are.
_PATIENCE = 200
_OF_NOTHING = 100
"""What it weighs to remember that there is no row."""


class TableRows(Generic[R]):
    """The rows of one view: read through a bounded cache, changes gathered for one write."""

    def __init__(self, view: View[R], most: int = 4_000_000) -> None:
        """Keep current rows between batches, as many as come to `most` bytes of JSON."""
        self._view = view
        self._most = most
        self._current: OrderedDict[str, R | None] = OrderedDict()
        self._sizes: dict[str, int] = {}
        self._held = 0
        self._changes: dict[tuple[str, int], Change[R]] = {}
        # None where nobody has counted which keys the table has.
        self._keys: Keys | None = None
        self._in_vain = 0
        self._select = (
            sql.SQL("select doc::text from views.{} where key = %s and until = {}")
            .format(sql.Identifier(view.name), sql.Literal(OPEN))
            .as_bytes()
        )
        self._connection: Connection[Any] | None = None
        self.position = -1

    def begin(self, connection: Connection[Any], position: int) -> None:
        """Start a batch on a connection inside a transaction; the table is at `position`."""
        self._connection = connection
        self._changes.clear()
        if position < 0 and not self._current:
            self._keys = Keys()

    def forget(self) -> None:
        """Drop what is cached: the table has moved on without us, or was put back."""
        self._current.clear()
        self._sizes.clear()
        self._changes.clear()
        self._held = self._in_vain = 0
        self._keys = None

    def get(self, key: str) -> R | None:
        """Return the current row of a key."""
        current = self._current
        if key in current:
            current.move_to_end(key)
            return current[key]
        if self._keys is not None and key not in self._keys:
            return None
        row = current[key] = self._load(key)
        if row is None and self._keys is None:
            self._in_vain += 1
            if self._in_vain > _PATIENCE:
                self._keys = self._counted()
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
            for key, size in write(self._begun(), self._view, changes).items():
                if key in self._current:
                    self._weigh(key, size)
        self._changes.clear()
        while self._held > self._most and self._current:
            key, _ = self._current.popitem(last=False)
            self._held -= self._sizes.pop(key, 0)
        return len(changes)

    def _weigh(self, key: str, size: int) -> None:
        self._held += size - self._sizes.get(key, 0)
        self._sizes[key] = size

    def _become(self, key: str, row: R | None) -> None:
        now = self.get(key)
        if now == row:
            return
        self._current[key] = row
        if self._keys is not None:
            self._keys.add(key)
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
        found = self._begun().execute(self._select, (key,), prepare=True).fetchone()
        self._weigh(key, len(found[0]) if found else _OF_NOTHING)
        return self._view.read(found[0]) if found else None

    def _counted(self) -> Keys:
        """Return the keys of all current rows, of which those written last are not there yet."""
        copy = sql.SQL("copy (select key from views.{} where until = {}) to stdout").format(
            sql.Identifier(self._view.name), sql.Literal(OPEN)
        )
        with self._begun().cursor() as cursor, cursor.copy(copy) as found:
            keys = Keys(key for (key,) in found.rows())
        for change in self._changes.values():
            keys.add(change.key)
        return keys


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
    found = connection.execute(query, (position, position, *parameters)).fetchall()
    return [(key, since, view.read(doc)) for key, since, doc in found]


def row_at(
    connection: Connection[Any], view: View[R], position: int, key: str
) -> tuple[int, R] | None:
    """Return causing position and row of a key as it held at a position; None where none did.

    One look-up, however many versions the row has had: the last one that had begun, if it had
    not ended.
    """
    query = sql.SQL(
        "select since, until, doc::text from views.{} where key = %s and since <= %s "
        "order by since desc limit 1"
    ).format(sql.Identifier(view.name))
    found = connection.execute(query, (key, position)).fetchone()
    return (found[0], view.read(found[2])) if found and found[1] > position else None
