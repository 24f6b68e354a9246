"""CSV is read as it comes, or refused in a few words that say where and why."""

from collections.abc import Callable
from random import Random

import pytest

from core.cities.events import CityRegistered
from core.ledger.ledger import Ledger
from replay.imports import table
from replay.imports.findings import ImportRefused
from replay.imports.run import Import, plan, run

Job = Callable[..., Import]

CITIES = """
[cities]
city = "{code}"
name = "{name}"
name_ko = "{이름}"
country = "KR"
occurred_at = 2024-01-01T00:00:00Z
"""
TABLE = "code,name,이름\nKRSEL,Seoul,서울\nKRPUS,Busan,부산\n"


def named(ledger: Ledger) -> list[tuple[str, str]]:
    events = [record.event for record in ledger.read()]
    return [(e.city_id, e.name.ko) for e in events if isinstance(e, CityRegistered)]


def with_file(**settings: str) -> str:
    lines = [f"{key} = {value!r}".replace("\\t", "\t") for key, value in settings.items()]
    return "\n".join(["[file]", *lines]) + CITIES


@pytest.mark.parametrize(
    ("mapping", "content"),
    [
        pytest.param(CITIES, TABLE.encode(), id="UTF-8"),
        pytest.param(CITIES, TABLE.encode("utf-8-sig"), id="UTF-8 with its mark"),
        pytest.param(CITIES, TABLE.encode("utf-16"), id="UTF-16 with its mark"),
        pytest.param(CITIES, b"\xfe\xff" + TABLE.encode("utf-16-be"), id="UTF-16 big-endian"),
        pytest.param(with_file(encoding="cp949"), TABLE.encode("cp949"), id="CP949"),
        pytest.param(with_file(encoding="euc-kr"), TABLE.encode("euc-kr"), id="EUC-KR"),
        pytest.param(with_file(encoding="cp949"), TABLE.encode("utf-8-sig"), id="mark is believed"),
        pytest.param(CITIES, TABLE.replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param(CITIES, TABLE.replace("\n", "\r").encode(), id="CR"),
        pytest.param(with_file(delimiter=";"), TABLE.replace(",", ";").encode(), id="semicolons"),
        pytest.param(with_file(delimiter="\t"), TABLE.replace(",", "\t").encode(), id="tabs"),
        pytest.param(CITIES, (TABLE + "\n,,\n\n").encode(), id="empty rows"),
        pytest.param(CITIES, TABLE.replace("이름", " 이름 ").encode(), id="letters in parts"),
    ],
)
def test_a_file_is_read_however_it_was_written(
    ledger: Ledger, job: Job, mapping: str, content: bytes
) -> None:
    done = run(ledger, job(mapping, content))
    assert done.bad == ()
    assert named(ledger) == [("KRSEL", "서울"), ("KRPUS", "부산")]


def test_lines_are_counted_through_quoted_line_breaks(ledger: Ledger, job: Job) -> None:
    content = 'code,name,이름\nKRSEL,"Seoul\nSpecial\r\nCity",서울\n-bad,Busan,부산\n'
    (bad,) = plan(ledger, job(CITIES, content)).bad
    assert (bad.line, bad.column, bad.value, bad.code) == (5, "code", "-bad", "malformed-id")


def test_a_title_above_the_header_is_left_out(ledger: Ledger, job: Job) -> None:
    mapping = CITIES.replace("[cities]", "[file]\nheader_line = 2\n[cities]")
    run(ledger, job(mapping, "Cities of 2024,,\n" + TABLE))
    assert len(named(ledger)) == 2


def test_rows_too_short_and_too_long_are_listed(ledger: Ledger, job: Job) -> None:
    done = run(ledger, job(CITIES, TABLE + "KRICN,Incheon\nKRTAE,Daegu,대구,more\n"))
    assert [(bad.line, bad.code, bad.value) for bad in done.bad] == [
        (4, "row-too-short", "2 columns"),
        (5, "row-too-long", "4 columns"),
    ]
    assert "the header has 3 columns" in str(done.bad[0])
    assert ledger.store.size() == 0


GARBAGE = Random(1).randbytes(10 << 20)


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        pytest.param(b"", "empty-file", "the file is empty", id="empty"),
        pytest.param(b"\n\n", "empty-file", "no header was found", id="only blank lines"),
        pytest.param(GARBAGE, "not-text", "line 1, byte", id="garbage"),
        pytest.param(b"a" * (10 << 20), "unreadable-csv", "field larger", id="one endless cell"),
        pytest.param(b"a," * (1 << 20), "too-many-columns", "at most 1000", id="endless header"),
        pytest.param(b"code,name\n\0\0\n", "not-text", "line 2", id="zero bytes"),
        pytest.param(TABLE.encode("utf-16-le"), "not-text", "utf-16-le", id="UTF-16, no mark"),
        pytest.param(TABLE.encode("cp949"), "not-text", 'encoding = "cp949"', id="CP949 unsaid"),
        pytest.param(TABLE.encode() + b"KRXXX,\xff,x\n", "not-text", "line 4, byte", id="one byte"),
        pytest.param(TABLE.encode() + b'KRX,"X,x\nY\n', "unreadable-csv", "line 4", id="quote"),
        pytest.param(TABLE.replace("이름", "ko").encode(), "column-missing",
                     "it has code, name, ko", id="missing column"),
        pytest.param(TABLE.replace("이름", "name").encode(), "column-repeated",
                     "several columns", id="repeated column"),
        pytest.param(bytes.fromhex("d0cf11e0a1b11ae1"), "unreadable-file", ".xlsx", id="old Excel"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_a_few_words(
    ledger: Ledger, job: Job, content: bytes, code: str, said: str
) -> None:
    with pytest.raises(ImportRefused) as refused:
        run(ledger, job(CITIES, content))
    assert code in {violation.code for violation in refused.value.violations}
    assert said in str(refused.value)
    assert len(str(refused.value)) < 2_000
    assert ledger.store.size() == 0


def test_a_missing_column_is_named_with_its_key(ledger: Ledger, job: Job) -> None:
    with pytest.raises(ImportRefused) as refused:
        plan(ledger, job(CITIES, "code,Name\nKRSEL,Seoul\n"))
    assert [(v.field, v.value) for v in refused.value.violations] == [
        ("cities.name", "name"),
        ("cities.name_ko", "이름"),
    ]


def test_a_missing_file_and_a_folder_are_refused(ledger: Ledger, job: Job) -> None:
    wanted = job(CITIES, TABLE)
    for path in (wanted.data.with_name("none.csv"), wanted.data.parent):
        with pytest.raises(ImportRefused) as refused:
            plan(ledger, Import(wanted.mapping, path, wanted.act))
        assert refused.value.code == "unreadable-file"


def test_more_than_memory_is_for_is_refused(
    ledger: Ledger, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "MOST_ROWS", 1)
    with pytest.raises(ImportRefused, match="at most 1 rows"):
        plan(ledger, job(CITIES, TABLE))
    monkeypatch.setattr(table, "MOST_BYTES", 10)
    with pytest.raises(ImportRefused, match="split it"):
        plan(ledger, job(CITIES, TABLE))
