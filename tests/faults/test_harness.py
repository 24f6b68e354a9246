"""The harness sees what it is there to see: a ledger that is worse than ours fails its check.

Each is ours but for one thing that is taken away from the function that appends.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import Connection

from tests.faults.clusters import Cluster, programs, running
from tests.faults.stage import Stage, staged
from tests.faults.whole import Whole, examine
from tests.processes import needs_proc, until

LOCKED = "where h.log_id = p_log for update;"
pytestmark = [needs_proc, pytest.mark.uncounted]


@contextmanager
def weakened(folder: Path, seed: str, found: str, instead: str, *more: str) -> Generator[Stage]:
    """Set a stage whose ledger appends by a function with one text in place of another."""
    cluster = Cluster(folder / "pg", programs("18-embedded"))
    cluster.folder.mkdir()
    # Nothing else may write the appends' log to disk by chance, such as a projector's commit.
    others = ("wal_writer_delay=10s", "synchronous_commit=off")
    with (
        running(cluster, *others),
        staged(cluster, folder, seed, ledgers=2, servers=0) as stage,
        psycopg.connect(cluster.url, autocommit=True) as connection,
    ):
        _replace(connection, found, instead)
        for statement in more:
            connection.execute(statement.encode())
        yield stage


def _replace(connection: Connection[tuple[str]], found: str, instead: str) -> None:
    row = connection.execute("select pg_get_functiondef('ledger.append'::regproc)").fetchone()
    assert row is not None
    assert row[0].count(found) == 1
    connection.execute(row[0].replace(found, instead).encode())


def examined(stage: Stage) -> Whole:
    return examine(stage.cluster.url, stage.noted)


def test_commits_that_do_not_wait_for_the_disk_are_seen_to_be_lost(
    short_folder: Path, seed: str
) -> None:
    unsafe = f"{LOCKED}\n    perform set_config('synchronous_commit', 'off', true);"
    with weakened(short_folder, seed, LOCKED, unsafe) as stage:

        def crashed() -> Whole:
            stage.until_all_write()
            stage.cluster.stop("immediate")
            stage.cluster.start()
            return examined(stage)

        # Whoever is answered from what is on record waits for the disk, and saves all before.
        found = next(whole for whole in iter(crashed, None) if whole.lost)
    assert any(finding.startswith("lost: ") for finding in found.findings)


def test_appends_without_their_lock_are_seen_to_fail(short_folder: Path, seed: str) -> None:
    """The primary key still stands between two that take the same position."""
    with weakened(short_folder, seed, LOCKED, LOCKED.replace(" for update", "")) as stage:
        until(lambda: stage.noted().surprises)
        assert any("UniqueViolation" in finding for finding in examined(stage).findings)


def test_appends_without_lock_keys_and_guard_are_seen_to_break_the_log(
    short_folder: Path, seed: str
) -> None:
    """Every record is stored, where another one is, and the head lets itself be set back."""
    keys = ("event.event_pkey", "event.event_version", "command.command_pkey", "node.node_pkey")
    with weakened(
        short_folder,
        seed,
        LOCKED,
        LOCKED.replace(" for update", ""),
        "alter table ledger.head disable trigger user",  # it holds that a head only grows
        *(f"alter table ledger.{k.replace('.', ' drop constraint ')}" for k in keys),
        "drop trigger only_grows on ledger.head",
    ) as stage:
        with psycopg.connect(stage.cluster.url, autocommit=True) as connection:
            doubled = "select 1 from ledger.event group by position having count(*) > 1 limit 1"
            until(lambda: connection.execute(doubled).fetchone())
        assert any(finding.startswith("the log: ") for finding in examined(stage).findings)
