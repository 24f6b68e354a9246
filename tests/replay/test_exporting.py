"""`ssp export`: any view as of any moment, in a file that says what it is of; and projects."""

from __future__ import annotations

import csv
import io
import json
import shlex
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest
from openpyxl import load_workbook
from psycopg import sql

from core.cities.commands import RegisterCity
from core.decider import Act
from core.errors import DomainError
from core.evaluations.commands import ReviseScore
from core.evaluations.events import EvaluationInvalidated, ScoreRevised
from core.ledger.draft import Envelope
from core.ledger.ledger import Ledger
from core.vocabulary import ActorId, CityId, Role, Text
from projections.documents import NotFolded
from projections.projector import Projector
from projections.tables import rows_at
from projections.view import View
from projections.views import VIEWS
from replay.erasing import erase_subject
from replay.exports.layout import columns_of
from replay.exports.parquet import PLACES
from replay.exports.view_file import Exported, Format, Wanted, export_view
from tests.processes import called, good, refused
from tests.project_scenes import OBSERVED
from tests.projections.logs import refill
from tests.rounds import DOC, A, Round, evaluator_id
from tests.rounds import app as round_app
from tests.scenes import DOCUMENT, FINAL, KIM, LIMA, NEED, PHNOM_PENH, app

parquet: Any = import_module("pyarrow.parquet")
FACTS = (
    *OBSERVED,
    ScoreRevised(app(LIMA), KIM, FINAL, NEED, Decimal(100), Decimal(90), "=cmd|' /C calc'!A0"),
    EvaluationInvalidated(app(PHNOM_PENH), KIM, DOCUMENT, "a slip"),
)


@pytest.fixture(scope="module")
def ledger(fresh_database: Callable[[], AbstractContextManager[str]]) -> Iterator[Ledger]:
    """A round, its projects and what became of them, with every view folded."""
    with fresh_database() as url, Ledger(url) as opened:
        refill(url, FACTS)
        catch_up(url)
        yield opened


def catch_up(url: str) -> None:
    projector = Projector(url, VIEWS)
    projector.catch_up()
    assert projector.failures() == {}
    projector.stop()


def exported(ledger: Ledger, wanted: Wanted) -> tuple[Exported, io.BytesIO]:
    file = io.BytesIO()
    done = export_view(ledger, wanted, file, lambda _done, _of: None)
    file.seek(0)
    return done, file


def held(ledger: Ledger, view: View[Any], position: int) -> dict[str, Any]:
    with psycopg.connect(ledger.url) as connection:
        return {key: (since, row) for key, since, row in rows_at(connection, view, position)}


def compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def plain(value: object) -> object:
    """Return a row's value as Arrow gives it back."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [plain(item) for item in cast("tuple[object, ...]", value)]
    if isinstance(value, dict):  # of views so far it holds JSON of any shape
        items = cast("dict[str, object]", value).items()
        return [(key, None if v is None else compact(v)) for key, v in items]
    if isinstance(value, Decimal):
        return value.quantize(Decimal(1).scaleb(-PLACES))
    return str(value) if isinstance(value, StrEnum) else value


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_every_view_is_exported_whole_in_every_format(ledger: Ledger, view: View[Any]) -> None:
    last = ledger.store.size() - 1
    rows = held(ledger, view, last)
    files = {form: exported(ledger, Wanted(view, form)) for form in Format}
    for done, _ in files.values():
        assert done.rows == len(rows)
        assert (done.provenance.as_of_position, done.provenance.view_version) == (
            last,
            view.version,
        )
        assert done.provenance.log_root == ledger.store.head().root.hex()

    lines = [json.loads(line) for line in files[Format.JSONL][1].read().splitlines()][1:]
    read = {
        line["key"]: (line["since_position"], view.shape().validate_python(line["row"]))
        for line in lines
    }
    assert read == rows

    columns = columns_of(view)
    for line in parquet.read_table(files[Format.PARQUET][1]).to_pylist():
        since, row = rows[line["key"]]
        assert line["since_position"] == since
        for field in fields(row):
            kind = getattr(row, "kind", "")
            (name,) = (c.name for c in columns if c.field == field.name and kind in c.kinds)
            assert line[name] == plain(getattr(row, field.name)), (line["key"], name)

    text = files[Format.CSV][1].read().decode("utf-8-sig")
    table = csv.DictReader(io.StringIO(text, newline=""))
    assert [line["key"] for line in table] == sorted(rows)

    book = load_workbook(files[Format.XLSX][1], read_only=True)
    keys = [line[0] for s in book for line in s.iter_rows(min_row=2, values_only=True)]
    assert sorted(map(str, keys)) == sorted(rows)
    book.close()


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_past_position_is_exported_as_it_was(ledger: Ledger, view: View[Any]) -> None:
    with psycopg.connect(ledger.url) as connection:
        query = sql.SQL("select distinct since from views.{} order by since")
        changed = connection.execute(query.format(sql.Identifier(view.name))).fetchall()
    # Where a row begins, the one that it replaces ends.
    for (position,) in changed[:: max(1, len(changed) // 4)]:
        done, file = exported(ledger, Wanted(view, Format.JSONL, str(position)))
        first, *lines = map(json.loads, file)
        assert first["export"]["as_of_position"] == position
        (record,) = ledger.store.page(position, 1)
        assert done.provenance.as_of_recorded_at == record.recorded_at
        then = held(ledger, view, position)
        assert [(line["key"], line["since_position"]) for line in lines] == [
            (key, since) for key, (since, _) in then.items()
        ]


def test_kinds_can_be_chosen_and_unknown_ones_are_refused(ledger: Ledger) -> None:
    view = VIEWS[0]
    done, file = exported(ledger, Wanted(view, Format.JSONL, kinds=("city",)))
    _, *lines = map(json.loads, file)
    assert {line["row"]["kind"] for line in lines} == {"city"}
    assert done.rows == len(lines) == 4
    with pytest.raises(DomainError) as refused_:
        exported(ledger, Wanted(view, Format.CSV, kinds=("citys",)))
    assert refused_.value.code == "unknown-kind"


def test_a_moment_that_is_not_folded_or_not_recorded_is_refused(any_database_url: str) -> None:
    view, url = VIEWS[0], any_database_url
    with Ledger(url) as ledger:
        with pytest.raises(NotFolded, match="no table yet"):
            exported(ledger, Wanted(view, Format.CSV))
        catch_up(url)
        done, file = exported(ledger, Wanted(view, Format.JSONL))
        assert (done.rows, done.provenance.as_of_position) == (0, -1)
        assert json.loads(file.read())["export"]["as_of_recorded_at"] is None
        act = Act(ActorId("officer-1"), Role.OFFICER, datetime(2024, 1, 1, tzinfo=UTC))
        ledger.handle(Envelope(RegisterCity(CityId("lima"), Text("Lima"), "PE"), act))
        with pytest.raises(NotFolded, match="up to position -1, and not yet up to 0"):
            exported(ledger, Wanted(view, Format.CSV, "0"))
        catch_up(url)
        assert exported(ledger, Wanted(view, Format.PARQUET, kinds=("city",)))[0].rows == 1
        with pytest.raises(DomainError, match="as-of-beyond-log"):
            exported(ledger, Wanted(view, Format.CSV, "1"))
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("update views.progress set version = 99")
        with pytest.raises(NotFolded, match="kept in version 99"):
            exported(ledger, Wanted(view, Format.CSV))


def test_a_table_is_not_exchanged_while_it_is_exported(ledger: Ledger) -> None:
    view = VIEWS[0]

    def exchange(_done: int, _of: int) -> None:
        with psycopg.connect(ledger.url, autocommit=True) as other:
            other.execute("set lock_timeout = 10")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                other.execute(sql.SQL("drop table views.{}").format(sql.Identifier(view.name)))

    done = export_view(ledger, Wanted(view, Format.JSONL), io.BytesIO(), exchange)
    assert done.rows == len(held(ledger, view, done.provenance.as_of_position))


def reasons(ledger: Ledger, *, personal: bool) -> set[str]:
    view = next(view for view in VIEWS if view.name == "evaluation_consistency")
    _, file = exported(ledger, Wanted(view, Format.PARQUET, personal=personal))
    marks = [mark for row in parquet.read_table(file).to_pylist() for mark in row["marks"]]
    return {mark["reason"] for mark in marks} - {""}


def test_personal_text_leaves_sealed_unless_asked_for_and_never_once_erased(round_: Round) -> None:
    round_.announce()
    round_.score()
    slip = ReviseScore(round_app("x"), evaluator_id("e1"), DOC, A, Decimal(70), "=a slip")
    round_.do(slip, "e1", Role.EVALUATOR)
    catch_up(round_.ledger.url)
    assert reasons(round_.ledger, personal=False) == {"[sealed: e1]"}
    assert reasons(round_.ledger, personal=True) == {"=a slip"}
    erase_subject(round_.ledger, "e1", "asked for it", "manager-1")
    catch_up(round_.ledger.url)
    assert reasons(round_.ledger, personal=True) == {"[erased: e1]"}


def test_the_command_line_writes_a_view_and_says_what_it_is_of(
    ledger: Ledger, tmp_path: Path
) -> None:
    url, last = ledger.url, ledger.store.size() - 1
    out = tmp_path / "pools.csv"
    for words in (("partner_pools",), ("view", "partner_pools")):  # the word may be left out
        assert good("export", *words, "--out", out, SSP_DATABASE_URL=url) == (
            f"{out}: 9 rows of partner_pools, version {VIEWS[0].version}, as of position {last}\n"
        )
    named = tmp_path / "then.parquet"
    said = good("export", "ranking", "--as-of", "9", "--out", named, SSP_DATABASE_URL=url)
    assert said.endswith("as of position 9\n")
    assert parquet.read_table(named).schema.metadata[b"as_of_position"] == b"9"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["pools", "--format", "csv"], "there is no view 'pools'; there are partner_pools"),
        (["ranking"], "--format is one of csv, jsonl, xlsx, parquet"),
        (["ranking", "--out", "file.txt"], "--format is one of"),
        (["ranking", "--out", "none/file.csv"], "none/file.csv cannot be written: No such file"),
        (["ranking", "--out", "x.csv", "--as-of", "9999"], "the last position is"),
        (["ranking", "--out", "x.csv", "--kind", "x"], "the rows of ranking are of the kinds"),
        (["iati", "--org", "KR 1", "--out", "x.xml"], "an organisation's identifier has no blanks"),
    ],
    ids=str,
)
def test_a_mistake_is_told_in_a_sentence_and_leaves_no_file(
    ledger: Ledger,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert said in refused(called("export", *arguments, SSP_DATABASE_URL=ledger.url), 2)
    assert list(tmp_path.iterdir()) == []


def test_views_that_nobody_folded_are_not_taken_for_empty(
    database_url: str, tmp_path: Path
) -> None:
    out = tmp_path / "x.csv"
    said = refused(called("export", "ranking", "--out", out, SSP_DATABASE_URL=database_url), 2)
    assert "the view ranking has no table yet: `ssp project` or `ssp serve` folds it" in said


def test_projects_are_published_from_the_command_line(ledger: Ledger, tmp_path: Path) -> None:
    out = tmp_path / "activities.xml"
    arguments = ("--org", "KR-TEST-1", "--org-name", "Seoul", "--out", out)
    done = called("export", "iati", *arguments, SSP_DATABASE_URL=ledger.url)
    last = ledger.store.size() - 1
    assert done.stdout == f"{out}: 1 activities, as of position {last}\n"
    assert b"<iati-identifier>KR-TEST-1-ssp-2024:PELIM</iati-identifier>" in out.read_bytes()


PAGE = (Path(__file__).parents[2] / "docs" / "exports.md").read_text(encoding="utf-8")
COMMANDS = [line for line in PAGE.splitlines() if line.startswith("ssp export ")]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_page_writes_its_file(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    said = good(*shlex.split(command)[1:], SSP_DATABASE_URL=ledger.url)
    (file,) = tmp_path.iterdir()
    assert said.startswith(f"{file.name}: ")
    assert all(f"| `{form}` |" in PAGE for form in Format)
