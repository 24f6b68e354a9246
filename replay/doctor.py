"""Looks at what the programme needs of its machine and its database."""

from __future__ import annotations

import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection

from core.ledger.checkpoints import open_checkpoint
from core.ledger.guards import lacking_guards, needless_power, widened_rights
from core.ledger.key_files import KeyRefused
from core.ledger.ledger import Ledger
from core.ledger.log_keys import LogKeySettings, find_keys
from core.ledger.migrate import OLDEST, missing
from core.ledger.notary import Notary
from core.ledger.notes import NotVerified
from core.ledger.place import Place
from core.ledger.roles import DatabaseRole, assume, url_for
from core.signing.events import STREAM
from core.signing.rules import DECIDER
from projections.projector import progress
from projections.views import VIEWS

_PRIVATE = 0o700
_LITTLE_DISK = 1 << 30
_SKEW = timedelta(seconds=5)
_DURABLE = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "server_encoding": "UTF8",
}


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
        yield Finding("data folder", mode == _PRIVATE, f"{place.data_dir}, mode {mode:o}")
        free = shutil.disk_usage(place.data_dir).free
        yield Finding("disk", free > _LITTLE_DISK, f"{free / (1 << 30):.1f} GiB free")
    lacking = missing(place.url)
    with psycopg.connect(url_for(place.url, DatabaseRole.READER), autocommit=True) as connection:
        yield from _server(connection)
        said = f"lacks {', '.join(lacking)}: run `ssp migrate`" if lacking else "current"
        yield Finding("schema", not lacking, said)
        if not lacking:
            yield from _guards(connection)
            yield _recorded_time(connection)
            yield from _views(connection)
    if not lacking:
        with Ledger(place.url) as ledger:
            yield from _checkpoints(ledger, place.data_dir)


def _server(connection: Connection[Any]) -> Iterator[Finding]:
    found = connection.info.parameter_status("server_version") or "unknown"
    yield Finding("postgresql", connection.info.server_version >= OLDEST, f"version {found}")
    for name, wanted in _DURABLE.items():
        value = _one(connection, "select current_setting(%s)", name)
        yield Finding(name, value == wanted, value)
    skew = abs(datetime.now(UTC) - _one(connection, "select clock_timestamp()"))
    yield Finding("clocks", skew < _SKEW, f"the database's differs by {skew.total_seconds():.3f} s")


def _guards(connection: Connection[Any]) -> Iterator[Finding]:
    user = connection.info.user
    power = needless_power(connection)
    yield Finding("database user", not power, power or f"{user} has no right that it needs not")
    assume(connection, DatabaseRole.READER)
    lacking = "; ".join(lacking_guards(connection))
    yield Finding("guards", not lacking, lacking or "what is recorded cannot be changed")
    widened = "; ".join(widened_rights(connection))
    yield Finding("grants", not widened, widened or "nobody may do more than they need")


def _recorded_time(connection: Connection[Any]) -> Finding:
    """Recorded time never decreases, so a clock that was set back makes it run ahead."""
    ahead = _one(
        connection,
        "select coalesce(max(last_recorded_at) - clock_timestamp(), '0') "
        "from ledger.head where size > 0",
    )
    late = ahead > _SKEW
    said = f"ahead of the clock by {ahead}" if late else "not ahead of the clock"
    return Finding("recorded time", not late, said)


def _views(connection: Connection[Any]) -> Iterator[Finding]:
    made = _one(connection, "select to_regclass('views.progress') is not null")
    at = progress(connection) if made else {}
    size = _one(connection, "select size from ledger.head where log_id = 1")
    for view in VIEWS:
        position = at.get(view.name)
        if position is None:
            said = "has no table: `ssp migrate`, `ssp serve` or `ssp project` makes it"
        else:
            said = f"{size - 1 - position} events behind"
        yield Finding(f"view {view.name}", position is not None or not size, said)


def _checkpoints(ledger: Ledger, data_dir: Path | None) -> Iterator[Finding]:
    """Whether the log is signed, and by keys that sign by what the log says."""
    try:
        keys = find_keys(LogKeySettings(), data_dir)
        verifiers = [signer.verifier for signer in keys.signers()] if keys else []
    except (KeyRefused, OSError) as error:
        yield Finding("log key", good=False, said=str(error))
        return
    if not verifiers:
        said = "none, so no checkpoint is signed: set SSP_LOG_KEY_FILE or SSP_LOG_KEY"
        yield Finding("log key", good=False, said=said)
        return
    retired = {k for k in ledger.draft().one(DECIDER, STREAM).retired if k in map(str, verifiers)}
    said = f"retired and still set: {', '.join(retired)}" if retired else str(verifiers[-1])
    yield Finding("log key", not retired, said)
    size, signed = ledger.store.size(), Notary(ledger, None).latest()
    if signed is None:
        yield Finding("checkpoint", good=True, said="none signed yet: `ssp serve` signs them")
        return
    try:
        open_checkpoint(signed.note, verifiers)
    except NotVerified as error:
        yield Finding("checkpoint", good=False, said=str(error))
    else:
        said = f"signed for {signed.checkpoint.size} of {size} events"
        yield Finding("checkpoint", signed.checkpoint.size <= size, said)


def _one(connection: Connection[Any], query: str, *parameters: object) -> Any:  # noqa: ANN401
    """Return the one value that a query gives."""
    row = connection.execute(query.encode(), parameters or None).fetchone()
    return row[0] if row else None
