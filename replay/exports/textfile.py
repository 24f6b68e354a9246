"""CSV that no spreadsheet takes for a program, and that says on each line what it is of.

A text that a spreadsheet would calculate gets an apostrophe before it, and so does one that
begins with an apostrophe: a reader takes one away wherever there is one, and has the text again.
CSV has no place for what the file is of, and comments are part of no standard: a reader would
take one for the header. So four columns at the end of each line say it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from io import TextIOWrapper
from typing import BinaryIO

from replay.exports.formulas import BEGINS
from replay.exports.layout import OF, Column
from replay.exports.sink import Provenance, Row
from replay.exports.table import Table, Value

# Tabs and ends of lines begin a new cell for some programs.
_CALCULATED = re.compile(rf"{BEGINS}|['\t\r\n]")


class CommaSeparated:
    """UTF-8 with a byte order mark, for Excel; lines end as RFC 4180 has it."""

    def __init__(self, file: BinaryIO, provenance: Provenance, columns: Collection[Column]) -> None:
        """Write the header."""
        self._text = TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=False)
        self._lines = csv.writer(self._text)
        self._table = Table(columns)
        texts = provenance.texts()
        self._of = [texts[name] for name in OF]
        self._lines.writerow([*self._table.names, *OF])

    def add(self, row: Row) -> None:
        """Write a line."""
        self._lines.writerow([*map(_written, self._table.line(row)), *self._of])

    def close(self) -> None:
        """Write what is left; the file stays open for whoever opened it."""
        self._text.flush()
        self._text.detach()


def _written(value: Value) -> str:
    match value:
        case str():
            return f"'{value}" if _CALCULATED.match(value) else value
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case int() | float():
            return repr(value)
