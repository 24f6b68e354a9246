"""The log's root is the RFC 6962 tree over its records, as other software computes it."""

from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import sha256
from importlib import import_module
from typing import Any, Protocol

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import Connection

from core.ledger.ledger import Ledger
from core.ledger.merkle import leaf_hash
from core.ledger.requests import NewEvent, Request
from core.ledger.store import append
from core.ledger.writer import Writer

EDGES = (1_022, 1_023, 1_024, 1_025, 4_095, 4_096, 4_097, 65_534, 65_535, 65_536, 65_537)


class MerkleProof(Protocol):
    """A proof of pymerkle."""

    def serialize(self) -> dict[str, Any]: ...


class Tree(Protocol):
    """What we use of pymerkle, which has no types of its own."""

    def append_entry(self, data: bytes) -> int: ...
    def append_entries(self, entries: Sequence[bytes]) -> int: ...
    def get_size(self) -> int: ...
    def get_root(self, size: int | None = None) -> bytes: ...
    def prove_inclusion(self, index: int, size: int) -> MerkleProof: ...


def new_tree() -> Tree:
    tree: Tree = import_module("pymerkle").InmemoryTree(algorithm="sha256")
    return tree


def entry(n: int) -> bytes:
    return f"record {n}".encode()


@cache
def roots(sizes: tuple[int, ...] | range) -> dict[int, bytes]:
    """Return the roots that pymerkle computes for the first `size` entries."""
    tree = new_tree()
    tree.append_entries([entry(n) for n in range(max(sizes))])
    return {size: tree.get_root(size) for size in sizes}


def grown(connection: Connection[Any], sizes: Sequence[int]) -> dict[int, bytes]:
    """Grow a frontier from one size to the next, and return the root at each."""
    frontier: list[bytes] = []
    size, found = 0, dict[int, bytes]()
    for wanted in sizes:
        leaves = [leaf_hash(entry(n)) for n in range(size, wanted)]
        row = connection.execute(
            "select frontier, ledger.root(frontier) "
            "from ledger.extend(%b::bytea[], %b, %b::bytea[])",
            (frontier, size, leaves),
            binary=True,
        ).fetchone()
        assert row is not None
        frontier, found[wanted], size = row[0], row[1], wanted
    return found


@pytest.fixture
def connection(any_database_url: str) -> Iterator[Connection[Any]]:
    with psycopg.connect(any_database_url, autocommit=True) as connection:
        yield connection


def test_an_empty_log_has_the_hash_of_nothing_as_its_root(any_database_url: str) -> None:
    with Ledger(any_database_url) as ledger:
        head = ledger.store.head()

    assert (head.size, head.frontier, head.root) == (0, (), sha256(b"").digest())


def test_roots_are_those_of_pymerkle_at_every_size_up_to_300(connection: Connection[Any]) -> None:
    sizes = range(1, 301)

    assert grown(connection, sizes) == roots(sizes)


@pytest.mark.uncounted
def test_roots_are_those_of_pymerkle_around_powers_of_two(connection: Connection[Any]) -> None:
    assert grown(connection, EDGES) == roots(EDGES)


def test_how_leaves_are_grouped_does_not_change_the_root(connection: Connection[Any]) -> None:
    expected = roots(range(1, 601))

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.integers(1, 40), min_size=1, max_size=15))
    def batches_agree(batches: list[int]) -> None:
        sizes = [sum(batches[: n + 1]) for n in range(len(batches))]
        assert grown(connection, sizes) == {size: expected[size] for size in sizes}

    batches_agree()


def test_every_append_leaves_the_root_over_the_records_themselves(any_database_url: str) -> None:
    """The root covers what is stored, at once, whatever the sizes of the groups were."""
    tree = new_tree()
    position = 0
    with Writer(any_database_url) as writer, Ledger(any_database_url) as ledger:
        for group, count in enumerate([1, 1, 2, 3, 1, 8, 5, 13, 1, 29, 1, 64, 3, 124, 1]):
            writer.append(
                Request(
                    [
                        NewEvent(f"stream-{group}", n, "tests.written.1", b'"n":%d}' % n)
                        for n in range(1, count + 1)
                    ]
                )
            )
            for row in ledger.store.scan(position):
                assert row.leaf == sha256(b"\x00" + row.record).digest()
                tree.append_entry(row.record)
                position += 1
            head = ledger.store.head()
            assert (head.size, head.root) == (position, tree.get_root(position))
            assert len(head.frontier) == position.bit_count()


def test_many_groups_in_one_flush_leave_one_tree(connection: Connection[Any]) -> None:
    tree = new_tree()
    requests = [
        Request(
            [
                NewEvent(f"stream-{group}", n, "tests.written.1", b'"n":%d}' % n)
                for n in range(1, group % 4 + 2)
            ]
        )
        for group in range(50)
    ]
    refused = [Request([NewEvent("stream-0", 1, "tests.written.1", b'"n":1}')])] * 50

    answers = append(connection, [r for pair in zip(requests, refused, strict=True) for r in pair])

    assert [a.outcome for a in answers] == ["appended", "conflict"] * 50
    for (record,) in connection.execute("select record from ledger.event order by position"):
        tree.append_entry(record)
    row = connection.execute("select size, ledger.root(frontier) from ledger.head").fetchone()
    assert row == (tree.get_size(), tree.get_root())
