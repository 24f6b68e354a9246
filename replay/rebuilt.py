"""A view folded anew and held against its table, without ever holding a row an event.

Rows that a fold only adds are as many as events. Each says the same whenever it is looked at,
so they are compared as they come and let go; the others are compared when all is folded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from psycopg import Connection, sql

from projections.tables import rows_at
from projections.view import MemoryRows, View

R = TypeVar("R")


@dataclass(slots=True)
class Rebuilt(Generic[R]):
    """The rows of a view up to a position, as its fold makes them, beside those of its table."""

    connection: Connection[Any]
    view: View[R]
    position: int
    batch: int = 2_000
    _rows: MemoryRows[R] = field(default_factory=MemoryRows[R])
    _added: dict[str, R] = field(default_factory=dict[str, R])
    _found: int = 0
    _differing: list[str] = field(default_factory=list[str])

    def get(self, key: str) -> R | None:
        """Return a row, or None where there is none."""
        return self._rows.get(key)

    def put(self, key: str, row: R) -> None:
        """Add a row or replace it."""
        self._rows.put(key, row)

    def add(self, key: str, row: R) -> None:
        """Add a row under a new key."""
        self._added[key] = row
        if len(self._added) >= self.batch:
            self._compare(self._added)
            self._added.clear()

    def drop(self, key: str) -> None:
        """Remove a row."""
        self._rows.drop(key)

    def under(self, prefix: str) -> Sequence[str]:
        """Return the keys that begin with `prefix`, in order."""
        return self._rows.under(prefix)

    def finding(self) -> str:
        """Say how the table differs from what was folded; "" where the two are equal."""
        self._compare(self._added)
        rows = self._rows.rows
        keys = sorted(rows)
        for start in range(0, len(keys), self.batch):
            self._compare({key: rows[key] for key in keys[start : start + self.batch]})
        said: list[str] = []
        if differing := sorted(self._differing):
            said.append(f"{len(differing)} rows differ, first {differing[0]!r}")
        if beyond := self._count() - self._found:
            said.append(f"{beyond} rows are there that the records do not give")
        return "; ".join(said)

    def _compare(self, rows: Mapping[str, R]) -> None:
        own = sql.SQL("key = any(%s)")
        found = rows_at(self.connection, self.view, self.position, own, (list(rows),))
        live = {key: row for key, _, row in found}
        self._found += len(live)
        self._differing += [key for key, row in rows.items() if live.get(key) != row]

    def _count(self) -> int:
        query = sql.SQL("select count(*) from views.{} where since <= %s and until > %s")
        table = sql.Identifier(self.view.name)
        row = self.connection.execute(query.format(table), (self.position,) * 2).fetchone()
        return row[0] if row else 0
