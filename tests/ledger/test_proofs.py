"""Proofs of inclusion and consistency are RFC 6962's, and cost a few reads at any size."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import Connection

from core.ledger.ledger import Ledger
from core.ledger.merkle import EMPTY, Frontier, Tree, extends, includes, leaf_hash, node_hash
from core.ledger.requests import NewEvent, Request
from core.ledger.store import append
from tests.ledger.test_tree import entry, new_tree

EDGES = (255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537)


def stored(leaves: Sequence[bytes]) -> dict[int, list[bytes]]:
    """Return the hashes of heights 0, 8, 16, computed level by level."""
    levels, level = {0: list(leaves)}, list(leaves)
    for height in range(1, 17):
        level = [node_hash(*level[n : n + 2]) for n in range(0, len(level) - 1, 2)]
        if height % 8 == 0:
            levels[height] = level
    return levels


LEVELS = stored([leaf_hash(entry(n)) for n in range(65_600)])


def tree(size: int) -> Tree:
    return Tree(size, lambda height, start, stop: LEVELS[height][start:stop])


def changed(proof: Sequence[bytes], place: int) -> list[bytes]:
    """Return a proof with one bit of one hash turned."""
    spoilt = bytes([proof[place][0] ^ 1]) + proof[place][1:]
    return [*proof[:place], spoilt, *proof[place + 1 :]]


def test_every_leaf_of_every_small_tree_has_the_path_that_pymerkle_gives() -> None:
    peer = new_tree()
    for size in range(1, 66):
        peer.append_entry(entry(size - 1))
        assert tree(size).root() == peer.get_root(size)
        for index in range(size):
            theirs = peer.prove_inclusion(index + 1, size).serialize()["path"]
            path = tree(size).inclusion(index)
            assert [node.hex() for node in path] == theirs[1:]  # theirs begins with the leaf
            assert includes(peer.get_root(size), size, index, LEVELS[0][index], path)


def test_a_frontier_gives_the_roots_that_pymerkle_gives() -> None:
    peer, frontier = new_tree(), Frontier()
    assert frontier.root() == EMPTY
    for n in range(300):
        peer.append_entry(entry(n))
        frontier.add(LEVELS[0][n])
        assert frontier.root() == peer.get_root()


def test_every_pair_of_small_trees_is_proved_consistent_with_roots_that_pymerkle_gives() -> None:
    peer = new_tree()
    peer.append_entries([entry(n) for n in range(66)])
    roots = [EMPTY, *(peer.get_root(size) for size in range(1, 67))]
    for new in range(67):
        for old in range(new + 1):
            proof = tree(new).consistency(old)
            assert extends(roots[old], old, roots[new], new, proof)
            for other in range(new + 1):
                if other != old and old not in (0, new):
                    assert not extends(roots[other], other, roots[new], new, proof)


def test_the_proofs_of_the_standard_s_own_example() -> None:
    """RFC 6962, section 2.1.3: the tree of seven leaves, and its four proofs of consistency."""
    a, b, c, d, e, f, j = LEVELS[0][:7]
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, hi = node_hash(g, h), node_hash(i, j)

    seven = tree(7)

    assert seven.root() == node_hash(k, hi)
    assert seven.inclusion(0) == (b, h, hi)
    assert seven.inclusion(3) == (c, g, hi)
    assert seven.inclusion(4) == (f, j, k)
    assert seven.inclusion(6) == (i, k)
    assert seven.consistency(3) == (c, d, g, hi)
    assert seven.consistency(4) == (hi,)
    assert seven.consistency(6) == (i, j, k)


@given(st.sampled_from(EDGES) | st.integers(1, 65_600), st.data())
def test_a_proof_holds_at_any_size_and_nothing_else_passes_for_it(
    size: int, draw: st.DataObject
) -> None:
    whole = tree(size)
    root = whole.root()
    index = draw.draw(st.integers(0, size - 1))
    leaf, path = LEVELS[0][index], whole.inclusion(index)
    assert includes(root, size, index, leaf, path)
    assert len(path) <= (size - 1).bit_length()
    assert not includes(root, size, index, sha256(leaf).digest(), path)
    assert not includes(sha256(root).digest(), size, index, leaf, path)
    assert not includes(root, size, index, leaf, (*path, leaf))
    other = draw.draw(st.integers(0, size - 1))
    assert includes(root, size, other, leaf, path) == (other == index)
    if path:
        place = draw.draw(st.integers(0, len(path) - 1))
        assert not includes(root, size, index, leaf, changed(path, place))
        assert not includes(root, size, index, leaf, path[:place])
        assert not includes(root, size, index, leaf, [*path[:place], b"", *path[place + 1 :]])

    old = draw.draw(st.integers(0, size))
    proof, old_root = whole.consistency(old), tree(old).root()
    assert extends(old_root, old, root, size, proof)
    assert not extends(sha256(old_root).digest(), old, root, size, proof)
    assert not extends(old_root, old, root, size, (*proof, leaf))
    if proof:
        place = draw.draw(st.integers(0, len(proof) - 1))
        assert not extends(old_root, old, root, size, changed(proof, place))
        assert not extends(old_root, old, root, size, proof[:place])
        assert not extends(old_root, old, sha256(root).digest(), size, proof)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 257])
def test_what_a_tree_does_not_hold_has_no_proof(size: int) -> None:
    for index in (-1, size, size + 1):
        with pytest.raises(ValueError, match=f"{size} leaves has no leaf {index}"):
            tree(size).inclusion(index)
    for old in (-1, size + 1):
        with pytest.raises(ValueError, match=f"{size} leaves has no prefix of {old}"):
            tree(size).consistency(old)


def test_a_tree_whose_hashes_are_missing_says_so_rather_than_prove_something_else() -> None:
    with pytest.raises(LookupError, match="of 3 hashes of height 0 from 0, 2 are stored"):
        Tree(3, lambda _height, _start, _stop: LEVELS[0][:2]).root()


@pytest.fixture
def connection(any_database_url: str) -> Iterator[Connection[Any]]:
    with psycopg.connect(any_database_url, autocommit=True) as connection:
        yield connection


def test_the_stored_log_proves_every_event_at_every_edge(
    connection: Connection[Any], any_database_url: str
) -> None:
    """Some 66,000 events in groups of uneven sizes: tiles fill up within groups and between."""
    size, group = 0, 1
    while size < len(LEVELS[0]):
        count = min(group, len(LEVELS[0]) - size)
        events = [
            NewEvent(f"stream-{n}", 1, "tests.written.1", b'"n":%d}' % n)
            for n in range(size, size + count)
        ]
        append(connection, [Request(events)])
        size, group = size + count, group * 3 % 9_973 + 1
    with Ledger(any_database_url) as ledger:
        store = ledger.store
        levels = stored([row.leaf for row in store.scan()])
        for height in (0, 8, 16):
            assert store.hashes(height, 0, size) == levels[height]
        head = store.head()
        newest = Tree(head.size, store.hashes)
        assert newest.root() == head.root
        for past in (1, 2, 3, *EDGES, size):
            then = Tree(past, store.hashes)
            assert extends(then.root(), past, head.root, size, newest.consistency(past))
            for index in (0, past // 3, past - 1):
                leaf = store.hashes(0, index, index + 1)[0]
                assert includes(then.root(), past, index, leaf, then.inclusion(index))


def test_a_proof_reads_a_handful_of_ranges() -> None:
    reads: list[tuple[int, int, int]] = []

    def counted(height: int, start: int, stop: int) -> Sequence[bytes]:
        reads.append((height, start, stop))
        return LEVELS[height][start:stop]

    Tree(65_599, counted).inclusion(40_000)

    assert len(reads) <= 5
    assert all(stop - start <= 256 for _, start, stop in reads)
