"""XLSX: what a person sees in the sheet is what is read, and a bomb is not opened."""

import struct
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest

from core.applications.events import ApplicationSubmitted
from core.evaluations.events import ScoresSubmitted
from core.ledger.ledger import Ledger
from replay.imports.findings import ImportRefused
from replay.imports.run import Import, plan, run

Job = Callable[..., Import]
Announce = Callable[[Ledger], None]
SHEET = "xl/worksheets/sheet1.xml"

MAPPING = """
[dates]
time_zone = "Asia/Seoul"
time_of_day = "09:00"

[call]
id = "small"
stage = "review"
close_and_open_at = "2023-03-01"

[cities]
city = "city-{No}"
name = "{City}"
country = "KE"
occurred_at = "{Received}"

[applications]
city = "city-{No}"
title = "{City}"
sector = "21010"
amount_krw = "{Amount}"
occurred_at = "{Received}"

[panel]
evaluator = "ev-1"
conflict = "none"
city = "city-{No}"
occurred_at = "2023-03-02"

[scores]
city = "city-{No}"
evaluator = "ev-1"
occurred_at = "2023-03-03"
marks = { need = "{Need}", impact = "{Impact}" }
"""
HEADER = ["No", "City", "Received", "Amount", "Need", "Impact"]
ROW = [7, "Mombasa", date(2023, 1, 15), 120_000_000, 2.5, 7]


def book(*rows: Sequence[object], sheets: int = 1) -> bytes:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    for number in range(2, sheets + 1):
        workbook.create_sheet(f"Extra {number}")
    held = BytesIO()
    workbook.save(held)
    workbook.close()
    return held.getvalue()


def replaced(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    held = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(held, "w", ZIP_DEFLATED) as new:
        for info in old.infolist():
            data = old.read(info)
            new.writestr(info.filename, change(data) if info.filename == part else data)
    return held.getvalue()


def marks(ledger: Ledger) -> list[Decimal | None]:
    events = [record.event for record in ledger.read()]
    return [m.value for e in events if isinstance(e, ScoresSubmitted) for m in e.marks]


def test_numbers_dates_and_ids_are_read_as_they_are_seen(
    ledger: Ledger, job: Job, announce_small: Announce
) -> None:
    announce_small(ledger)
    done = run(ledger, job(MAPPING, book(HEADER, ROW, [None] * 6)))
    assert done.bad == ()
    assert marks(ledger) == [Decimal("2.5"), Decimal(7)]
    (submitted,) = [r for r in ledger.read() if isinstance(r.event, ApplicationSubmitted)]
    assert isinstance(submitted.event, ApplicationSubmitted)
    assert submitted.event.city_id == "city-7"
    assert submitted.event.project.amount_krw == 120_000_000
    # A date without a time: nine in the morning in Seoul, as the mapping says.
    assert submitted.meta.occurred_at == datetime(2023, 1, 15, 0, 0, tzinfo=UTC)
    assert submitted.meta.imported is not None
    assert submitted.meta.imported.line == 2


def test_the_same_rows_as_csv_are_known_already(
    ledger: Ledger, job: Job, announce_small: Announce
) -> None:
    announce_small(ledger)
    run(ledger, job(MAPPING, book(HEADER, ROW)))
    text = ",".join(HEADER) + "\n7,Mombasa,2023-01-15,120000000,2.50,7.0\n"
    again = run(ledger, job(MAPPING, text))
    assert (again.new, again.recorded) == (0, None)


@pytest.mark.parametrize(
    ("noisy", "meant"), [("2.2999999999999998", "2.3"), ("0.30000000000000004", "0.3")]
)
def test_the_noise_of_binary_numbers_is_not_read(
    ledger: Ledger, job: Job, announce_small: Announce, noisy: str, meant: str
) -> None:
    announce_small(ledger)
    content = replaced(
        book(HEADER, ROW), SHEET, lambda xml: xml.replace(b">2.5<", f">{noisy}<".encode())
    )
    (bad,) = plan(ledger, job(MAPPING, content)).bad
    assert (bad.line, bad.column, bad.value, bad.code) == (2, "Need", meant, "off-scale")


def test_a_formula_stands_for_its_stored_result(
    ledger: Ledger, job: Job, announce_small: Announce
) -> None:
    announce_small(ledger)
    content = replaced(
        book(HEADER, [*ROW[:4], "=1+1.5", 7]), SHEET,
        lambda xml: xml.replace(b"<f>1+1.5</f><v></v>", b"<f>1+1.5</f><v>2.5</v>")
        .replace(b"<f>1+1.5</f><v />", b"<f>1+1.5</f><v>2.5</v>"),
    )  # fmt: skip
    assert run(ledger, job(MAPPING, content)).bad == ()
    assert marks(ledger) == [Decimal("2.5"), Decimal(7)]


def test_a_formula_without_a_stored_result_is_not_taken_for_an_empty_cell(
    ledger: Ledger, job: Job, announce_small: Announce
) -> None:
    announce_small(ledger)
    size = ledger.store.size()
    mapping = MAPPING.replace("[scores]", '[scores]\nna = [""]')
    done = run(ledger, job(mapping, book(HEADER, [*ROW[:5], "=1+1"])))
    (bad,) = done.bad
    assert (bad.line, bad.column, bad.code) == (2, "Impact", "formula-without-value")
    assert ledger.store.size() == size


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("inf", "not-a-number"),
        (1e300, "not-a-number"),
        ("three", "not-a-number"),
        (date(2023, 1, 2), "not-a-number"),
        (True, "not-a-number"),
        (None, "empty-cell"),
        (2.25, "off-scale"),
        (11, "off-scale"),
    ],
)
def test_a_cell_that_is_no_mark_is_named(
    ledger: Ledger, job: Job, announce_small: Announce, cell: object, code: str
) -> None:
    announce_small(ledger)
    size = ledger.store.size()
    done = run(ledger, job(MAPPING, book(HEADER, [*ROW[:4], cell, 7])))
    assert [(bad.line, bad.column, bad.code) for bad in done.bad] == [(2, "Need", code)]
    assert ledger.store.size() == size


def test_one_of_several_sheets_is_named(ledger: Ledger, job: Job, announce_small: Announce) -> None:
    announce_small(ledger)
    content = book(HEADER, ROW, sheets=2)
    with pytest.raises(ImportRefused, match="the workbook has Sheet, Extra 2"):
        plan(ledger, job(MAPPING, content))
    assert plan(ledger, job('[file]\nsheet = "Sheet"\n' + MAPPING, content)).bad == ()
    with pytest.raises(ImportRefused, match="there is no such sheet"):
        plan(ledger, job('[file]\nsheet = "None"\n' + MAPPING, content))


def bomb() -> bytes:
    held = BytesIO()
    with (
        ZipFile(held, "w", ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(SHEET, "w", force_zip64=True) as part,
    ):
        for _ in range(300):
            part.write(bytes(1 << 20))
    return held.getvalue()


def lying() -> bytes:
    """A part that says of itself that it unpacks to less."""
    content = bytearray(replaced(book(HEADER, ROW), SHEET, lambda xml: xml + b" " * 1_000_000))
    entry = content.index(SHEET.encode(), content.index(b"PK\x01\x02")) - 46
    struct.pack_into("<I", content, entry + 24, 100)
    return bytes(content)


def laughing() -> bytes:
    entities = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha" * 10}">' for n in range(12)
    )
    return replaced(
        book(HEADER, ROW), SHEET,
        lambda xml: f"<!DOCTYPE x [{entities}]>".encode() + xml.replace(b">2.5<", b">&l11;<"),
    )  # fmt: skip


def far_away() -> bytes:
    return replaced(
        book(HEADER, ROW), SHEET, lambda xml: xml.replace(b'r="2"', b'r="999999999"', 1)
    )


@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(bomb, "unpacks to at most 256 MB", id="bomb"),
        pytest.param(lying, "not a sound workbook", id="false size"),
        pytest.param(laughing, "not a sound workbook", id="entities"),
        pytest.param(far_away, "at most 200000 rows", id="a row far away"),
        pytest.param(lambda: book(HEADER, ROW)[:900], "damaged archive", id="cut off"),
        pytest.param(lambda: replaced(book(HEADER), "[Content_Types].xml", lambda _: b"x"),
                     "not a sound workbook", id="no types"),
        pytest.param(book, "no header", id="empty sheet"),
    ],
)  # fmt: skip
def test_a_hostile_workbook_is_refused(
    ledger: Ledger, job: Job, make: Callable[[], bytes], said: str
) -> None:
    with pytest.raises(ImportRefused) as refused:
        run(ledger, job(MAPPING, make()))
    assert said in str(refused.value)
    assert len(str(refused.value)) < 500
    assert ledger.store.size() == 0
