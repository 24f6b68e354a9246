"""Looks at what the programme needs of its machine and its database."""

from __future__ import annotations

import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg import Connection

from core.ledger.migrate import missing
from core.ledger.place import Place
from projections.projector import progress
from projections.views import VIEWS

_OLDEST = 150_000
_LITTLE_DISK = 1 << 30
_SKEW = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: whether it is as it should be, and what was seen."""

    about: str
    good: bool
    said: str


def examine(place: Place) -> Iterator[Finding]:
    """Yield what was found, the good with the bad."""
    yield Finding("python", sys.version_info >= (3, 11), sys.version.split()[0])
    if place.data_dir is not None:
        mode = stat.S_IMODE(place.data_dir.stat().st_mode)
        yield Finding("data folder", mode == 0o700, f"{place.data_dir}, mode {mode:o}")  # noqa: PLR2004
        free = shutil.disk_usage(place.data_dir).free
        yield Finding("disk", free > _LITTLE_DISK, f"{free / (1 << 30):.1f} GiB free")
    with psycopg.connect(place.url, autocommit=True) as connection:
        yield from _database(connection)
    lacking = missing(place.url)
    yield Finding("schema", not lacking, f"lacks {lacking}" if lacking else "current")
    with psycopg.connect(place.url, autocommit=True) as connection:
        yield from _views(connection)


def _database(connection: Connection[Any]) -> Iterator[Finding]:
    version = connection.info.server_version
    yield Finding("postgresql", version >= _OLDEST, f"version {version // 10_000}")
    for name, wanted in (("fsync", "on"), ("full_page_writes", "on"),
                         ("synchronous_commit", "on"), ("server_encoding", "UTF8")):
        row = connection.execute("select current_setting(%s)", (name,)).fetchone()
        value = row[0] if row else "unknown"
        yield Finding(name, value == wanted, value)
    row = connection.execute("select clock_timestamp()").fetchone()
    skew = abs(datetime.now(UTC) - row[0]) if row else timedelta.max
    yield Finding("clocks", skew < _SKEW, f"the database's differs by {skew.total_seconds():.3f} s")
    row = connection.execute("select max(last_recorded_at) - clock_timestamp() from ledger.head "
                             "where size > 0").fetchone()
    ahead = row[0] if row and row[0] else timedelta(0)
    yield Finding("recorded time", ahead < _SKEW,
                  f"ahead of the clock by {ahead}" if ahead > _SKEW else "not ahead of the clock")


def _views(connection: Connection[Any]) -> Iterator[Finding]:
    made = connection.execute("select to_regclass('views.progress')").fetchone()
    at = progress(connection) if made and made[0] else {}
    row = connection.execute("select size from ledger.head where log_id = 1").fetchone()
    size = row[0] if row else 0
    for view in VIEWS:
        position = at.get(view.name)
        said = "never filled: start `ssp serve` or `ssp project`" if position is None \
            else f"{size - 1 - position} events behind"
        yield Finding(f"view {view.name}", position is not None, said)
