"""A user's mistake is answered with a sentence and an exit code, never with a stack trace."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from core.ledger import embedded
from core.ledger import migrate as migrations
from core.ledger.ledger import Ledger
from core.ledger.migrate import migrate
from tests.processes import called, refused, ssp
from tests.rounds import Round

SECRET = "hunter2"  # noqa: S105  # what must not be repeated on a terminal
MAPPING = """
[cities]
city = "{city}"
name = "{city}"
country = "KE"
occurred_at = "2023-01-10T09:00:00Z"
"""


@pytest.fixture(scope="module")
def folder(folder_for_module: Path) -> Iterator[Path]:
    """An embedded database in which one round was decided, and which runs meanwhile."""
    folder = folder_for_module / "data"
    with embedded.start(folder) as server:
        migrate(server.url)
        with Ledger(server.url) as ledger:
            Round(ledger).whole()
        yield folder


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("replay view nope", "there is no view 'nope'; there are partner_pools, "),
        ("replay view ranking --as-of yesterday", "as_of = 'yesterday': a position, or an instant"),
        ("replay view ranking --as-of -1", "as_of = '-1': a position, or an instant"),
        ("replay view ranking --as-of 2024-05-01T09:00:00", "with its offset such as"),
        ("replay view ranking --as-of 99999", "as_of = '99999': the last position is "),
        ("replay view ranking --as-of 2999-01-01T00:00:00Z", "[as-of-in-future]"),
        ("replay decision c:never", "no approval of this stage was recorded there"),
        ("replay decision nonsense", "decision_id = 'nonsense'"),
        ("replay decision c:doc@then", "a decision is call:stage or call:stage@position"),
        ("what-if c:never", "no approval of this stage was recorded there"),
        ("what-if c:doc --weight a", "--weight = 'a': it is written criterion=40 or variant/"),
        ("what-if c:doc --weight a=much", "--weight = 'a=much': what follows the = is a number"),
        ("what-if c:doc --floor =3", "--floor = '=3': it is written criterion=3, total=85 or"),
        ("what-if c:doc --conflict e1", "--conflict = 'e1': it is written evaluator=call:city"),
        ("what-if c:doc --trim both", "--trim = 'both': it is one of none, drop-high-low"),
        ("what-if c:doc --drop-evaluator e9", "drop_evaluators.0 = 'e9': the evaluator has no"),
        ("consistency c never", "call 'c' has no stage 'never' as of position"),
        ("consistency c doc --effective-at noon", "effective_at = 'noon'"),
        ("demo", "the log is not empty"),
        ("token king king-1", "there is no role 'king'; there are officer, manager, chair, "),
        ("token system system-1", "there is no role 'system'"),
        ("token officer", "Missing argument 'actor'"),
        ("token city focal-1", "a token for the role city names its cities"),
        ("token officer a/b", "actor = 'a/b'"),
        ("verify --quickly", "No such option"),
        ("serve --port 65536", "cannot listen on 127.0.0.1 port 65536"),
        ("serve --host no.such.host.invalid", "cannot listen on no.such.host.invalid port 8000"),
        ("serve --port http", "--port"),
        ("nope", "No such command 'nope'"),
    ],
)
def test_a_mistake_is_named_with_what_would_be_right(folder: Path, line: str, said: str) -> None:
    assert said in refused(called(*line.split(), SSP_DATA_DIR=folder), 2)


@pytest.mark.parametrize(
    ("mapping", "data", "options", "code", "said"),
    [
        (None, "city\nx\n", "", 2, "[unreadable-file]"),
        (MAPPING, None, "", 2, "there is no such file"),
        ("[cities", "city\nx\n", "", 2, "not TOML"),
        (MAPPING + "colour = 'red'\n", "city\nx\n", "", 2, "cities.colour = 'red': there is no"),
        (MAPPING, "town\nx\n", "", 2, "cities.city"),
        (MAPPING, "city\nx\n", "--only scores", 2, "the mapping has the sections cities"),
        (MAPPING, "city\nx\n", "--actor a/b", 2, "actor = 'a/b'"),
        (MAPPING, "city\na b\n", "", 1, "line 2, city = 'a b'"),
    ],
)
def test_an_import_says_what_is_wrong_with_its_files(  # noqa: PLR0913, PLR0917
    folder: Path,
    tmp_path: Path,
    mapping: str | None,
    data: str | None,
    options: str,
    code: int,
    said: str,
) -> None:
    files = {tmp_path / "mapping.toml": mapping, tmp_path / "data.csv": data}
    for path, content in files.items():
        if content is not None:
            path.write_text(content)
    done = called("import", *files, *options.split(), SSP_DATA_DIR=folder)
    assert said in refused(done, code)


@pytest.mark.parametrize(
    ("url", "code", "said"),
    [
        (f"mysql://root:{SECRET}@host/db", 2, "none that libpq can read; it looks like"),
        (f"postgresql://u:{SECRET}@host/db?colour=red", 2, "none that libpq can read"),
        (f"postgresql://u:{SECRET}@127.0.0.1:1/db", 3, "Connection refused"),
        (f"postgresql://u:{SECRET}@no.such.host.invalid/db", 3, "failed to resolve host"),
        (f"postgresql://u:{SECRET}@/db?host=/nowhere", 3, "No such file or directory"),
    ],
)
def test_a_database_that_cannot_be_had_is_named_without_its_password(
    url: str, code: int, said: str
) -> None:
    complaint = refused(called("verify", SSP_DATABASE_URL=url), code)
    assert said in complaint
    assert SECRET not in complaint
    assert len(complaint.splitlines()) == 1


def test_a_database_without_the_schema_is_left_as_it_is(empty_database_url: str) -> None:
    where = {"SSP_DATABASE_URL": empty_database_url}
    for line in ("verify", "demo", "project", "serve --port 0", "replay view ranking"):
        assert "run `ssp migrate`" in refused(called(*line.split(), **where), 3)
    assert migrations.missing(empty_database_url)[0] == "0001_ledger.sql"


def test_a_server_that_is_too_old_is_refused(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "OLDEST", 990_000)
    for command in ("verify", "migrate", "doctor"):
        complaint = refused(called(command, SSP_DATABASE_URL=database_url), 3)
        assert "PostgreSQL 99 or newer is needed, and this is 18." in complaint


def test_a_database_and_a_data_folder_are_not_both_taken(
    database_url: str, short_folder: Path
) -> None:
    done = called("demo", "--data-dir", short_folder / "data", SSP_DATABASE_URL=database_url)
    assert "name one of them" in refused(done, 2)
    assert not (short_folder / "data").exists()
    with Ledger(database_url) as ledger:
        assert ledger.store.size() == 0


def test_a_role_without_rights_is_told_what_the_database_refuses(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("create role stranger login")
        try:
            url = database_url.replace("postgres@", "stranger@")
            complaint = refused(called("verify", SSP_DATABASE_URL=url), 3)
        finally:
            connection.execute("drop role stranger")
    assert "the database refuses: permission denied" in complaint


def test_a_port_in_use_is_found_before_anything_is_started(short_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = ssp("serve", "--port", port, SSP_DATA_DIR=short_folder / "data")
    complaint = refused(done, 2)
    assert f"cannot listen on 127.0.0.1 port {port}: Address already in use" in complaint
    assert not (short_folder / "data").exists()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "tokens under HS256 need SSP_JWT_SECRET"),
        ({"SSP_JWT_SECRET": "short"}, "SSP_JWT_SECRET must have 32 bytes or more"),
        ({"SSP_JWT_ALGORITHM": "none"}, "SSP_JWT_ALGORITHM: "),
        ({"SSP_JWT_LEEWAY_S": "soon", "SSP_JWT_SECRET": SECRET}, "SSP_JWT_LEEWAY_S: "),
        ({"SSP_JWT_ALGORITHM": "RS256", "SSP_JWT_PUBLIC_KEY": SECRET}, "tokens cannot be verified"),
    ],
)
def test_a_server_with_settings_that_cannot_be_used_does_not_start(
    database_url: str, settings: dict[str, str], said: str
) -> None:
    line = ("serve", "--port", "0", "--demo-if-empty")
    complaint = refused(called(*line, SSP_DATABASE_URL=database_url, **settings), 2)
    assert said in complaint
    assert SECRET not in complaint
    with Ledger(database_url) as ledger:
        assert ledger.store.size() == 0


def test_a_token_for_a_named_database_is_refused(database_url: str) -> None:
    complaint = refused(called("token", "officer", "o", SSP_DATABASE_URL=database_url), 2)
    assert "embedded mode only" in complaint


def test_a_token_without_data_makes_none(short_folder: Path) -> None:
    done = called("token", "officer", "o", SSP_DATA_DIR=short_folder / "data")
    assert "`ssp serve` makes them" in refused(done, 3)
    assert not (short_folder / "data").exists()


def test_an_issuers_key_that_others_can_read_is_refused(short_folder: Path) -> None:
    key = short_folder / "development-issuer.key"
    key.write_bytes(b"k" * 32)
    key.chmod(0o644)
    complaint = refused(called("token", "officer", "o", SSP_DATA_DIR=short_folder), 2)
    assert "can be read by others" in complaint


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another")
def test_a_private_folder_above_the_data_stays_private(short_folder: Path) -> None:
    home = short_folder / "home"
    home.mkdir(mode=0o700)
    complaint = refused(ssp("verify", SSP_DATA_DIR=home / "data"), 3)
    assert f"{home} is closed to other users (mode 700) and is left so" in complaint
    assert not any(home.iterdir())


def test_a_folder_of_other_files_is_not_taken_for_data(short_folder: Path) -> None:
    (short_folder / "letter.txt").write_text("mine")
    complaint = refused(called("verify", SSP_DATA_DIR=short_folder), 3)
    assert "holds other files" in complaint
