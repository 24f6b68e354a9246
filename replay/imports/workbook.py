"""XLSX through openpyxl, with its results and dates, and without what would exhaust memory."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from itertools import zip_longest
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook

from core.errors import Violation
from replay.imports.cells import Cell, Uncalculated
from replay.imports.findings import ImportRefused, shown

MOST_UNPACKED_BYTES = 256 << 20
MOST_PARTS = 2_000
MOST_LINES = 200_000
MOST_CELLS = 1_000
_FORMULA = "f"


def records(content: bytes, sheet: str | None) -> list[tuple[int, Sequence[Cell]]]:
    """Return each row of a sheet with its number.

    Raises `ImportRefused` where the archive would unpack to more than any table needs,
    or is none that openpyxl reads.
    """
    _unpacks_to_little(content)
    try:
        with warnings.catch_warnings():
            # Of charts, validations and the like, which no table needs.
            warnings.simplefilter("ignore")
            return list(_records(content, sheet))
    except ImportRefused:
        raise
    except Exception as error:  # noqa: BLE001  # openpyxl raises whatever it stumbles on
        raise _refused(
            f"not a sound workbook ({type(error).__name__}: {shown(str(error))})"
        ) from None


def _unpacks_to_little(content: bytes) -> None:
    try:
        with ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
    except (BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise _refused(f"a damaged archive: {shown(str(error))}") from None
    # No part is ever read beyond the size that it is listed with here.
    size = sum(part.file_size for part in parts)
    if size > MOST_UNPACKED_BYTES or len(parts) > MOST_PARTS:
        raise ImportRefused(
            Violation(
                "file-too-large",
                f"a workbook unpacks to at most {MOST_UNPACKED_BYTES >> 20} MB in "
                f"{MOST_PARTS} parts",
                "file",
                f"{size >> 20} MB in {len(parts)} parts",
            )
        )


def _records(content: bytes, sheet: str | None) -> Iterator[tuple[int, Sequence[Cell]]]:
    with (
        closing(load_workbook(BytesIO(content), read_only=True, data_only=True)) as results,
        closing(load_workbook(BytesIO(content), read_only=True)) as formulas,
    ):
        name = _named(results, sheet)
        # What a sheet claims as its size may be wrong, or a billion rows.
        for book in (results, formulas):
            book[name].reset_dimensions()
        rows = zip_longest(results[name].iter_rows(), formulas[name].iter_rows(), fillvalue=())
        for line, (values, sources) in enumerate(rows, 1):
            if line > MOST_LINES or len(values) > MOST_CELLS:
                raise ImportRefused(
                    Violation(
                        "file-too-large",
                        f"a sheet has at most {MOST_LINES} rows of {MOST_CELLS} "
                        "cells; delete what lies beyond the table",
                        f"line {line}",
                    )
                )
            yield line, [_cell(*pair) for pair in zip(values, sources, strict=True)]


def _named(book: Any, sheet: str | None) -> str:  # noqa: ANN401  # openpyxl's read-only workbook
    found = [s.title for s in book.worksheets if s.sheet_state == "visible"]
    if sheet is None and len(found) == 1:
        return str(found[0])
    if sheet in book.sheetnames:
        return str(sheet)
    rule = "name the sheet in the mapping's [file]" if sheet is None else "there is no such sheet"
    raise ImportRefused(
        Violation(
            "unknown-sheet",
            f"{rule}; the workbook has {shown(', '.join(map(str, found)))}",
            "file.sheet",
            sheet or "",
        )
    )


def _cell(result: Any, source: Any) -> Cell:  # noqa: ANN401  # openpyxl's cells, of any value
    value = result.value
    if value is None:
        return Uncalculated() if source.data_type == _FORMULA else ""
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            # Fifteen digits are what a spreadsheet shows and means: 2.3, never 2.2999999999999998.
            return Decimal(value if isinstance(value, int) else f"{value:.15g}")
        case datetime():
            has_time = value.time() != time.min or "h" in str(result.number_format).lower()
            return value if has_time else value.date()
        case date():
            return value
        case _:
            return str(value).strip()


def _refused(rule: str) -> ImportRefused:
    return ImportRefused(Violation("unreadable-workbook", rule, "file"))
