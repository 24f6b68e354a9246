"""Recomputes a log from its records: every leaf, the root, versions and the order of time.

Part by part, since parts can be examined beside each other, in processes of their own. What
stands beside a record, in the database or in an exported log, is only ever compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.ledger.checkpoints import Checkpoint
from core.ledger.codec import adapter
from core.ledger.merkle import HASH_BYTES, TILE_HEIGHT, TILE_WIDTH, Frontier, node_hash

PART = 64 * TILE_WIDTH
"""How many records make a part: whole tiles, so that their roots can be worked out apart."""

Row = tuple[int, str, int, str, datetime | None, bytes, bytes]
"""Position, stream, version, type, time of recording, record and leaf, as they are stored.

The time is None where what is stored is none that a record can hold."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What a record says of itself, of all that stands beside it."""

    recorded_at: str
    type: str
    subject: str
    version: int


_said = adapter(_Said).validator.validate_json


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is wrong, and where; `position` is None for the log as a whole."""

    position: int | None
    finding: str


@dataclass(frozen=True, slots=True)
class Part:
    """Records from `start` on, as far as nothing was wrong with them by themselves.

    `streams` has of each stream its first version here, where that is, and its last one;
    `tiles` are the roots of the part's full tiles.
    """

    start: int
    leaves: bytes
    tiles: tuple[bytes, ...]
    streams: Mapping[str, tuple[int, int, int]]
    first_at: datetime | None
    last_at: datetime | None
    fault: Fault | None

    @property
    def stop(self) -> int:
        """The position behind the last record that is good."""
        return self.start + len(self.leaves) // HASH_BYTES


def examine(rows: Iterable[Row], start: int, stop: int) -> Part:
    """Examine the rows of positions from `start`, a whole tile, up to `stop`."""
    leaves: list[bytes] = []
    firsts: dict[str, tuple[int, int]] = {}
    versions: dict[str, int] = {}
    first_at = last_at = None
    fault, expected = None, start
    for row in rows:
        _, stream, version, _, recorded_at, record, _ = row
        hashed = hashlib.sha256(b"\x00" + record).digest()
        if stream not in versions:
            # Whether it goes on from an earlier part is for whoever has that one.
            firsts[stream] = version, expected
            versions[stream] = version - 1
        if finding := _finding(row, expected, hashed, versions[stream], last_at):
            fault = Fault(expected, finding)
            break
        versions[stream], last_at = version, recorded_at
        first_at = first_at or recorded_at
        leaves.append(hashed)
        expected += 1
    if fault is None and expected < stop:
        fault = Fault(expected, f"position {expected} is missing, and all behind it")
    tiles = tuple(
        _tile_root(leaves[at : at + TILE_WIDTH])
        for at in range(0, len(leaves) - TILE_WIDTH + 1, TILE_WIDTH)
    )
    streams = {stream: (*firsts[stream], last) for stream, last in versions.items()}
    return Part(start, b"".join(leaves), tiles, streams, first_at, last_at, fault)


def _finding(row: Row, expected: int, hashed: bytes, known: int, last_at: datetime | None) -> str:
    """Return what is wrong with a row, given what came before it; "" where nothing is."""
    position, stream, version, _, recorded_at, record, leaf = row
    if position != expected:
        return f"position {expected} is missing: the next one stored is {position}"
    if hashed != leaf:
        return "the leaf is not the hash of the record"
    try:
        said = _said(record, strict=True)
        inside = said.subject, said.version, said.type, datetime.fromisoformat(said.recorded_at)
    except ValueError as error:
        return f"the record cannot be read: {' '.join(str(error).split())}"
    if inside != row[1:5]:
        return _beside(inside, row)
    if version != known + 1:
        return f"version {version} of {stream} follows version {known}"
    return _backwards(recorded_at, last_at)


def _beside(inside: tuple[str, int, str, datetime], row: Row) -> str:
    """Name the first column that is not what the record says."""
    names = "stream", "version", "type", "recorded_at"
    return next(
        f"{name} is {said!r} in the record and {stored!r} beside it"
        for name, said, stored in zip(names, inside, row[1:5], strict=True)
        if said != stored
    )


def _backwards(at: datetime | None, last_at: datetime | None) -> str:
    """Say where a time of recording precedes that of the record before; "" where it does not."""
    if at is None or last_at is None or at >= last_at:
        return ""
    return f"recorded at {at}, before its predecessor at {last_at}"


def _tile_root(leaves: Sequence[bytes]) -> bytes:
    nodes = leaves
    while len(nodes) > 1:
        nodes = [node_hash(a, b) for a, b in zip(nodes[::2], nodes[1::2], strict=True)]
    return nodes[0]


class Whole:
    """A log as far as its parts were put together, in order; `fault` is the first one found."""

    def __init__(self, sizes: Iterable[int] = ()) -> None:
        """Keep the root at each of `sizes`, besides that of the whole."""
        self.fault: Fault | None = None
        self.size = 0
        self.tiles: list[bytes] = []
        self._wanted: dict[int, set[int]] = {}
        for size in sizes:
            self._wanted.setdefault(size // TILE_WIDTH, set()).add(size)
        self._roots: dict[int, bytes] = {}
        self._full = Frontier()
        self._rest: Sequence[bytes] = ()
        self._versions: dict[str, int] = {}
        self._last_at: datetime | None = None

    def add(self, part: Part) -> None:
        """Take in the next part."""
        if faults := [f for f in (part.fault, *self._between(part)) if f is not None]:
            self.fault = min(faults, key=lambda f: -1 if f.position is None else f.position)
            return
        self._versions.update((stream, last) for stream, (_, _, last) in part.streams.items())
        self._last_at = part.last_at or self._last_at
        self.size = part.stop
        for at, tile in enumerate(part.tiles):
            self._rest = _hashes(part.leaves, at * TILE_WIDTH, (at + 1) * TILE_WIDTH)
            self._keep_roots()
            self._full.add(tile)
            self.tiles.append(tile)
        self._rest = _hashes(part.leaves, len(part.tiles) * TILE_WIDTH)
        self._keep_roots()

    def root(self, size: int | None = None) -> bytes:
        """Return the root of the whole, or of one of the sizes that were asked for."""
        if size is None or size == self.size:
            return Frontier(self.size, self.frontier()).root()
        return self._roots[size]

    def frontier(self) -> list[bytes]:
        """Return the roots of the perfect subtrees of the whole, largest first."""
        return self._frontier(self._rest)

    def nodes(self) -> Iterable[tuple[int, int, bytes]]:
        """Yield height, index and root of every full tile, of every height."""
        height, roots = TILE_HEIGHT, self.tiles
        while roots:
            yield from ((height, index, root) for index, root in enumerate(roots))
            full = len(roots) - TILE_WIDTH + 1
            roots = [_tile_root(roots[at : at + TILE_WIDTH]) for at in range(0, full, TILE_WIDTH)]
            height += TILE_HEIGHT

    def _between(self, part: Part) -> Iterable[Fault]:
        for stream, (first, position, _) in part.streams.items():
            known = self._versions.get(stream, 0)
            if first != known + 1:
                yield Fault(position, f"version {first} of {stream} follows version {known}")
        if said := _backwards(part.first_at, self._last_at):
            yield Fault(part.start, said)

    def _keep_roots(self) -> None:
        for size in self._wanted.get(len(self.tiles), ()):
            if size % TILE_WIDTH <= len(self._rest):
                nodes = self._frontier(self._rest[: size % TILE_WIDTH])
                self._roots[size] = Frontier(size, nodes).root()

    def _frontier(self, rest: Sequence[bytes]) -> list[bytes]:
        growing = Frontier()
        for leaf in rest:
            growing.add(leaf)
        return [*self._full.nodes, *growing.nodes]


def contradicts(whole: Whole, checkpoint: Checkpoint) -> Fault | None:
    """Return how a log differs from one that was signed earlier; None where it goes on from it."""
    signed = f"the checkpoint over {checkpoint.size} records"
    if whole.size < checkpoint.size:
        return Fault(whole.size, f"the log ends here, and {signed} was signed")
    if whole.root(checkpoint.size) != checkpoint.root:
        said = f"its first {checkpoint.size} records are not those that were signed: {signed} has"
        return Fault(None, f"{said} the root {checkpoint.root.hex()}")
    return None


def _hashes(joined: bytes, start: int, stop: int | None = None) -> list[bytes]:
    end = len(joined) if stop is None else stop * HASH_BYTES
    return [joined[at : at + HASH_BYTES] for at in range(start * HASH_BYTES, end, HASH_BYTES)]
