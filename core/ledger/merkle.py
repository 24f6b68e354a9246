"""The Merkle tree of RFC 6962 over leaves that lie elsewhere: roots, proofs, and their checks.

Nothing here knows a database. A tree reads the roots of perfect subtrees by height, and only
of heights 0, 8, 16 …, since those are what a log stores: a row for each full tile of 256.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

HASH_BYTES = 32
TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT

Hashes = Callable[[int, int, int], Sequence[bytes]]
"""Given a height (0, 8, 16 …), a start and a stop: the roots of the perfect subtrees of that
height with these indices, in order. Height 0 are the leaves."""

Proof = tuple[bytes, ...]


def leaf_hash(record: bytes) -> bytes:
    """Return the leaf of a record (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x00" + record).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an interior node (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


EMPTY = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""


@dataclass(slots=True)
class Frontier:
    """Roots of the perfect subtrees of a growing tree, largest first: all that growing needs."""

    size: int = 0
    nodes: list[bytes] = field(default_factory=list[bytes])

    def add(self, leaf: bytes) -> None:
        """Grow by one leaf."""
        node, rest = leaf, self.size
        while rest & 1:
            node = node_hash(self.nodes.pop(), node)
            rest >>= 1
        self.nodes.append(node)
        self.size += 1

    def root(self) -> bytes:
        """Return the root (RFC 6962, section 2.1)."""
        if not self.nodes:
            return EMPTY
        node = self.nodes[-1]
        for left in reversed(self.nodes[:-1]):
            node = node_hash(left, node)
        return node


class Tree:
    """A tree of a given size, read tile by tile: a proof costs a few reads at any size.

    It may be smaller than what is stored: the past of a log is a prefix of its present.
    """

    def __init__(self, size: int, hashes: Hashes) -> None:
        """Take the first `size` leaves of what `hashes` reads."""
        self.size = size
        self._hashes = hashes
        self._tiles: dict[tuple[int, int], Sequence[bytes]] = {}

    def root(self) -> bytes:
        """Return the root (RFC 6962, section 2.1)."""
        return self.over(0, self.size) if self.size else EMPTY

    def inclusion(self, index: int) -> Proof:
        """Return the audit path of a leaf, lowest first (RFC 6962, section 2.1.1).

        Raises `ValueError` for a leaf that the tree does not have.
        """
        if not 0 <= index < self.size:
            raise ValueError(f"a tree of {self.size} leaves has no leaf {index}")
        path: list[bytes] = []
        start, stop = 0, self.size
        while stop - start > 1:
            middle = start + split(stop - start)
            if index < middle:
                path.append(self.over(middle, stop))
                stop = middle
            else:
                path.append(self.over(start, middle))
                start = middle
        return tuple(reversed(path))

    def consistency(self, old: int) -> Proof:
        """Return the proof that the tree of `old` leaves is a prefix (RFC 6962, 2.1.2).

        It is empty for an empty tree and for the tree itself. Raises `ValueError` for a
        larger one.
        """
        if not 0 <= old <= self.size:
            raise ValueError(f"a tree of {self.size} leaves has no prefix of {old}")
        if old in (0, self.size):
            return ()
        path: list[bytes] = []
        start, stop, whole = 0, self.size, True
        while stop != old:
            middle = start + split(stop - start)
            if old <= middle:
                path.append(self.over(middle, stop))
                stop = middle
            else:
                path.append(self.over(start, middle))
                start, whole = middle, False
        if not whole:  # a prefix that is one perfect subtree is known to whoever has its root
            path.append(self.over(start, stop))
        return tuple(reversed(path))

    def over(self, start: int, stop: int) -> bytes:
        """Return the root over the leaves from `start` up to, not including, `stop`."""
        width = stop - start
        if width & (width - 1) == 0:
            height = width.bit_length() - 1
            return self._perfect(height, start >> height)
        middle = start + split(width)
        return node_hash(self.over(start, middle), self.over(middle, stop))

    def _perfect(self, height: int, index: int) -> bytes:
        above = height % TILE_HEIGHT
        first = index << above
        tile, offset = divmod(first, TILE_WIDTH)
        nodes = self._tile(height - above, tile)[offset : offset + (1 << above)]
        while len(nodes) > 1:
            pairs = zip(nodes[::2], nodes[1::2], strict=True)
            nodes = [node_hash(left, right) for left, right in pairs]
        return nodes[0]

    def _tile(self, height: int, tile: int) -> Sequence[bytes]:
        known = self._tiles.get((height, tile))
        if known is None:
            start = tile * TILE_WIDTH
            stop = min(start + TILE_WIDTH, self.size >> height)
            known = self._tiles[height, tile] = self._hashes(height, start, stop)
            if len(known) != stop - start:
                msg = f"of {stop - start} hashes of height {height} from {start}, {len(known)} are"
                raise LookupError(f"{msg} stored")
        return known


def includes(root: bytes, size: int, index: int, leaf: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that a tree has a leaf at an index (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size or not _are_hashes(root, leaf, *proof):
        return False
    node, place, last = leaf, index, size - 1
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            node = node_hash(sibling, node)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and node == root


def extends(  # two trees and a proof
    old_root: bytes, old: int, new_root: bytes, new: int, proof: Sequence[bytes]
) -> bool:
    """Whether a proof shows that one tree begins with another (RFC 9162, section 2.1.4.2).

    Every tree begins with the empty one, whose proof is empty.
    """
    if not 0 <= old <= new or not _are_hashes(old_root, new_root, *proof):
        return False
    if old in (0, new):
        return not proof and old_root == (new_root if old == new else EMPTY)
    perfect = old & (old - 1) == 0
    path = (old_root, *proof) if perfect else tuple(proof)
    if not path:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def split(width: int) -> int:
    """Return the largest power of two that is smaller than `width`."""
    return 1 << ((width - 1).bit_length() - 1)


def _are_hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
