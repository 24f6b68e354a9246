"""`ssp erase` and `ssp rewrap`: from outside, over the embedded server and over databases apart."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from core.cities.commands import RecordEngagement, RegisterCity
from core.decider import Act
from core.ledger import embedded
from core.ledger.draft import Envelope
from core.ledger.key_encryption import KEY_FILE, from_file
from core.ledger.ledger import Ledger
from core.vocabulary import ActorId, CityId, Role, Text
from tests.processes import called, good, refused
from tests.rounds import START

LIMA = CityId("lima")
ENGAGED = RecordEngagement(LIMA, "call", "her brother bids", "ana")


def tell(ledger: Ledger) -> None:
    act = Act(ActorId("officer-1"), Role.OFFICER, START)
    for command in (RegisterCity(LIMA, Text("Lima"), "PE"), ENGAGED):
        ledger.handle(Envelope(command, act))


@pytest.fixture
def keys_url(postgres_url: str) -> Iterator[str]:
    """An empty database, apart from the log's."""
    name = sql.Identifier(f"keys_{uuid4().hex}")
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(name))
        url = urlsplit(postgres_url)._replace(path=f"/{name.as_string().strip(chr(34))}").geturl()
        yield url
        connection.execute(sql.SQL("drop database {} with (force)").format(name))


def test_the_embedded_mode_makes_a_key_of_its_own_and_erases_with_it(short_folder: Path) -> None:
    folder = short_folder / "data"
    given: dict[str, str | Path] = {"SSP_DATA_DIR": folder, "SSP_KEK": ""}
    good("migrate", **given)
    with (
        embedded.start(folder) as server,
        Ledger(server.url, encryption=from_file(folder / KEY_FILE)) as ledger,
    ):
        tell(ledger)
    assert "1 keys of persons" in called("doctor", **given).stdout

    said = good("erase", "ana", "--reason", "asked for it", **given)
    assert "ana is erased: position 2 of the log says so" in said
    again = json.loads(good("erase", "ana", "--reason", "again", "--json", **given))
    assert again == {"subject": "ana", "at_position": 2}
    assert "0 keys of persons" in called("doctor", **given).stdout


def test_a_data_folder_that_lost_its_key_does_not_quietly_get_another(short_folder: Path) -> None:
    folder = short_folder / "data"
    given: dict[str, str | Path] = {"SSP_DATA_DIR": folder, "SSP_KEK": ""}
    good("migrate", **given)
    with (
        embedded.start(folder) as server,
        Ledger(server.url, encryption=from_file(folder / KEY_FILE)) as ledger,
    ):
        tell(ledger)
    (folder / KEY_FILE).unlink()
    assert "not at hand" in refused(called("serve", "--port", "0", **given), 2)
    assert "BAD  keys" in called("doctor", **given).stdout


def test_keys_can_lie_in_a_database_of_their_own(keys_url: str, empty_database_url: str) -> None:
    given: dict[str, str | Path] = {
        "SSP_DATABASE_URL": empty_database_url,
        "SSP_KEYS_URL": keys_url,
    }
    assert "0001_keys.sql" in refused(called("verify", **given), 3)
    assert "0001_keys.sql" in good("migrate", **given)
    with Ledger(empty_database_url, keys_url=keys_url) as ledger:
        tell(ledger)
    good("erase", "ana", "--reason", "asked for it", **given)
    for url, schema in ((empty_database_url, "ledger"), (keys_url, "keys")):
        with psycopg.connect(url) as connection:
            found = connection.execute(
                "select distinct schemaname from pg_tables where schemaname in ('ledger', 'keys')"
            ).fetchall()
            assert found == [(schema,)]
    with psycopg.connect(keys_url) as connection:
        rows = connection.execute("select subject, wrapped from keys.subject_key").fetchall()
        assert rows == [("ana", None)]


def test_a_key_encryption_key_is_replaced(database_url: str, tmp_path: Path) -> None:
    old, new = b64encode(bytes(32)).decode(), b64encode(bytes(range(32))).decode()
    path = tmp_path / "kek"
    path.touch(0o600)
    given: dict[str, str | Path] = {
        "SSP_DATABASE_URL": database_url,
        "SSP_KEK": "",
        "SSP_KEK_FILE": path,
    }
    with Ledger(database_url) as ledger:
        tell(ledger)
    path.write_text(f"{new}\n{old}\n")
    assert "wrapped again: 1" in good("rewrap", **given)
    path.write_text(f"{new}\n")
    assert "ok   keys: 1 keys" in called("doctor", **given).stdout
    path.write_text(f"{old}\n")
    assert "BAD  keys" in called("doctor", **given).stdout


def test_a_server_that_could_seal_nothing_does_not_start(database_url: str) -> None:
    given: dict[str, str | Path] = {
        "SSP_DATABASE_URL": database_url,
        "SSP_KEK": "",
        "SSP_JWT_SECRET": "s" * 32,
    }
    said = refused(called("serve", "--port", "0", **given), 2)
    assert "SSP_KEK_FILE" in said


def test_what_is_no_id_or_no_reason_is_refused(database_url: str) -> None:
    given: dict[str, str | Path] = {"SSP_DATABASE_URL": database_url}
    said = refused(called("erase", "a:b", "--reason", "asked", **given), 2)
    assert "malformed-id" in said
    assert "empty-text" in refused(called("erase", "ana", "--reason", " ", **given), 2)
