"""A mapping is checked before the file: key, value and rule of everything that is wrong."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DomainError
from core.ledger.ledger import Ledger
from replay.imports.cells import Calendar, canonical, decimal_of
from replay.imports.findings import ImportRefused
from replay.imports.loading import load_mapping
from replay.imports.run import Import, plan
from replay.imports.templates import template

Job = Callable[..., Import]
CITIES = '[cities]\ncity = "{ID}"\nname = "{ID}"\ncountry = "KE"\n'
CALL = '[call]\nid = "c"\nstage = "s"\n'
INDICATORS = '[indicators]\ncity = "{C}"\nindicator = "{I}"\n'
OBSERVATIONS = """[observations]
city = "{C}"
indicator = "{I}"
first_day = "{F}"
last_day = "{L}"
value = "{V}"
unit = "km"
source = "s"
evidence = ["{D}"]
"""
SCORES = '[scores]\ncity = "{C}"\nevaluator = "{E}"\n'


@pytest.mark.parametrize(
    ("toml", "key", "said"),
    [
        ("", "mapping", "at least one of the sections cities, needs, applications"),
        ("[cities", "mapping", "not TOML"),
        ('[cities]\ncity = "{ID}"\nname = "n"', "cities.country", "missing"),
        (CITIES + 'nmae = "x"', "cities.nmae", "here are known: occurred_at, city, name, name_ko"),
        ("[citys]\n", "citys", "here are known: file, dates, call, values, cities"),
        (CITIES.replace("{ID}", "{ID", 1), "cities.city", "a brace is left open"),
        (CITIES.replace("{ID}", "{}", 1), "cities.city", "without a column's name"),
        (CITIES + "region = true", "cities.region", "write text"),
        (CITIES + "illustrative = 3", "cities.illustrative", "bool"),
        (CITIES + 'occurred_at = "2024-05-31"', "cities.occurred_at", "[dates] time_zone"),
        (CITIES + 'occurred_at = "31 May"', "cities.occurred_at", "is written 2024-05-31"),
        ('[file]\nencoding = "hangul"\n' + CITIES, "file.encoding", "cp949"),
        ('[file]\ndelimiter = "||"\n' + CITIES, "file.delimiter", "one character"),
        ('[file]\ndecimal = ","\nthousands = ","\n' + CITIES, "file", "the same sign"),
        ("[file]\nheader_line = 0\n" + CITIES, "file", "count from 1"),
        ('[dates]\ntime_zone = "Seoul"\ntime_of_day = "9:00"\n' + CITIES, "dates.time_zone",
         "Asia/Seoul"),
        ('[dates]\ntime_zone = "Asia/Seoul"\n' + CITIES, "dates.time_of_day", "missing"),
        ('[call]\nid = "a call"\n' + CITIES, "call.id", "80 letters"),
        (CALL + 'close_and_open_at = "{D}"\n' + CITIES, "call.close_and_open_at", "one date"),
        ('[panel]\nevaluator = "{E}"\n', "mapping", "[call] with its id"),
        ('[call]\nid = "c"\n[panel]\nevaluator = "{E}"\ncity = "{C}"\n', "mapping", "the stage"),
        (CALL + SCORES, "scores", "either marks"),
        (CALL + SCORES + 'criterion = "x"', "scores", "either marks"),
        (CALL + SCORES + 'criterion = "x"\nscore = "{S}"\nold_score = "{O}"', "scores", "reason"),
        (CALL + SCORES.replace("scores", "revisions"), "revisions", "criterion, score and reason"),
        ('[needs]\ncity = "{C}"\nstatement = "{N}"\n', "needs.sector", "missing"),
        (INDICATORS, "mapping", "[call] with its id"),
        (CALL + INDICATORS + 'target_value = "{T}"', "indicators", "target_from, target_until"),
        (CALL + INDICATORS + 'dimensions.sex = "{S}"', "indicators", "target_from, target_until"),
        (CALL + OBSERVATIONS + 'old_value = "{O}"', "observations", "needs its reason"),
        (CALL + INDICATORS + 'monitored_from = "{F}"', "indicators", "goes with"),
    ],
)  # fmt: skip
def test_a_mapping_that_is_wrong_is_refused_with_its_key(
    tmp_path: Path, toml: str, key: str, said: str
) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(toml, encoding="utf-8")
    with pytest.raises(ImportRefused) as refused:
        load_mapping(path)
    found = [v for v in refused.value.violations if v.field == key]
    assert found, str(refused.value)
    assert said in found[0].rule
    assert {v.code for v in refused.value.violations} == {"bad-mapping"}


def test_everything_that_is_wrong_with_a_mapping_is_said_at_once(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text('[file]\nencoding = "x"\n[cities]\nname = "{"\n', encoding="utf-8")
    with pytest.raises(ImportRefused) as refused:
        load_mapping(path)
    assert {v.field for v in refused.value.violations} == {
        "file.encoding", "cities.city", "cities.name", "cities.country"
    }  # fmt: skip


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"x" * (2 << 20)])
def test_a_mapping_that_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mapping.toml"
    path.write_bytes(content)
    with pytest.raises(ImportRefused) as refused:
        load_mapping(path)
    assert len(str(refused.value)) < 200
    with pytest.raises(ImportRefused, match="No such file"):
        load_mapping(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("name", "sections"),
    [
        ("aibs", ("cities", "applications", "panel", "scores")),
        ("iclr2021", ("cities", "applications", "panel", "scores")),
        ("monitoring", ("indicators", "observations")),
    ],
)
def test_the_examples_are_sound(name: str, sections: tuple[str, ...]) -> None:
    folder = Path(__file__).resolve().parents[3] / "replay" / "imports" / "examples"
    assert load_mapping(folder / f"{name}.toml").sections() == sections


def test_a_column_without_braces_is_not_taken_for_a_constant(ledger: Ledger, job: Job) -> None:
    forgotten = CITIES.replace('name = "{ID}"', 'name = "ID"')
    with pytest.raises(ImportRefused, match=r'write "\{ID\}" for its cells'):
        plan(ledger, job(forgotten, "ID\nlima\n"))
    meant = CITIES.replace('name = "{ID}"', 'name = {text = "ID"}')
    assert plan(ledger, job(meant, "ID\nlima\n")).bad == ()


def test_a_template_joins_columns_and_text() -> None:
    assert template("aibs-{ID}").parts == (("aibs-", False), ("ID", True))
    assert template("{{{a  b}}}").parts == (("{", False), ("a b", True), ("}", False))
    assert template("{ID}").alone == "ID"
    assert template(12110).parts == (("12110", False),)
    assert template(date(2024, 5, 31)).source == "2024-05-31"


SEOUL = Calendar(ZoneInfo("Asia/Seoul"), time(9), ("%d.%m.%Y", "%Y년 %m월 %d일 %H:%M"))


@pytest.mark.parametrize(
    ("calendar", "text", "instant"),
    [
        (SEOUL, "31.05.2024", datetime(2024, 5, 31, 0, tzinfo=UTC)),
        (SEOUL, "2024년 5월 31일 18:30", datetime(2024, 5, 31, 9, 30, tzinfo=UTC)),
        (Calendar(), "2024-05-31T18:00:00+09:00", datetime(2024, 5, 31, 9, tzinfo=UTC)),
    ],
)
def test_dates_become_instants_as_the_mapping_says(
    calendar: Calendar, text: str, instant: datetime
) -> None:
    assert calendar.instant(text) == instant


@pytest.mark.parametrize(
    ("calendar", "text", "code"),
    [
        (SEOUL, "2024-05-31", "not-a-date"),
        (SEOUL, "31.02.2024", "not-a-date"),
        (Calendar(), "2024-05-31", "date-without-time"),
        (Calendar(), "2024-05-31T18:00", "instant-without-offset"),
        (Calendar(), "0001-01-01T00:00+14:00", "not-a-date"),
        (Calendar(), "9999-12-31T23:00-10:00", "not-a-date"),
        (Calendar(ZoneInfo("Europe/Berlin"), time(2, 30)), "2024-10-27", "ambiguous-instant"),
        (Calendar(ZoneInfo("Europe/Berlin"), time(2, 30)), "2024-03-31", "ambiguous-instant"),
    ],
)
def test_what_is_no_certain_instant_is_refused(calendar: Calendar, text: str, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        calendar.instant(text)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("text", "decimal", "thousands", "value"),
    [
        ("2.30", ".", "", "2.3"),
        ("1,234,567.5", ".", ",", "1234567.5"),
        ("1234567", ".", ",", "1234567"),
        ("1.234,5", ",", ".", "1234.5"),
        ("-0.0", ".", "", "0"),
        ("+7", ".", "", "7"),
    ],
)
def test_numbers_are_read_as_the_mapping_says(
    text: str, decimal: str, thousands: str, value: str
) -> None:
    assert decimal_of(text, decimal, thousands) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    ["", " ", "3,5", "1,2", "1e5", "NaN", "Infinity", "٣", "\uff13.\uff15", "0x10", "1_000", "5%",
     "--1", ".5", "9" * 40, "−5"],
)  # fmt: skip
def test_what_is_not_plainly_a_number_is_refused(text: str) -> None:
    with pytest.raises(DomainError) as refused:
        decimal_of(text, ".", ",")
    assert refused.value.code == "not-a-number"


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9),
                   max_value=10**9))  # fmt: skip
def test_equal_numbers_are_written_one_way(number: Decimal) -> None:
    assert canonical(number) == number
    assert str(canonical(number)) == str(canonical(number * Decimal("1.000")))
