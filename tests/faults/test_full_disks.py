"""A full disk stops the log and takes nothing from it; with room again, it goes on."""

from __future__ import annotations

import errno
import os
from io import FileIO
from pathlib import Path

import psycopg
import pytest

from tests.faults.campaign import suffer, told
from tests.faults.clusters import Cluster, answers, programs, running, small_disk
from tests.faults.faults import Fault
from tests.faults.stage import Stage, staged
from tests.processes import needs_proc, until

MEGABYTES = 64
pytestmark = [needs_proc, pytest.mark.uncounted]


def write_on(file: FileIO, size: int) -> None:
    while True:
        file.write(b"\0" * size)


def filling(place: Path) -> Fault:
    """Fill a disk to its last block, until writers feel it; then make room again."""
    filler = place / "filler"

    def fill(stage: Stage) -> None:
        before = stage.noted().doubts.total()
        with filler.open("wb", buffering=0) as file:
            for size in (1 << 20, 4_096, 1):
                with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
                    write_on(file, size)
        until(lambda: stage.noted().doubts.total() > before + 5, 60)

    def make_room(stage: Stage) -> None:
        filler.unlink()
        if not answers(stage.cluster.url):
            stage.cluster.start()

    return Fault(f"disk full: {place.name}", fill, make_room)


@pytest.mark.parametrize(
    "version", ["18-embedded", pytest.param("15-debian", marks=pytest.mark.campaign)]
)
def test_a_full_disk_under_the_tables_refuses_appends_and_loses_none(
    short_folder: Path, version: str, seed: str
) -> None:
    cluster = Cluster(short_folder / "pg", programs(version))
    cluster.folder.mkdir()
    with small_disk(short_folder, MEGABYTES) as disk, running(cluster):
        place = disk / "tables"
        place.mkdir()
        cluster.give(place)
        with psycopg.connect(cluster.url, autocommit=True) as connection:
            connection.execute(f"create tablespace small location '{place}'".encode())
            connection.execute("grant create on tablespace small to public")
            connection.execute("alter database postgres set default_tablespace = small")
            # Whoever makes tables there must be let.
            connection.execute("grant create on tablespace small to public")
        with staged(cluster, short_folder, seed, ledgers=1, servers=0) as stage:
            told(1, fault := filling(disk), suffer(stage, fault))
            doubts = stage.noted().doubts
            assert doubts["DiskFull"], doubts
        cluster.kill()


@pytest.mark.parametrize(
    "version", ["18-embedded", pytest.param("15-debian", marks=pytest.mark.campaign)]
)
def test_a_full_disk_under_the_write_ahead_log_loses_none(
    short_folder: Path, version: str, seed: str
) -> None:
    cluster = Cluster(short_folder / "pg", programs(version))
    cluster.folder.mkdir()
    with small_disk(short_folder, MEGABYTES) as disk:
        place = disk / "wal"
        place.mkdir()
        cluster.give(place)
        options = (f"--waldir={place}", "--wal-segsize=1")
        with (
            running(cluster, options=options),
            staged(cluster, short_folder, seed, ledgers=1, servers=0) as stage,
        ):
            told(1, fault := filling(disk), suffer(stage, fault))
