"""`ssp key` and `ssp checkpoint`: keys that are made, take over and go, whatever interrupts it."""

from __future__ import annotations

import signal
import stat
from pathlib import Path

import psycopg
import pytest

from core.ledger.checkpoints import open_checkpoint
from core.ledger.ledger import Ledger
from core.ledger.log_keys import new_key
from core.ledger.merkle import Tree, includes
from core.ledger.notes import NotVerified, Signer, Verifier
from core.ledger.place import opened
from core.signing.events import KeyRetired, KeyRotated
from tests.logs import NAME
from tests.processes import called, good, needs_proc, refused, serving, ssp, until

WHY = ("--reason", "yearly")


def public(private: str) -> str:
    return str(Signer.parse(private).verifier)


def told(url: str) -> list[object]:
    """What the log says of its keys."""
    with Ledger(url) as ledger:
        return [recorded.event for recorded in ledger.read()]


def accepts(key: str, note: str) -> bool:
    try:
        open_checkpoint(note.encode(), [Verifier.parse(key)])
    except NotVerified:
        return False
    return True


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "log.key"
    path.write_text(f"# kept by the operator\n{new_key(NAME)}\n")
    path.chmod(0o640)
    return path


@pytest.fixture
def where(database_url: str, key_file: Path) -> dict[str, str | Path]:
    return {"SSP_DATABASE_URL": database_url, "SSP_LOG_KEY_FILE": key_file}


def test_a_key_takes_over_and_whoever_trusts_the_old_one_learns_it_from_the_log(
    where: dict[str, str | Path], database_url: str, key_file: Path
) -> None:
    old = good("key", "show", **where).strip()
    assert accepts(old, good("checkpoint", **where))

    new = good("key", "rotate", *WHY, **where).strip()
    assert good("key", "show", **where).split() == [old, new]
    overlap = good("checkpoint", **where)
    assert accepts(old, overlap)
    assert accepts(new, overlap)
    # All that trusts the old key needs: its checkpoint, and the event that is under it.
    checkpoint, _ = open_checkpoint(overlap.encode(), [Verifier.parse(old)])
    with Ledger(database_url) as ledger:
        (row,) = ledger.store.scan()
        path = Tree(checkpoint.size, ledger.store.hashes).inclusion(row.position)
        assert includes(checkpoint.root, checkpoint.size, row.position, row.leaf, path)
        assert [r.event for r in ledger.read()] == [KeyRotated(old, new, "yearly")]

    assert good("key", "retire", "--reason", "a year on", **where).strip() == old
    assert good("key", "show", **where).split() == [new]
    after = good("checkpoint", **where)
    assert accepts(new, after)
    assert not accepts(old, after)
    assert told(database_url)[1:] == [KeyRetired(old, "a year on")]
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o640
    assert key_file.read_text().startswith("# kept by the operator\n")
    earlier = good("checkpoint", "--size", str(checkpoint.size), **where)
    assert earlier == overlap


def test_a_rotation_that_was_interrupted_goes_on_with_the_key_that_it_made(
    where: dict[str, str | Path], database_url: str, key_file: Path
) -> None:
    made = new_key(NAME)
    key_file.write_text(f"{key_file.read_text()}{made}\n")
    assert good("key", "rotate", *WHY, **where).strip() == public(made)
    assert len(good("key", "show", **where).split()) == 2
    assert len(told(database_url)) == 1


def test_a_retirement_that_was_interrupted_takes_the_key_out_and_tells_nothing_twice(
    where: dict[str, str | Path], database_url: str, key_file: Path
) -> None:
    before = key_file.read_text()
    old = good("key", "show", **where).strip()
    good("key", "rotate", *WHY, **where)
    both = key_file.read_text()
    good("key", "retire", *WHY, **where)
    key_file.write_text(both)
    assert good("key", "retire", *WHY, **where).strip() == old
    assert len(good("key", "show", **where).split()) == 1
    assert len(told(database_url)) == 2
    assert before.strip().splitlines()[-1] not in key_file.read_text()


def test_the_newer_key_can_go_where_it_is_the_one_that_leaked(where: dict[str, str | Path]) -> None:
    old = good("key", "show", **where).strip()
    new = good("key", "rotate", *WHY, **where).strip()
    key_id = new.split("+")[1]
    assert good("key", "retire", key_id, "--reason", "leaked", **where).strip() == new
    assert good("key", "show", **where).split() == [old]
    assert "only key" in refused(called("key", "retire", old, *WHY, **where), 2)


def test_keys_in_the_environment_are_exchanged_there_and_told_of_by_the_command(
    database_url: str,
) -> None:
    old, new = new_key(NAME), new_key(NAME)
    where = {"SSP_DATABASE_URL": database_url}
    first = {**where, "SSP_LOG_KEY": old}
    both = {**where, "SSP_LOG_KEY": f"{old}\n{new}"}
    last = {**where, "SSP_LOG_KEY": new}
    assert "set SSP_LOG_KEY to the old key and one new one" in refused(
        called("key", "rotate", *WHY, **first), 2
    )
    assert good("key", "rotate", *WHY, **both).strip() == public(new)
    done = called("key", "retire", *WHY, **both)
    assert "take it out of SSP_LOG_KEY now" in done.stderr
    assert done.stdout.strip() == public(old)
    assert accepts(public(new), good("checkpoint", **last))
    assert told(database_url) == [
        KeyRotated(public(old), public(new), "yearly"),
        KeyRetired(public(old), "yearly"),
    ]


def test_mistakes_are_told_and_change_nothing(
    where: dict[str, str | Path], database_url: str, key_file: Path, tmp_path: Path
) -> None:
    before = key_file.read_text()
    said = refused(called("key", "retire", *WHY, **where), 2)
    assert "the log knows of no such key" in said
    assert "no checkpoint over 7 events" in refused(called("checkpoint", "--size", "7", **where), 2)
    assert "cannot be a log's name" in refused(called("key", "make", "a b"), 2)
    without: dict[str, str | Path] = {"SSP_DATABASE_URL": database_url}
    for command in (("checkpoint",), ("key", "show"), ("key", "rotate", *WHY)):
        assert "this log has no key" in refused(called(*command, **without), 2)
    missing: dict[str, str | Path] = {**without, "SSP_LOG_KEY_FILE": tmp_path / "none"}
    assert "No such file" in refused(called("checkpoint", **missing), 2)
    assert "No such file" in refused(called("serve", "--port", "0", **missing), 2)
    assert key_file.read_text() == before
    assert told(database_url) == []


def test_a_rotation_that_the_rules_refuse_leaves_a_key_that_the_next_one_takes(
    where: dict[str, str | Path], database_url: str
) -> None:
    assert "empty-text" in refused(called("key", "rotate", "--reason", " ", **where), 2)
    assert told(database_url) == []
    good("key", "rotate", *WHY, **where)
    assert len(good("key", "show", **where).split()) == 2


def test_a_fork_ends_the_command_with_the_code_of_a_failed_check(
    where: dict[str, str | Path], database_url: str
) -> None:
    good("key", "rotate", *WHY, **where)
    with psycopg.connect(database_url) as connection:
        connection.execute("alter table ledger.head disable trigger all")
        connection.execute("update ledger.head set frontier[1] = sha256('x')")
    assert "not what its key signed before" in refused(called("checkpoint", **where), 1)


@needs_proc
def test_a_server_signs_what_it_records_and_all_of_it_when_it_ends(
    short_folder: Path, tmp_path: Path
) -> None:
    folder = short_folder / "data"
    missing = called("key", "show", SSP_DATA_DIR=folder)
    assert "there are no data" in refused(missing, 3)
    with serving(tmp_path, "--no-projector", SSP_DATA_DIR=folder) as server:
        key = server.running.line_with("the log's key").split()[-1]
        assert stat.S_IMODE((folder / "log.key").stat().st_mode) == 0o600
        assert good("key", "show", SSP_DATA_DIR=folder).strip() == key
        city = {"name": {"en": "Lima"}, "country": "PE"}
        headers = server.token("officer", "officer-1")
        assert server.http.post("/cities/lima/register", json=city, headers=headers).is_success
        until(lambda: "\n1\n" in server.http.get("/log/checkpoint").text, 30)
        assert accepts(key, server.http.get("/log/checkpoint").text)
        with serving(tmp_path, "--no-projector", SSP_DATA_DIR=folder) as second:
            note = second.http.get("/log/checkpoint", params={"at_least": 1}).text
            assert note == server.http.get("/log/checkpoint").text
            # A key that is exchanged beside running servers is taken up by them.
            new = good("key", "rotate", *WHY, SSP_DATA_DIR=folder).strip()
            city["name"]["en"] = "Hue"  # type: ignore[index]  # one literal, two shapes
            assert second.http.post("/cities/hue/register", json=city, headers=headers).is_success
            signed = server.http.get("/log/checkpoint", params={"at_least": 3}).text
            assert accepts(new, signed)
            assert accepts(key, signed)
        city_headers = server.token("officer", "officer-1")
        server.http.post("/cities/kano/register", json=city, headers=city_headers)
        assert server.running.stop(signal.SIGTERM) == 0
    with opened(None, folder) as place, Ledger(place.url) as ledger:
        size = ledger.store.size()
        row = None
        with ledger.connection() as connection:
            row = connection.execute("select max(size) from ledger.checkpoint").fetchone()
    assert row == (size,)
    assert ssp("doctor", SSP_DATA_DIR=folder).stdout.count("BAD  log key") == 0
