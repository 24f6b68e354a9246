"""XLSX: a sheet for each kind of row, and what the file is of among its properties.

Sheets are written line by line. What a workbook cannot hold is never dropped unsaid: a long text
ends with a note of how long it was, and rows beyond a sheet's last go on in another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, BinaryIO, cast

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.packaging.custom import StringProperty

from replay.exports.formulas import BEGINS
from replay.exports.layout import Column
from replay.exports.sink import Provenance, Row
from replay.exports.table import Table, Value

# What begins a formula, an error or, edited, either of them; and what XML has no way to write.
_TAKEN_OTHERWISE = re.compile(f"^(?:{BEGINS}|[#'])|{ILLEGAL_CHARACTERS_RE.pattern}")
MOST_ROWS = 1_048_576
MOST_LETTERS = 32_767
_MOST_DIGITS = 15
_FIRST_YEAR = 1900
_LETTERS_OF_A_NAME = 25
_GREATEST = 300


class Spreadsheet:
    """Instants are in UTC, since a workbook knows no time zones."""

    def __init__(
        self, file: BinaryIO, provenance: Provenance, columns: Mapping[str, tuple[Column, ...]]
    ) -> None:
        """Begin a sheet for each kind."""
        self._file = file
        self._book = cast("Any", Workbook(write_only=True))
        for name, text in provenance.texts().items():
            self._book.custom_doc_props.append(StringProperty(name=name, value=text))
        self._book.properties.title = f"{provenance.view} at position {provenance.as_of_position}"
        self._tables = {kind: Table(of_kind) for kind, of_kind in columns.items()}
        self._sheets = {kind: self._sheet(kind, 1) for kind in columns}
        self._lines = dict.fromkeys(columns, 1)
        self._parts = dict.fromkeys(columns, 1)

    def add(self, row: Row) -> None:
        """Write a line on the sheet of the row's kind."""
        kind = row.kind
        if self._lines[kind] == MOST_ROWS:
            self._parts[kind] += 1
            self._sheets[kind] = self._sheet(kind, self._parts[kind])
            self._lines[kind] = 1
        sheet = self._sheets[kind]
        sheet.append([_cell(sheet, value) for value in self._tables[kind].line(row)])
        self._lines[kind] += 1

    def close(self) -> None:
        """Put the sheets together."""
        self._book.save(self._file)

    def _sheet(self, kind: str, part: int) -> Any:  # noqa: ANN401  # openpyxl's write-only sheet
        name = (kind or "rows")[:_LETTERS_OF_A_NAME]
        sheet = self._book.create_sheet(name if part == 1 else f"{name} {part}")
        sheet.freeze_panes = "B2"
        sheet.append([_text(sheet, heading) for heading in self._tables[kind].names])
        return sheet


def _cell(sheet: Any, value: Value) -> Any:  # noqa: ANN401  # openpyxl's sheets and cells
    """Return a value as a workbook holds it, as text where it cannot hold it as what it is."""
    if isinstance(value, str):
        plain = len(value) <= MOST_LETTERS and not _TAKEN_OTHERWISE.search(value)
        return value if plain else _text(sheet, value)
    if not _holds(value):
        return _text(sheet, str(value))
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value


def _holds(value: Value) -> bool:
    match value:
        case date():
            return value.year >= _FIRST_YEAR
        case int():
            # A spreadsheet keeps fifteen digits, and makes zeros of those that follow.
            return len(str(abs(value))) <= _MOST_DIGITS
        case Decimal():
            return value.is_finite() and abs(value.adjusted()) < _GREATEST
        case _:
            return True


def _text(sheet: Any, text: str) -> Any:  # noqa: ANN401  # as above
    """Return a cell that is text whatever it begins with, before it is edited and after."""
    sound = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text)
    if len(sound) > MOST_LETTERS:
        note = f" […, {len(sound)} characters]"
        sound = sound[: MOST_LETTERS - len(note)] + note
    cell: Any = WriteOnlyCell(sheet, value="")
    cell.value = sound
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell
