"""A file as rows with line numbers, whatever it was written with."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import Violation
from replay.imports import textfile, workbook
from replay.imports.cells import Cell
from replay.imports.findings import ImportRefused, shown
from replay.imports.mapping import FileShape
from replay.imports.templates import column_name

MOST_BYTES = 64 << 20
MOST_ROWS = 100_000
MOST_COLUMNS = 1_000
_MOST_NAMED = 40
_MOST_LETTERS = 40
# What an .xls of before 2007 begins with, and an .xlsx with a password.
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")

Record = tuple[int, Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Row:
    """A row's cells under the columns of its table, and the line on which it begins."""

    line: int
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's rows. `index` says where a column's cells stand; `misshapen` rows are left out.

    `ambiguous` are names that several columns bear.
    """

    digest: str
    index: dict[str, int]
    ambiguous: frozenset[str]
    rows: tuple[Row, ...]
    misshapen: tuple[tuple[int, Violation], ...]


def read_sheet(path: Path, shape: FileShape) -> Sheet:
    """Read a CSV or XLSX file; raises `ImportRefused` where it cannot be read as a table."""
    content = _content(path)
    digest = hashlib.sha256(content).hexdigest()
    if content.startswith(b"PK\x03\x04"):
        return _table(digest, workbook.records(content, shape.sheet), shape, padded=True)
    if content.startswith(_OLE):
        raise ImportRefused(
            Violation(
                "unreadable-file",
                "this is an old or a password-protected Excel file; save it as "
                ".xlsx without a password, or as CSV",
                "file",
                path.name,
            )
        )
    records = textfile.records(content, shape.encoding, shape.delimiter)
    return _table(digest, records, shape, padded=False)


def _content(path: Path) -> bytes:
    try:
        if not path.is_file():
            rule = "there is no such file" if not path.exists() else "this is not a file"
            raise ImportRefused(Violation("unreadable-file", rule, "file", str(path)))
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ImportRefused(
            Violation("unreadable-file", str(error.strerror), "file", str(path))
        ) from None
    if len(content) > MOST_BYTES:
        raise ImportRefused(
            Violation(
                "file-too-large",
                f"a file has at most {MOST_BYTES >> 20} MB; split it",
                "file",
                path.name,
            )
        )
    if not content:
        raise ImportRefused(Violation("empty-file", "the file is empty", "file", path.name))
    return content


def _table(digest: str, records: Iterable[Record], shape: FileShape, *, padded: bool) -> Sheet:
    filled = ((line, cells) for line, cells in records if any(c != "" for c in cells))
    header = next((r for r in filled if r[0] >= shape.header_line), None)
    if header is None:
        raise ImportRefused(
            Violation("empty-file", f"no header was found from line {shape.header_line} on", "file")
        )
    names = [column_name(str(cell)) for cell in header[1]]
    while padded and names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise ImportRefused(
            Violation(
                "too-many-columns",
                f"a table has at most {MOST_COLUMNS} columns",
                f"line {header[0]}",
                f"{len(names)} columns, the first {shown(names[0])}",
            )
        )
    rows: list[Row] = []
    misshapen: list[tuple[int, Violation]] = []
    for line, cells in filled:
        if len(rows) + len(misshapen) >= MOST_ROWS:
            raise ImportRefused(
                Violation(
                    "file-too-large",
                    f"a file has at most {MOST_ROWS} rows; split it",
                    f"line {line}",
                )
            )
        fitted = _padded(cells, len(names)) if padded else cells
        if len(fitted) == len(names):
            rows.append(Row(line, fitted))
        else:
            misshapen.append((line, _misshapen(len(fitted), len(names))))
    index = {name: i for i, name in enumerate(names) if name}
    ambiguous = frozenset(name for name in index if names.count(name) > 1)
    return Sheet(digest, index, ambiguous, tuple(rows), tuple(misshapen))


def _padded(cells: Sequence[Cell], width: int) -> Sequence[Cell]:
    """Return a workbook's row at the table's width: its empty cells at the end don't count."""
    kept = len(cells)
    while kept > width and cells[kept - 1] == "":
        kept -= 1
    return [*cells[:kept], *[""] * (width - kept)]


def _misshapen(found: int, expected: int) -> Violation:
    short = found < expected
    return Violation(
        "row-too-short" if short else "row-too-long",
        f"the header has {expected} columns; is a delimiter {'missing' if short else 'too much'}, "
        "or a text with one not in quotes?",
        "",
        f"{found} columns",
    )


def missing(names: Iterable[tuple[str, str]], sheet: Sheet) -> Iterator[Violation]:
    """Yield what is wrong with the columns that a mapping names, as (key, column)."""
    for key, name in names:
        if name in sheet.ambiguous:
            yield Violation(
                "column-repeated",
                "several columns of the file have this name; give each its own",
                key,
                name,
            )
        elif name not in sheet.index:
            yield Violation(
                "column-missing",
                f"the file has no such column; it has {listed(sheet.index)}",
                key,
                name,
            )


def listed(names: Iterable[str]) -> str:
    """Return column names for a message, however many and however long they are."""
    every = list(names)
    first = [n if len(n) <= _MOST_LETTERS else n[:_MOST_LETTERS] + "…" for n in every]
    more = f" and {len(every) - _MOST_NAMED} more" if len(every) > _MOST_NAMED else ""
    return ", ".join(first[:_MOST_NAMED]) + more
