"""One proof for many leaves of a tree: the roots of every part that holds none of them.

Smaller than an audit path for each record, and nothing that has to be believed in addition:
the path of each (RFC 6962, section 2.1.1) can be derived from it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from core.ledger.merkle import HASH_BYTES, Proof, Tree, node_hash, split


class NotProven(ValueError):
    """The proof is not one of these leaves in a tree of this size."""


def prove(tree: Tree, positions: Sequence[int]) -> Proof:
    """Return the roots of the parts without any of `positions` (in order), from left to right."""
    proof: list[bytes] = []

    def missing(start: int, stop: int) -> None:
        proof.append(tree.over(start, stop))

    _walk(tree.size, positions, missing)
    return tuple(proof)


@dataclass(slots=True)
class Proven:
    """The root of each part of the tree that is met between the leaves and the root."""

    size: int
    parts: dict[tuple[int, int], bytes] = field(default_factory=dict[tuple[int, int], bytes])

    @property
    def root(self) -> bytes:
        """The root of the whole tree."""
        return self.parts[0, self.size]

    def path(self, position: int) -> Proof:
        """Return the audit path of one of the leaves, lowest first."""
        path: list[bytes] = []
        start, stop = 0, self.size
        while stop - start > 1:
            middle = start + split(stop - start)
            if position < middle:
                path.append(self.parts[middle, stop])
                stop = middle
            else:
                path.append(self.parts[start, middle])
                start = middle
        return tuple(reversed(path))


def proven(size: int, leaves: Mapping[int, bytes], proof: Sequence[bytes]) -> Proven:
    """Return what `leaves`, by position in order, and a proof amount to.

    Raises `NotProven` where the proof is not as long as the tree asks for. Whether its root
    is the one that was signed is the caller's to compare.
    """
    given = iter(proof)
    found = Proven(size)

    def missing(start: int, stop: int) -> None:
        node = next(given, b"")
        if len(node) != HASH_BYTES:
            raise NotProven(f"the proof has no hash for positions {start} to {stop - 1}")
        found.parts[start, stop] = node

    def leaf(position: int) -> None:
        found.parts[position, position + 1] = leaves[position]

    def joined(start: int, middle: int, stop: int) -> None:
        node = node_hash(found.parts[start, middle], found.parts[middle, stop])
        found.parts[start, stop] = node

    _walk(size, tuple(leaves), missing, leaf, joined)
    if next(given, None) is not None:
        raise NotProven("the proof has more hashes than the tree asks for")
    return found


def _nothing(*_: int) -> None:
    """Pass over a part."""


def _walk(
    size: int,
    positions: Sequence[int],
    missing: Callable[[int, int], None],
    leaf: Callable[[int], None] = _nothing,
    joined: Callable[[int, int, int], None] = _nothing,
) -> None:
    """Meet every part on the way from the root to `positions`, from left to right."""
    if not positions or not 0 <= positions[0] <= positions[-1] < size:
        raise NotProven(f"a tree of {size} leaves has not all of these positions")

    def walk(start: int, stop: int, first: int, last: int) -> None:
        if first == last:
            missing(start, stop)
        elif stop - start == 1:
            leaf(start)
        else:
            middle = start + split(stop - start)
            parting = bisect_left(positions, middle, first, last)
            walk(start, middle, first, parting)
            walk(middle, stop, parting, last)
            joined(start, middle, stop)

    walk(0, size, 0, len(positions))
