"""Rows as lines of a table without structure: a name and a value for each cell."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from replay.exports.layout import KEY, SINCE, Column, cells_of
from replay.exports.shapes import Keyed, Many, Shape
from replay.exports.sink import Row
from replay.exports.values import DOCUMENT, VALUES, Read, as_json, reader_of

Value = str | int | float | Decimal | date | datetime | None
"""What a cell holds; a bool is an int."""


class Table:
    """The columns of a table, and how a row fills them."""

    def __init__(self, columns: Collection[Column]) -> None:
        """Lay the columns out side by side."""
        self.names: list[str] = [KEY, SINCE]
        self._of_kind: dict[str, list[tuple[int, Sequence[str], Read]]] = {}
        for column, cells in cells_of(columns):
            for cell in cells:
                place = (len(self.names), (column.field, *cell.path), _reader(cell.shape))
                self.names.append(cell.name)
                for kind in column.kinds:
                    self._of_kind.setdefault(kind, []).append(place)

    def line(self, row: Row) -> Sequence[Value]:
        """Return a row's values, in the order of the names; what has parts or items is JSON."""
        line: list[Value] = [row.key, row.since, *[None] * (len(self.names) - 2)]
        for index, path, read in self._of_kind.get(row.kind, ()):
            value: Any = row.document
            for name in path:
                value = value.get(name) if value is not None else None
            line[index] = read(value)
        return line


def _reader(shape: Shape) -> Read:
    if not isinstance(shape, Many | Keyed):
        return reader_of(shape, VALUES)
    read = reader_of(shape, DOCUMENT)
    return lambda given: None if given is None else as_json(read(given))
