"""What a file of each format says is what the view says, and none of it is a program."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import import_module
from typing import Any, Literal, cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import load_workbook

from core.errors import DomainError
from projections.view import View
from replay.exports import workbook
from replay.exports.formulas import SIGNS
from replay.exports.jsonl import JsonLines
from replay.exports.layout import columns_of
from replay.exports.parquet import Columnar
from replay.exports.sink import Provenance, Row, Sink
from replay.exports.textfile import CommaSeparated
from replay.exports.workbook import Spreadsheet

arrow: Any = import_module("pyarrow")
parquet: Any = import_module("pyarrow.parquet")
AT = datetime(2024, 5, 1, 9, tzinfo=UTC)
OF = Provenance("made_up", 3, 41, AT, "ab" * 32)
CALCULATED = (*SIGNS, "\t", "\r", "\n")


@dataclass(frozen=True)
class Made:
    text: str
    amount: Decimal | None = None
    whole: int = 0
    on: date | None = None
    at: datetime | None = None
    good: bool = True
    real: float = 0.5
    words: tuple[str, ...] = ()
    kind: Literal["made"] = "made"


@dataclass(frozen=True)
class Other:
    text: str
    kind: Literal["other"] = "other"


VIEW: View[Any] = View("made_up", 3, Made | Other, lambda _record, _rows: None)
COLUMNS = columns_of(VIEW)
SINKS: dict[str, Callable[[io.BytesIO], Sink]] = {
    "csv": lambda file: CommaSeparated(file, OF, COLUMNS),
    "jsonl": lambda file: JsonLines(file, OF),
    "parquet": lambda file: Columnar(file, OF, COLUMNS),
    "xlsx": lambda file: Spreadsheet(
        file, OF, {kind: columns_of(VIEW, (kind,)) for kind in ("made", "other")}
    ),
}


def row(key: str, of: Made | Other, since: int = 7) -> Row:
    text = VIEW.shape().dump_json(of)
    return Row(key, since, of.kind, json.loads(text), len(text))


def written(form: str, rows: Iterable[Row]) -> io.BytesIO:
    file = io.BytesIO()
    sink = SINKS[form](file)
    for one in rows:
        sink.add(one)
    sink.close()
    file.seek(0)
    return file


def lines_of(file: io.BytesIO) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline="")))


def tables_of(file: io.BytesIO) -> dict[str, list[dict[str, Any]]]:
    book = load_workbook(file)
    found: dict[str, list[dict[str, Any]]] = {}
    for sheet in book:
        header, *rest = sheet.iter_rows(values_only=True)
        found[sheet.title] = [dict(zip(map(str, header), line, strict=True)) for line in rest]
    return found


FULL = Made(
    "서울",
    Decimal("66.66666666666666666666666667"),
    12,
    date(2024, 2, 29),
    datetime(2024, 5, 1, 9, 30, 15, 250000, tzinfo=UTC),
    words=("a", "나"),
)
TWO = (row("k1", FULL), row("k2", Other("x"), since=9))


def test_csv_says_on_each_line_what_it_is_of() -> None:
    first, second = lines_of(written("csv", TWO))
    assert first == {
        "key": "k1",
        "since_position": "7",
        "text": "서울",
        "amount": "66.66666666666666666666666667",
        "whole": "12",
        "on": "2024-02-29",
        "at": "2024-05-01T09:30:15.250000+00:00",
        "good": "true",
        "real": "0.5",
        "words": '["a","나"]',
        "kind": "made",
        "view": "made_up",
        "view_version": "3",
        "as_of_position": "41",
        "as_of_recorded_at": "2024-05-01T09:00:00+00:00",
    }
    assert {name for name, value in second.items() if value} == {
        *("key", "since_position", "text", "kind", "view", "view_version"),
        *("as_of_position", "as_of_recorded_at"),
    }


def test_json_lines_begin_with_what_they_are_of() -> None:
    first, *rest = map(json.loads, written("jsonl", TWO).getvalue().splitlines())
    assert first == {
        "export": {
            "view": "made_up",
            "view_version": 3,
            "as_of_position": 41,
            "as_of_recorded_at": "2024-05-01T09:00:00+00:00",
            "log_root": "ab" * 32,
        }
    }
    assert [(line["key"], line["since_position"]) for line in rest] == [("k1", 7), ("k2", 9)]
    assert [VIEW.shape().validate_python(line["row"]) for line in rest] == [FULL, Other("x")]


def test_parquet_keeps_types_structure_and_what_it_is_of() -> None:
    table = parquet.read_table(written("parquet", TWO))
    assert table.schema.metadata == {
        b"view": b"made_up",
        b"view_version": b"3",
        b"as_of_position": b"41",
        b"as_of_recorded_at": b"2024-05-01T09:00:00+00:00",
        b"log_root": b"ab" * 32,
    }
    first, second = table.to_pylist()
    # Of decimals 18 places are kept, rounded to the nearest.
    assert first["amount"] == Decimal("66.666666666666666667")
    assert (first["on"], first["at"], first["words"]) == (FULL.on, FULL.at, ["a", "나"])
    assert (first["good"], first["real"], first["whole"]) == (True, 0.5, 12)
    assert (second["amount"], second["words"], second["text"]) == (None, None, "x")
    assert table.schema.field("at").type == arrow.timestamp("us", tz="UTC")


def test_a_workbook_has_a_sheet_a_kind_and_says_what_it_is_of() -> None:
    file = written("xlsx", TWO)
    book: Any = cast("Any", load_workbook(file))
    properties = {p.name: p.value for p in book.custom_doc_props.props}
    assert properties == OF.texts()
    tables = tables_of(file)
    assert tables["other"] == [{"key": "k2", "since_position": 9, "text": "x", "kind": "other"}]
    (made,) = tables["made"]
    assert (made["text"], made["whole"], made["good"]) == ("서울", 12, True)
    assert made["amount"] == pytest.approx(200 / 3)
    assert made["on"] == datetime(2024, 2, 29)  # noqa: DTZ001  # a workbook's dates have no zone
    assert made["at"] == datetime(2024, 5, 1, 9, 30, 15, 250000)  # noqa: DTZ001  # as above


@given(st.text(st.sampled_from(f"{SIGNS}\t\r\n' a\"")) | st.text())
@example("=1+1")
@example("'=1+1")
@example(" \u3000@SUM(A1)")
@example("\x00=1")
def test_no_cell_of_csv_is_calculated_and_every_text_comes_back(text: str) -> None:
    # What follows was written through the csv module, which ends a line at a bare CR otherwise.
    (line,) = lines_of(written("csv", [row(text, Other(text))]))
    for name in ("key", "text"):
        cell = line[name]
        assert not cell.startswith(CALCULATED)
        assert not cell.strip().startswith(CALCULATED)
        assert cell.removeprefix("'") == text


def test_numbers_of_csv_stay_numbers() -> None:
    (line,) = lines_of(written("csv", [row("k", Made("x", Decimal("-1.5"), -3))]))
    assert (line["amount"], line["whole"]) == ("-1.5", "-3")


@pytest.mark.parametrize(
    "text", ["=1+1", "=HYPERLINK(0)", "#N/A", "'x", " =1", *(f"{sign}1" for sign in SIGNS)]
)
def test_text_of_a_workbook_is_text(text: str) -> None:
    sheet = load_workbook(written("xlsx", [row(text, Other(text))]))["other"]
    for cell in (sheet["A2"], sheet["C2"]):
        assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)


def test_what_a_workbook_cannot_hold_is_told_and_not_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    long, early = "ab" * 20_000, datetime(1850, 1, 1, tzinfo=UTC)
    odd = Made(f"\x01{long}", Decimal("1E+400"), 10**17 + 1, early.date(), early)
    (made,) = tables_of(written("xlsx", [row("k", odd)]))["made"]
    assert len(made["text"]) == workbook.MOST_LETTERS
    assert made["text"].startswith("\ufffdab")
    assert made["text"].endswith("[…, 40001 characters]")
    assert (made["whole"], made["amount"]) == ("100000000000000001", "1E+400")
    assert (made["on"], made["at"]) == ("1850-01-01", "1850-01-01 00:00:00+00:00")
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    tables = tables_of(written("xlsx", [row(f"k{n}", Other("x")) for n in range(5)]))
    assert [(name, len(lines)) for name, lines in tables.items() if lines] == [
        ("other", 2),
        ("other 2", 2),
        ("other 3", 1),
    ]


@pytest.mark.parametrize(
    ("of", "column"),
    [(Made("x", whole=2**63), "whole"), (Made("x", Decimal("1E+30")), "amount"),
     (Made("x", Decimal("Infinity")), "amount")],
)  # fmt: skip
def test_a_number_that_parquet_cannot_hold_is_refused_by_its_row(of: Made, column: str) -> None:
    with pytest.raises(DomainError) as refused:
        written("parquet", [row("k1", FULL), row("k2", of)])
    (violation,) = refused.value.violations
    assert (violation.code, violation.field) == ("number-too-large", column)
    assert "k2" in violation.value
    # The others hold it, exactly.
    (_, line) = lines_of(written("csv", [row("k1", FULL), row("k2", of)]))
    assert Decimal(line[column]) == getattr(of, column)


@pytest.mark.parametrize("form", SINKS)
def test_a_file_of_no_rows_is_whole(form: str) -> None:
    file = written(form, [])
    match form:
        case "csv":
            assert lines_of(file) == []
        case "jsonl":
            assert len(file.getvalue().splitlines()) == 1
        case "parquet":
            assert parquet.read_table(file).num_rows == 0
        case _:
            assert tables_of(file) == {"made": [], "other": []}


@pytest.mark.parametrize("form", SINKS)
def test_memory_does_not_grow_with_the_number_of_rows(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file lies elsewhere: only what a sink holds itself is counted."""
    monkeypatch.setattr("replay.exports.parquet._MOST_ROWS", 40)
    of = Made("x" * 4_000)

    def peak(count: int) -> int:
        sink = SINKS[form](_Discarding())
        tracemalloc.start()
        try:
            for n in range(count):
                sink.add(row(str(n), of))
            _, highest = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
            sink.close()
        return highest

    few, many = peak(100), peak(400)
    assert many < few + 100 * 4_000, f"{few} bytes for 100 rows, {many} for 400"


class _Discarding(io.BytesIO):
    """A file that keeps nothing."""

    _at = 0

    def write(self, data: Any, /) -> int:  # noqa: ANN401  # any bytes
        self._at += len(data)
        return len(data)

    def tell(self) -> int:
        return self._at
