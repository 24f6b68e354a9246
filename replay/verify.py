"""Proves the log whole: recomputes every leaf, the root, versions and the order of time.

Nothing that the database derived is believed; the records' own bytes are, and what
they say must agree with every column beside them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from core.ledger.ledger import Ledger
from core.ledger.merkle import Frontier, leaf_hash
from core.ledger.records import Stored
from core.ledger.store import Head, Store
from projections.projector import progress as progress_of
from projections.reading import records
from projections.tables import rows_at
from projections.view import MemoryRows, View
from projections.views import VIEWS

Progress = Callable[[int, int], None]
"""Told how far, of how many."""

_EVERY = 1_000


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is wrong, and where; `position` is None for the head's root."""

    position: int | None
    finding: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was recomputed; `fault` is None where everything agrees."""

    size: int
    root: str
    head_root: str
    fault: Fault | None


def verify(store: Store, progress: Progress | None = None) -> Verification:
    """Check the log up to its present head; stops at the first position that is wrong."""
    head = store.head()
    frontier = Frontier()
    fault = _scan(store.scan(0, head.size), head.size, frontier, progress or _silent)
    if fault is None:
        fault = _head_fault(head, frontier)
    return Verification(frontier.size, frontier.root().hex(), head.root.hex(), fault)


@dataclass(frozen=True, slots=True)
class Compared:
    """A view against a rebuild at its own position.

    `position` is None where the view has no table yet; `finding` is empty where the two
    are equal.
    """

    view: str
    position: int | None
    finding: str


def verify_views(ledger: Ledger, progress: Progress | None = None) -> tuple[Compared, ...]:
    """Compare each view's rows with a fold of the records, at the view's own position."""
    with ledger.connection() as connection, connection.transaction():
        connection.execute("set transaction isolation level repeatable read")
        made = connection.execute("select to_regclass('views.progress')").fetchone()
        at = progress_of(connection) if made and made[0] else {}
        rebuilt = _rebuilt(ledger, at, progress or _silent)
        return tuple(
            _compared(connection, view, at[view.name], rebuilt[view.name])
            if view.name in at
            else Compared(view.name, None, "")
            for view in VIEWS
        )


def _rebuilt(
    ledger: Ledger, at: Mapping[str, int], progress: Progress
) -> dict[str, Mapping[str, Any]]:
    """Fold every view up to its own position, in one reading of the records."""
    rows: dict[str, MemoryRows[Any]] = {view.name: MemoryRows() for view in VIEWS}
    size = max(at.values(), default=-1) + 1
    for record in records(ledger.store, 0, size):
        for view in VIEWS:
            if record.position <= at.get(view.name, -1):
                view.fold(record, rows[view.name])
        if record.position % _EVERY == 0:
            progress(record.position, size)
    progress(size, size)
    return {name: found.rows for name, found in rows.items()}


def _compared(
    connection: Connection[Any], view: View[Any], position: int, rebuilt: Mapping[str, Any]
) -> Compared:
    live = {key: row for key, _, row in rows_at(connection, view, position)}
    differing = sorted(
        key for key in rebuilt.keys() | live.keys() if rebuilt.get(key) != live.get(key)
    )
    finding = f"{len(differing)} rows differ, first {differing[0]!r}" if differing else ""
    return Compared(view.name, position, finding)


def _scan(
    rows: Iterable[Stored], size: int, frontier: Frontier, progress: Progress
) -> Fault | None:
    versions: dict[str, int] = {}
    last: datetime | None = None
    for row in rows:
        finding = _row_fault(row, frontier.size, versions.get(row.stream, 0), last)
        if finding:
            return Fault(frontier.size, finding)
        versions[row.stream] = row.version
        last = row.recorded_at
        frontier.add(row.leaf)
        if frontier.size % _EVERY == 0:
            progress(frontier.size, size)
    progress(frontier.size, size)
    return None


def _silent(done: int, total: int) -> None:
    """Tell no one."""


def _row_fault(row: Stored, expected: int, version: int, last: datetime | None) -> str:
    """Return what is wrong with a row, given what came before it; "" where nothing is."""
    if row.position != expected:
        return f"position {expected} is missing: the next one stored is {row.position}"
    if leaf_hash(row.record) != row.leaf:
        return "the leaf is not the hash of the record"
    if differing := _column_fault(row):
        return differing
    if row.version != version + 1:
        return f"version {row.version} of {row.stream} follows version {version}"
    if last is not None and row.recorded_at < last:
        return f"recorded at {row.recorded_at}, before its predecessor at {last}"
    return ""


def _column_fault(row: Stored) -> str:
    try:
        record = json.loads(row.record)
        said = {
            "stream": record["subject"],
            "version": record["version"],
            "type": record["type"],
            "recorded_at": datetime.fromisoformat(record["recorded_at"]),
        }
    except (ValueError, KeyError, TypeError) as error:
        return f"the record cannot be read: {error!r}"
    for name, in_record in said.items():
        stored = getattr(row, name)
        if in_record != stored:
            return f"{name} is {in_record!r} in the record and {stored!r} beside it"
    return ""


def _head_fault(head: Head, frontier: Frontier) -> Fault | None:
    if frontier.size != head.size:
        return Fault(
            frontier.size, f"the head counts {head.size} events, {frontier.size} are stored"
        )
    if frontier.root() != head.root or tuple(frontier.nodes) != head.frontier:
        return Fault(None, "the head's root is not the root of the records")
    return None
