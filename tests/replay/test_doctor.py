"""The doctor looks at what could be wrong, and says BAD of that alone."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from core.decider import Act
from core.ledger import embedded
from core.ledger.draft import Envelope
from core.ledger.ledger import Ledger
from core.ledger.log_keys import LogKeys, LogKeySettings, new_key
from core.ledger.notary import Notary
from core.ledger.notes import Signer
from core.ledger.place import Place, opened
from core.signing.commands import RetireKey, RotateKey
from core.vocabulary import ActorId, Role
from projections.projector import Projector
from projections.views import VIEWS
from replay.doctor import examine
from tests.rounds import Round


def ailments(place: Place) -> dict[str, str]:
    return {found.about: found.said for found in examine(place) if not found.good}


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    """A key of the log, set as it is in production."""
    key = new_key("log.example/ssp")
    monkeypatch.setenv("SSP_LOG_KEY", key)
    return key


@pytest.fixture
def place(database_url: str) -> Place:
    """A database in which nobody is more than their role."""
    return Place(database_url.replace("postgres@", "ssp_reader@"), None)


def test_a_database_in_use_is_healthy(place: Place) -> None:
    with Ledger(place.url) as ledger:
        Round(ledger).whole()
    projector = Projector(place.url, VIEWS)
    projector.catch_up()
    projector.stop()
    assert not ailments(place)
    behind = [f for f in examine(place) if f.about.startswith("view ")]
    assert [f.said for f in behind] == ["0 events behind"] * len(VIEWS)


def test_views_without_tables_ail_once_there_is_something_to_see(place: Place) -> None:
    assert not ailments(place)
    with Ledger(place.url) as ledger:
        Round(ledger).announce()
    assert set(ailments(place)) == {f"view {view.name}" for view in VIEWS}


def test_a_superuser_is_more_than_anyone_needs_to_be(database_url: str) -> None:
    found = ailments(Place(database_url, None))
    assert list(found) == ["database user"]
    assert found["database user"].startswith("postgres is a superuser")


def test_guards_and_grants_that_were_taken_away_are_noticed(
    place: Place, database_url: str
) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("alter table ledger.event disable trigger append_only")
        connection.execute("grant update on ledger.event to ssp_writer")
    assert ailments(place) == {
        "guards": "the trigger append_only of ledger.event does not always fire",
        "grants": "ssp_writer may update ledger.event",
    }


def test_a_clock_that_was_set_back_is_noticed(place: Place, database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "update ledger.head set size = 1, last_recorded_at = now() + interval '1 hour'"
        )
    found = ailments(place)
    assert found["recorded time"].startswith("ahead of the clock by 0:59:")


def test_a_database_that_may_lose_what_it_acknowledged_is_noticed(place: Place) -> None:
    risky = Place(make_conninfo(place.url, options="-c synchronous_commit=off"), None)
    assert ailments(risky) == {"synchronous_commit": "off"}


def test_an_unmigrated_database_is_told_what_it_lacks(empty_database_url: str) -> None:
    with opened(empty_database_url, None, schema="any") as place:
        assert list(ailments(place)) == ["schema"]


def test_a_data_folder_that_was_opened_to_others_is_noticed(short_folder: Path) -> None:
    folder = short_folder / "data"
    with embedded.start(folder), opened(None, folder) as place:
        assert not ailments(place)
        folder.chmod(0o755)
        assert ailments(place) == {"data folder": f"{folder}, mode 755"}
        folder.chmod(stat.S_IRWXU)


def test_a_log_that_nobody_signs_ails(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSP_LOG_KEY")
    assert ailments(place)["log key"].startswith("none, so no checkpoint is signed")
    monkeypatch.setenv("SSP_LOG_KEY", "nonsense")
    assert "neither an Ed25519 key" in ailments(place)["log key"]


def test_a_checkpoint_that_the_key_which_is_set_did_not_sign_is_noticed(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Ledger(place.url) as ledger:
        Notary(ledger, LogKeys(LogKeySettings(), None)).sign()
    assert not ailments(place)
    monkeypatch.setenv("SSP_LOG_KEY", new_key("log.example/ssp"))
    assert ailments(place)["checkpoint"].startswith("no trusted key signed this")


def test_a_retired_key_that_still_signs_is_noticed(
    place: Place, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = new_key("log.example/ssp")
    old_public, new_public = (str(Signer.parse(k).verifier) for k in (key, new))
    act = Act(ActorId("operator"), Role.SYSTEM, datetime.now(UTC))
    with Ledger(place.url) as ledger:
        ledger.handle(Envelope(RotateKey(old_public, new_public, "yearly"), act))
        ledger.handle(Envelope(RetireKey(old_public, "yearly"), act))
    monkeypatch.setenv("SSP_LOG_KEY", f"{key}\n{new}")
    assert ailments(place)["log key"] == f"retired and still set: {old_public}"
    monkeypatch.setenv("SSP_LOG_KEY", new)
    assert "log key" not in ailments(place)
