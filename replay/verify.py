"""Proves the log whole: recomputes every leaf, the root, versions and the order of time.

Nothing that the database derived is believed; the records' own bytes are, and what
they say must agree with every column beside them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

import psycopg
from psycopg import IsolationLevel

from core.ledger.ledger import Ledger
from core.ledger.records import Stored, leaf_hash
from core.ledger.store import Head, Store
from projections.projector import progress as progress_of
from projections.tables import rows_at
from projections.time_travel import fold
from projections.views import VIEWS


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is wrong, and where; `position` is None for the head."""

    position: int | None
    finding: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was recomputed; `fault` is None where everything agrees."""

    size: int
    root: str
    head_root: str
    fault: Fault | None


@dataclass(slots=True)
class Frontier:
    """Roots of the perfect subtrees of a growing log, largest first (RFC 6962, 2.1)."""

    size: int = 0
    nodes: list[bytes] = field(default_factory=list)

    def add(self, leaf: bytes) -> None:
        """Grow by one leaf."""
        node, rest = leaf, self.size
        while rest & 1:
            node = hashlib.sha256(b"\x01" + self.nodes.pop() + node).digest()
            rest >>= 1
        self.nodes.append(node)
        self.size += 1

    def root(self) -> bytes:
        """Return the Merkle tree hash; that of an empty log is SHA-256 of nothing."""
        if not self.nodes:
            return hashlib.sha256(b"").digest()
        node = self.nodes[-1]
        for left in reversed(self.nodes[:-1]):
            node = hashlib.sha256(b"\x01" + left + node).digest()
        return node


def verify(store: Store, progress: Callable[[int, int], None] | None = None) -> Verification:
    """Check the log up to its present head; `progress` is told how far, of how many.

    Stops at the first position that is wrong.
    """
    head = store.head()
    frontier = Frontier()
    fault = _scan(store.scan(0, head.size), head.size, frontier, progress)
    if fault is None:
        fault = _head_fault(head, frontier)
    return Verification(frontier.size, frontier.root().hex(), head.root.hex(), fault)


def verify_views(ledger: Ledger) -> dict[str, str | None]:
    """Compare each view's rows with a fold of the records, at the view's own position.

    Returns a finding by view: None where the two are equal, "" where the view was never
    filled.
    """
    findings: dict[str, str | None] = {}
    with psycopg.connect(ledger.url) as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        made = connection.execute("select to_regclass('views.progress')").fetchone()
        at = progress_of(connection) if made and made[0] else {}
        for view in VIEWS:
            if view.name not in at:
                findings[view.name] = ""
                continue
            rebuilt = fold(view, ledger.read(0, at[view.name] + 1))
            live = {key: row for key, _, row in rows_at(connection, view, at[view.name])}
            differing = sorted(
                key for key in rebuilt.keys() | live.keys() if rebuilt.get(key) != live.get(key)
            )
            findings[view.name] = (
                f"{len(differing)} rows differ from a rebuild at position {at[view.name]}, "
                f"first {differing[0]!r}" if differing else None
            )
    return findings


def _scan(
    rows: Iterable[Stored], size: int, frontier: Frontier,
    progress: Callable[[int, int], None] | None,
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
        if progress is not None and frontier.size % 1_000 == 0:
            progress(frontier.size, size)
    if progress is not None:
        progress(frontier.size, size)
    return None


def _row_fault(row: Stored, expected: int, version: int, last: datetime | None) -> str:
    if row.position != expected:
        return f"position {expected} is missing: the next one stored is {row.position}"
    if leaf_hash(row.record) != row.leaf:
        return "the leaf is not the hash of the record"
    try:
        record = json.loads(row.record)
        said = (record["subject"], record["version"], record["type"],
                datetime.fromisoformat(record["recorded_at"]))
    except (ValueError, KeyError, TypeError) as error:
        return f"the record cannot be read: {error!r}"
    stored = (row.stream, row.version, row.type, row.recorded_at)
    for name, in_record, in_column in zip(("stream", "version", "type", "recorded_at"), said,
                                          stored, strict=True):
        if in_record != in_column:
            return f"{name} is {in_record!r} in the record and {in_column!r} beside it"
    if row.version != version + 1:
        return f"version {row.version} of {row.stream} follows version {version}"
    if last is not None and row.recorded_at < last:
        return f"recorded at {row.recorded_at}, before its predecessor at {last}"
    return ""


def _head_fault(head: Head, frontier: Frontier) -> Fault | None:
    if frontier.size != head.size:
        return Fault(frontier.size, f"the head counts {head.size} events, {frontier.size} are "
                     "stored")
    if frontier.root() != head.root or tuple(frontier.nodes) != head.frontier:
        return Fault(None, "the head's root is not the root of the records")
    return None
