"""The notary signs what the log is, once for each size, and never what contradicts it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import structlog

from core.ledger.checkpoints import Checkpoint, Signed, open_checkpoint, sign_checkpoint
from core.ledger.last_signed import LastSigned
from core.ledger.ledger import Ledger
from core.ledger.log_keys import MEMORY_FILE, LogKeys, LogKeySettings, find_keys, new_key
from core.ledger.merkle import EMPTY, Frontier
from core.ledger.notary import Forked, Notary
from core.ledger.notes import MalformedNote
from core.ledger.requests import NewEvent, Request
from core.ledger.store import append
from tests.logs import NAME, log_keys
from tests.logs import grow as grow_by


def keys_in(folder: Path, *texts: str) -> LogKeys:
    path = folder / "key"
    path.write_text("\n".join(texts or [new_key(NAME)]))
    path.chmod(0o600)
    keys = find_keys(LogKeySettings(log_key_file=path, log_key=None, log_origin=None), None)
    assert keys is not None
    return keys


@pytest.fixture
def ledger(any_database_url: str) -> Iterator[Ledger]:
    with Ledger(any_database_url) as ledger:
        yield ledger


@pytest.fixture
def keys(tmp_path: Path) -> LogKeys:
    return keys_in(tmp_path)


@pytest.fixture
def grow(ledger: Ledger) -> Iterator[Callable[[int], None]]:
    """Append so many events, of no matter what."""
    with psycopg.connect(ledger.url, autocommit=True) as connection:

        def grow(count: int) -> None:
            grow_by(connection, count)

        yield grow


def superuser(url: str, *statements: str, refit: bool = False) -> None:
    """Do what only a superuser can; `refit` then makes the head fit what is left."""
    with psycopg.connect(url, autocommit=True) as connection:
        for table in ("event", "head", "node", "checkpoint"):
            connection.execute(f"alter table ledger.{table} disable trigger all".encode())
        for statement in statements:
            connection.execute(statement.encode())
        if refit:
            frontier = Frontier()
            for (leaf,) in connection.execute("select leaf from ledger.event order by position"):
                frontier.add(leaf)
            connection.execute(
                "update ledger.head set size = %s, frontier = %s", (frontier.size, frontier.nodes)
            )


def until(holds: Callable[[], object], timeout_s: float = 30) -> None:
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_an_empty_log_is_signed_as_empty(ledger: Ledger, keys: LogKeys) -> None:
    signed = Notary(ledger, keys).sign()
    assert signed is not None
    assert (signed.checkpoint.size, signed.checkpoint.root) == (0, EMPTY)


def test_what_is_signed_is_the_root_over_all_that_was_acknowledged(
    ledger: Ledger, keys: LogKeys, grow: Callable[[int], None]
) -> None:
    notary = Notary(ledger, keys)
    for count in (1, 2, 252, 1, 1, 600):
        grow(count)
        signed = notary.sign()
        assert signed is not None
        opened, _ = open_checkpoint(signed.note, [s.verifier for s in keys.signers()])
        head = ledger.store.head()
        assert (opened.origin, opened.size, opened.root) == (NAME, head.size, head.root)


def test_earlier_checkpoints_stay_and_nothing_new_is_signed_twice(
    ledger: Ledger, keys: LogKeys, grow: Callable[[int], None]
) -> None:
    notary = Notary(ledger, keys)
    grow(3)
    first = notary.sign()
    assert notary.sign() == first
    grow(4)
    second = notary.sign()
    assert second != first
    assert (notary.at(3), notary.at(7), notary.at(5), notary.latest()) == (
        first,
        second,
        None,
        second,
    )


def test_without_keys_stored_checkpoints_are_shown_and_none_is_signed(
    ledger: Ledger, keys: LogKeys, grow: Callable[[int], None]
) -> None:
    assert Notary(ledger, None).sign() is None
    grow(1)
    signed = Notary(ledger, keys).sign()
    grow(1)
    assert Notary(ledger, None).sign() == signed


def test_a_new_key_signs_beside_the_old_as_soon_as_it_lies_there(
    ledger: Ledger, tmp_path: Path, grow: Callable[[int], None]
) -> None:
    old, new = new_key(NAME), new_key(NAME)
    notary = Notary(ledger, keys_in(tmp_path, old))
    grow(1)
    notary.sign()
    both = keys_in(tmp_path, old, new).signers()
    grow(1)
    signed = notary.sign()
    assert signed is not None
    for signer in both:
        assert open_checkpoint(signed.note, [signer.verifier])[1].signed_by == (signer.verifier,)


def test_many_notaries_at_once_agree(
    ledger: Ledger, keys: LogKeys, grow: Callable[[int], None]
) -> None:
    notaries = [Notary(ledger, keys) for _ in range(4)]
    stop = threading.Event()

    def sign(notary: Notary) -> int:
        signed = 0
        while not stop.is_set():
            notary.sign()
            signed += 1
        return signed

    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(sign, notary) for notary in notaries]
        for _ in range(40):
            grow(7)
        stop.set()
        assert all(signing.result() for signing in running)
    latest = {notary.sign() for notary in notaries}
    assert len(latest) == 1
    with ledger.connection() as connection:
        count = connection.execute("select count(*) from ledger.checkpoint").fetchone()
    assert count is not None
    assert count[0] > 1


def test_it_signs_by_itself_and_once_more_at_its_end(
    ledger: Ledger, keys: LogKeys, grow: Callable[[int], None]
) -> None:
    notary = Notary(ledger, keys, every_s=0.02)
    with notary.running():
        until(lambda: (latest := notary.latest()) and latest.checkpoint.size == 0)
        grow(5)
        until(lambda: (latest := notary.latest()) and latest.checkpoint.size == 5)
    slow = Notary(ledger, keys, every_s=3600)
    with slow.running():
        grow(1)
    latest = slow.latest()
    assert latest is not None
    assert latest.checkpoint.size == 6


def test_it_waits_for_a_database_that_is_gone_for_a_while(ledger: Ledger, keys: LogKeys) -> None:
    notary = Notary(ledger, keys, every_s=0.02)
    with structlog.testing.capture_logs() as lines, notary.running():
        until(notary.latest)
        superuser(
            ledger.url,
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid()",
        )
        until(lambda: any(line["event"] == "notary.waiting" for line in lines))
        with psycopg.connect(ledger.url, autocommit=True) as connection:
            append(connection, [Request([NewEvent("other", 1, "test.grown.1", b'"n":1}')])])
        with Ledger(ledger.url) as other:
            until(lambda: (latest := Notary(other, None).latest()) and latest.checkpoint.size)
    assert {line["event"] for line in lines} == {"notary.waiting"}


def test_a_root_in_the_head_that_the_hashes_do_not_bear_out_is_not_signed(
    ledger: Ledger, keys: LogKeys, grow: Callable[[int], None]
) -> None:
    grow(300)
    superuser(ledger.url, "update ledger.head set frontier[1] = sha256('x')")
    with pytest.raises(Forked, match="not that of the 300 hashes"):
        Notary(ledger, keys).sign()


def test_a_hole_is_not_signed(ledger: Ledger, keys: LogKeys, grow: Callable[[int], None]) -> None:
    grow(300)
    superuser(ledger.url, "delete from ledger.event where position = 270")
    with pytest.raises(Forked, match="speaks of more than there is"):
        Notary(ledger, keys).sign()


@pytest.mark.parametrize(
    ("tampering", "grown", "said"),
    [
        ("delete from ledger.event where position >= 290", 0, "300 .* signed, and 290 are left"),
        ("delete from ledger.event where position >= 290", 20, "do not begin with the 300"),
        (
            "update ledger.event set leaf = sha256('x') where position = 299",
            0,
            "begin with the 300",
        ),
        (
            "update ledger.event set leaf = sha256('x') where position = 299",
            1,
            "begin with the 300",
        ),
        ("update ledger.node set hash = sha256('x')", 1, "not that of the 301 hashes"),
    ],
    ids=["cut", "cut and grown", "rewritten", "rewritten and grown", "node"],
)
def test_a_log_that_contradicts_what_was_signed_is_never_signed(  # noqa: PLR0913, PLR0917  # fixtures
    ledger: Ledger,
    keys: LogKeys,
    grow: Callable[[int], None],
    tampering: str,
    grown: int,
    said: str,
) -> None:
    """Each as a superuser does it, with the head made to fit."""
    notary = Notary(ledger, keys)
    grow(300)
    signed = notary.sign()
    superuser(ledger.url, tampering, refit=True)
    if grown:
        grow(grown)
    for one in (notary, Notary(ledger, keys)):
        with pytest.raises(Forked, match=said):
            one.sign()
    assert notary.latest() == signed


def test_a_database_that_was_set_back_is_not_signed_anew_while_the_notary_remembers(
    ledger: Ledger, keys: LogKeys, grow: Callable[[int], None]
) -> None:
    notary = Notary(ledger, keys)
    grow(2)
    notary.sign()
    grow(2)
    notary.sign()
    superuser(
        ledger.url,
        "delete from ledger.checkpoint where size = 4",
        "delete from ledger.event where position >= 2",
        refit=True,
    )
    with pytest.raises(Forked, match="4 events were signed, and 2 are left"):
        notary.sign()
    grow(3)
    with pytest.raises(Forked, match="do not begin with the 4"):
        notary.sign()


def test_an_embedded_log_that_was_set_back_is_not_signed_by_the_next_process_either(
    ledger: Ledger, tmp_path: Path, grow: Callable[[int], None]
) -> None:
    """The key's own memory lies beside the key, and the database cannot set it back."""
    keys = find_keys(LogKeySettings(log_key_file=None, log_key=None, log_origin=None), tmp_path)
    grow(4)
    signed = Notary(ledger, keys).sign()
    assert signed is not None
    assert (tmp_path / MEMORY_FILE).read_bytes() == signed.note
    assert Notary(ledger, keys).sign() == signed
    superuser(
        ledger.url,
        "delete from ledger.checkpoint",
        "delete from ledger.event where position >= 2",
        refit=True,
    )
    with pytest.raises(Forked, match="4 events were signed, and 2 are left"):
        Notary(ledger, keys).sign()
    grow(3)
    with pytest.raises(Forked, match="do not begin with the 4"):
        Notary(ledger, keys).sign()
    (tmp_path / MEMORY_FILE).write_text("nonsense")
    with pytest.raises(MalformedNote):
        Notary(ledger, keys).sign()


def test_the_memory_never_goes_back(tmp_path: Path) -> None:
    memory = LastSigned(tmp_path / MEMORY_FILE)
    (signer,) = log_keys().signers()
    for size, left in ((3, 3), (5, 5), (4, 5)):
        checkpoint = Checkpoint(NAME, size, bytes([size]) * 32)
        memory.keep(Signed(checkpoint, sign_checkpoint(checkpoint, [signer])))
        kept = memory.read()
        assert kept is not None
        assert kept.size == left


def test_a_log_never_changes_its_name(
    ledger: Ledger, tmp_path: Path, grow: Callable[[int], None]
) -> None:
    notary = Notary(ledger, keys_in(tmp_path))
    grow(1)
    notary.sign()
    keys_in(tmp_path, new_key("other.example/log"))
    grow(1)
    with pytest.raises(Forked, match=r"signed as 'log\.example/ssp'"):
        notary.sign()


def test_a_fork_stops_the_notary_loudly(
    ledger: Ledger, keys: LogKeys, grow: Callable[[int], None]
) -> None:
    grow(2)
    Notary(ledger, keys).sign()
    superuser(ledger.url, "update ledger.head set frontier[1] = sha256('x')")
    grow(1)
    with structlog.testing.capture_logs() as lines, Notary(ledger, keys, every_s=0.01).running():
        until(lambda: any(line["event"] == "notary.stopped" for line in lines))
        time.sleep(0.1)
    assert [line["event"] for line in lines] == ["notary.stopped"]


def test_a_size_has_one_root_in_the_database_too(
    ledger: Ledger, keys: LogKeys, grow: Callable[[int], None]
) -> None:
    grow(1)
    Notary(ledger, keys).sign()
    with pytest.raises(psycopg.errors.UniqueViolation):
        superuser(
            ledger.url,
            "insert into ledger.checkpoint (log_id, size, root, note) "
            "values (1, 1, sha256('x'), '')",
        )
