"""Rows as lines of a table without structure: a name and a value for each cell."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from replay.exports.layout import KEY, SINCE, Column, cells_of
from replay.exports.shapes import Keyed, Many
from replay.exports.sink import Row
from replay.exports.values import as_json, value_of

Value = str | int | float | Decimal | date | datetime | None
"""What a cell holds; a bool is an int."""


class Table:
    """The columns of a table, and how a row fills them."""

    def __init__(self, columns: Collection[Column]) -> None:
        """Lay the columns out side by side."""
        self._columns = cells_of(columns)

    @property
    def names(self) -> Sequence[str]:
        """The header."""
        return (KEY, SINCE, *(cell.name for _, cells in self._columns for cell in cells))

    def line(self, row: Row) -> Sequence[Value]:
        """Return a row's values, in the order of the header; what has parts or items is JSON."""
        line: list[Value] = [row.key, row.since]
        for column, cells in self._columns:
            whole = column.of(row.document)
            for cell in cells:
                value = value_of(cell.shape, _at(whole, cell.path))
                is_json = value is not None and isinstance(cell.shape, Many | Keyed)
                line.append(as_json(value) if is_json else value)
        return line


def _at(document: Any, path: Sequence[str]) -> Any:  # noqa: ANN401  # any JSON
    for name in path:
        document = None if document is None else document.get(name)
    return document
