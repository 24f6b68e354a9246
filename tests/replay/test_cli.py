"""What each command of `ssp` prints, seen as its users see it: from outside, over real servers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from core.ledger import embedded
from core.ledger.ledger import Ledger
from core.ledger.migrate import migrate
from projections.projector import Projector
from projections.views import VIEWS
from tests.processes import called, good, refused, ssp
from tests.rounds import Round
from tests.tampering import unguarded

MAPPING = """
[dates]
time_zone = "Asia/Seoul"
time_of_day = "12:00"

[cities]
city = "{city}"
name = "{city}"
country = "{country}"
occurred_at = "2023-01-10"
"""


@pytest.fixture(scope="module")
def folder(folder_for_module: Path) -> Iterator[Path]:
    """An embedded database in which one round was decided, and which runs meanwhile."""
    folder = folder_for_module / "data"
    with embedded.start(folder) as server:
        migrate(server.url)
        with Ledger(server.url) as ledger:
            Round(ledger).whole()
        projector = Projector(server.url, VIEWS)
        projector.catch_up()
        projector.stop()
        yield folder


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["verify"], "the log verifies"),
        (["replay", "decision", "c:doc"], "IDENTICAL"),
        (["replay", "view", "ranking"], '"key"'),
        (["consistency", "c", "doc"], "two-way ICC"),
        (["drift", "doc"], "Only one call has marks in this stage."),
        (["token", "officer", "officer-1"], "."),
        (["remind"], "projects looked at: 0; newly late: 0"),
        (["doctor"], "ok   schema: current"),
        (["migrate"], "the schema was current"),
    ],
    ids=str,
)
def test_a_command_is_a_process_that_ends_well(
    folder: Path, arguments: list[str], said: str
) -> None:
    done = ssp(*arguments, SSP_DATA_DIR=folder)
    assert done.returncode == 0, done.stderr
    assert said in done.stdout


def test_a_replayed_decision_is_shown_step_by_step_with_its_verdict(folder: Path) -> None:
    said = good("replay", "decision", "c:doc", SSP_DATA_DIR=folder)
    assert "Decision c:doc, approved by manager" in said
    for command in ("ConfirmQuorum", "ComputeRanking", "ProposeSelection", "ApproveSelection"):
        assert command in said
    assert [line.split() for line in said.splitlines() if " c:" in line[:8]] == [
        ["1", "c:z", "66", "ranked", "same", "selected"],
        ["2", "c:y", "60", "ranked", "same", "pool"],
        ["3", "c:x", "54", "ranked", "same", "pool"],
    ]
    assert "IDENTICAL" in said


def test_a_replayed_decision_is_a_document_for_programs(folder: Path) -> None:
    document = json.loads(good("replay", "decision", "c:doc", "--json", SSP_DATA_DIR=folder))
    assert document["identical"] is True
    assert document["recorded_digest"] == document["replayed_digest"]
    assert [step["difference"] for step in document["steps"]] == [""] * 4


def test_a_replayed_decision_is_a_page_to_print(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "decision.html"
    said = good("replay", "decision", "c:doc", "--html", str(page), SSP_DATA_DIR=folder)
    assert "IDENTICAL" in said
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert "Identical." in text
    nowhere = tmp_path / "nowhere" / "decision.html"
    refused = ssp("replay", "decision", "c:doc", "--html", str(nowhere), SSP_DATA_DIR=folder)
    assert (refused.returncode, "cannot be written" in refused.stderr) == (2, True)


def test_a_what_if_says_loudly_that_it_is_none_and_is_saved_as_a_file(
    folder: Path, tmp_path: Path
) -> None:
    saved = tmp_path / "supposed.json"
    supposing = ("what-if", "c:doc", "--slots", "2", "--weight", "a=50", "--grid", "3")
    said = good(*supposing, "--out", saved, SSP_DATA_DIR=folder)
    lines = said.splitlines()
    assert lines[0].startswith("A HYPOTHESIS. Nothing of this was decided")
    assert lines[0] == lines[-2]
    assert "gained: c:y" in lines
    assert "weights are  a 50, b 50" in lines
    document = json.loads(saved.read_text(encoding="utf-8"))
    assert document["hypothesis"] is True
    assert document["question"]["slots"] == 2
    assert document["after"]["selected"] == ["c:z", "c:y"]
    assert document["stability"]["weightings"] == 3
    printed = json.loads(good(*supposing, "--json", SSP_DATA_DIR=folder))
    assert printed == document
    assert "Nothing" in good("what-if", "c:doc", "--drop-evaluator", "e1", SSP_DATA_DIR=folder)


def test_a_view_is_printed_as_of_any_moment_a_line_a_row(folder: Path) -> None:
    def rows(*arguments: str) -> dict[str, object]:
        said = good("replay", "view", "partner_pools", *arguments, SSP_DATA_DIR=folder)
        documents = [json.loads(line) for line in said.splitlines()]
        return {document["key"]: document["as_of_position"] for document in documents}

    latest = rows()
    assert {"x", "y", "z"} <= set(latest)
    # Positions 0 to 2 hold the rubric and the call, 3 the first city.
    assert rows("--as-of", "3") == {"x": 3}
    assert set(rows("--key", "y")) == {"y"}


def test_consistency_is_reported_by_criterion_for_people_and_for_programs(folder: Path) -> None:
    said = good("consistency", "c", "doc", SSP_DATA_DIR=folder)
    rows = [line.split()[:5] for line in said.splitlines() if line[:2] in {"a ", "b "}]
    assert rows == [["a", "3", "2", "6", "60.00"], ["b", "3", "2", "6", "60.00"]]
    assert "a: two-way ICC, since all 2 evaluators marked all 3 targets" in said
    document = json.loads(good("consistency", "c", "doc", "--json", SSP_DATA_DIR=folder))
    assert [c["criterion"]["id"] for c in document["criteria"]] == ["a", "b"]
    assert [c["marks"] for c in document["criteria"]] == [6, 6]


def test_a_good_log_verifies_with_every_view(folder: Path) -> None:
    said = good("verify", SSP_DATA_DIR=folder).splitlines()
    assert said[0].startswith("the log verifies: ")
    assert [line.split(":")[0] for line in said[1:]] == [f"view {view.name}" for view in VIEWS]
    assert all("equal to a rebuild at position" in line for line in said[1:])
    document = json.loads(good("verify", "--json", SSP_DATA_DIR=folder))
    assert document["verifies"] is True
    assert document["root"] == document["head_root"] == said[0].split()[-1]
    only_log = good("verify", "--no-views", SSP_DATA_DIR=folder)
    assert only_log.splitlines() == said[:1]


def test_a_log_that_was_tampered_with_fails_at_its_first_wrong_position(database_url: str) -> None:
    with Ledger(database_url) as ledger:
        Round(ledger).whole()
    with unguarded(database_url) as connection:
        connection.execute(
            "update ledger.event set record = record || ' '::bytea where position in (5, 9)"
        )
    done = called("verify", SSP_DATABASE_URL=database_url)
    assert done.returncode == 1
    assert done.stdout == (
        "the log does NOT verify, at position 5: the leaf is not the hash of the record\n"
    )
    document = json.loads(called("verify", "--json", SSP_DATABASE_URL=database_url).stdout)
    assert document["fault"] == {
        "position": 5,
        "finding": "the leaf is not the hash of the record",
    }


def test_a_decision_that_was_tampered_with_is_replayed_as_different(database_url: str) -> None:
    with Ledger(database_url) as ledger:
        Round(ledger).whole()
    with unguarded(database_url) as connection:
        connection.execute(
            "update ledger.event set record = replace(convert_from(record, 'UTF8'), "
            '\'"total":"66"\', \'"total":"[/bold]:car:"\')::bytea '
            "where type like 'selection.ranking-computed.%'"
        )
    unreadable = refused(called("replay", "decision", "c:doc", SSP_DATABASE_URL=database_url), 1)
    assert "a record cannot be read" in unreadable
    with unguarded(database_url) as connection:
        connection.execute(
            "update ledger.event set record = replace(convert_from(record, 'UTF8'), "
            '\'"total":"[/bold]:car:"\', \'"total":"99"\')::bytea '
            "where type like 'selection.ranking-computed.%'"
        )
    done = called("replay", "decision", "c:doc", SSP_DATABASE_URL=database_url)
    assert done.returncode == 1
    assert "DIFFERS" in done.stdout
    assert '"total":"99"' in done.stdout


def test_the_doctor_finds_a_good_installation_good(folder: Path) -> None:
    said = good("doctor", SSP_DATA_DIR=folder)
    assert {line[:4] for line in said.splitlines()} == {"ok  "}
    findings = [
        json.loads(line) for line in good("doctor", "--json", SSP_DATA_DIR=folder).splitlines()
    ]
    assert [f["about"] for f in findings] == [line[5:].split(":")[0] for line in said.splitlines()]


def test_a_token_is_the_only_thing_on_standard_output(folder: Path) -> None:
    done = called("token", "city", "focal-1", "--city", "x", "--city", "y", SSP_DATA_DIR=folder)
    assert done.returncode == 0
    assert "DEVELOPMENT ONLY" in done.stderr
    key = OctKey.import_key((folder / "development-issuer.key").read_bytes())
    claims = jwt.decode(done.stdout.strip(), key).claims
    assert (claims["sub"], claims["role"], claims["city"]) == ("focal-1", "city", ["x", "y"])


def test_an_import_is_tried_then_recorded_then_known(database_url: str, tmp_path: Path) -> None:
    mapping, data = tmp_path / "cities.toml", tmp_path / "cities.csv"
    mapping.write_text(MAPPING)
    data.write_text("city,country\nnairobi,KE\nhanoi,VN\n")
    where = {"SSP_DATABASE_URL": database_url}
    tried = good("import", mapping, data, "--dry-run", **where)
    assert "2 rows are good: 2 events would be recorded" in tried
    document = json.loads(good("import", mapping, data, "--json", **where))
    assert document["recorded"]["first_position"] == 0
    assert document["recorded"]["count"] == 2
    assert "everything was on record already" in good("import", mapping, data, **where)

    data.write_text("city,country\nnairobi,KE\n,VN\nhue,Vietnam\n")
    bad = called("import", mapping, data, **where)
    assert bad.returncode == 1
    complaints = [line for line in bad.stderr.splitlines() if line.startswith("line ")]
    assert [line.split(",")[0] for line in complaints] == ["line 3", "line 4"]
    assert "wrong in 2 places; nothing was recorded" in bad.stdout
    document = json.loads(called("import", mapping, data, "--json", **where).stdout)
    assert [b["line"] for b in document["bad"]] == [3, 4]


def test_a_named_database_is_migrated_when_it_is_told_to_and_not_before(
    empty_database_url: str,
) -> None:
    where = {"SSP_DATABASE_URL": empty_database_url}
    assert "run `ssp migrate`" in refused(called("verify", **where), 3)
    sick = called("doctor", **where)
    assert sick.returncode == 1
    assert "BAD  schema: lacks 0001_ledger.sql" in sick.stdout
    first = good("migrate", **where)
    assert "applied: 0001_ledger.sql" in first
    assert all(view.name in first for view in VIEWS)
    assert good("migrate", **where) == (
        "applied: nothing, the schema was current\nviews to be filled: none\n"
    )
    assert "the log verifies: 0 events" in good("verify", **where)
    # As nobody who could do more: of a superuser the doctor would say so.
    least = {"SSP_DATABASE_URL": empty_database_url.replace("postgres@", "ssp_reader@")}
    assert "BAD  log key: none" in called("doctor", **least).stdout
    key = good("key", "make", "log.example/ssp").strip()
    assert "BAD" not in good("doctor", SSP_LOG_KEY=key, **least)


HELP = """
import sys
from replay.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code
slow = {"fastapi", "numpy", "psycopg", "pydantic", "rich", "structlog", "uvicorn"}
print("loaded:", *sorted(slow & set(sys.modules)))
"""


@pytest.mark.parametrize("arguments", [["--help"], ["serve", "--help"], ["replay", "--help"]])
def test_help_loads_nothing_that_takes_time(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", HELP, *arguments], check=True, capture_output=True, text=True
    )
    assert done.stdout.startswith("Usage: ")
    assert done.stdout.splitlines()[-1] == "loaded:"


def test_every_command_explains_itself() -> None:
    listed = good("--help").partition("Commands:")[2].splitlines()[1:]
    words = [line.split()[0] for line in listed if line.startswith("  ") and line[2] != " "]
    assert {"serve", "import", "verify", "replay"} <= set(words)
    for word in words:
        assert good(word, "--help").startswith(f"Usage: ssp {word} ")
    assert good("replay", "view", "--help").startswith("Usage: ssp replay view ")
    assert "No such command 'nope'" in refused(called("nope", "--help"), 2)
