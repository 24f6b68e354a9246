"""A log that is examined in parts is found to be what it is as a whole."""

from __future__ import annotations

import os
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.ledger.merkle import Frontier, leaf_hash
from core.ledger.records import opening
from replay.parts import in_order
from replay.scan import PART, Fault, Part, Row, Whole, examine
from replay.verify import InDatabase
from tests.bundled import root_of
from tests.rounds import Round
from tests.stories import NOON

TILE = 256


def row(position: int, stream: str, version: int, seconds: int) -> Row:
    at = NOON + timedelta(seconds=seconds)
    said = f'"type":"t.1","subject":"{stream}","version":{version},"data":{{}}}}'
    record = opening(at) + said.encode()
    return position, stream, version, "t.1", at, record, leaf_hash(record)


ROWS = [row(n, f"s{n % 7}", n // 7 + 1, n) for n in range(1_100)]
LEAVES = [found[-1] for found in ROWS]


def put_together(rows: Sequence[Row], cuts: Sequence[int], sizes: Sequence[int] = ()) -> Whole:
    """Examine rows in parts that are cut at whole tiles."""
    whole = Whole(sizes)
    bounds = [0, *(cut * TILE for cut in cuts), len(rows)]
    for start, stop in pairwise(bounds):
        if whole.fault is None:
            whole.add(examine(rows[start:stop], start, stop))
    return whole


@settings(max_examples=30)
@given(st.lists(st.integers(1, 4), unique=True).map(sorted), st.sets(st.integers(0, 1_100)))
def test_however_it_is_cut_the_root_of_every_size_is_that_of_its_leaves(
    cuts: list[int], sizes: set[int]
) -> None:
    whole = put_together(ROWS, cuts, sorted(sizes))
    assert whole.fault is None
    assert whole.size == len(ROWS)
    assert whole.root() == root_of(LEAVES)
    for size in sizes:
        assert whole.root(size) == root_of(LEAVES[:size]), size
    frontier = Frontier()
    for leaf in LEAVES:
        frontier.add(leaf)
    assert whole.frontier() == frontier.nodes
    tiles = [root_of(LEAVES[at : at + TILE]) for at in range(0, 1_024, TILE)]
    assert [*whole.nodes()] == [(8, n, root) for n, root in enumerate(tiles)]


@pytest.mark.parametrize("cuts", [(), (1,), (2,), (1, 2, 3)])
@pytest.mark.parametrize(
    ("position", "other", "finding"),
    [
        (512, row(512, "s1", 75, 512), "version 75 of s1 follows version 73"),
        (513, row(513, "new", 2, 513), "version 2 of new follows version 0"),
        (512, row(512, "s1", 74, 3), "before its predecessor"),
        (700, row(701, "s0", 101, 700), "position 700 is missing: the next one stored is 701"),
        (255, (*ROWS[255][:6], b"0" * 32), "the leaf is not the hash"),
        (256, (*ROWS[256][:4], None, *ROWS[256][5:]), "recorded_at is"),
        (256, (*ROWS[256][:3], "t.2", *ROWS[256][4:]), "type is 't.1' in the record and 't.2'"),
        (40, (*ROWS[40][:5], b"{", leaf_hash(b"{")), "the record cannot be read"),
    ],
)
def test_the_first_thing_that_is_wrong_is_named_however_it_is_cut(
    cuts: tuple[int, ...], position: int, other: Row, finding: str
) -> None:
    whole = put_together([*ROWS[:position], other, *ROWS[position + 1 :]], cuts)
    assert whole.fault is not None
    assert whole.fault.position == position
    assert finding in whole.fault.finding


def test_rows_that_end_too_early_are_missing() -> None:
    part = examine(ROWS[:10], 0, 12)
    assert part.fault == Fault(10, "position 10 is missing, and all behind it")


@dataclass(frozen=True)
class Numbered:
    """Parts that say which process they come from."""

    def __call__(self, start: int, stop: int) -> Part:
        fault = Fault(os.getpid(), str(stop))
        return Part(start, b"", (), {}, None, None, fault)


def test_parts_of_a_long_log_come_in_order_from_other_processes() -> None:
    size = 20 * PART + 7
    found = list(in_order(Numbered(), size))
    assert [part.start for part in found] == list(range(0, size, PART))
    assert found[-1].fault is not None
    assert found[-1].fault.finding == str(size)
    processes = {part.fault.position for part in found if part.fault}
    assert (os.getpid() not in processes) == ((os.cpu_count() or 1) > 1)
    alone = list(in_order(Numbered(), size, alone=True))
    assert {part.fault.position for part in alone if part.fault} == {os.getpid()}


def test_what_reads_a_part_of_the_database_travels_to_another_process(round_: Round) -> None:
    store = round_.whole().ledger.store
    travelled = pickle.loads(pickle.dumps(InDatabase(round_.ledger.url)))  # noqa: S301  # our own
    size = store.size()
    part = travelled(0, size)
    assert part == examine(store.rows(0, size), 0, size)
    assert part.fault is None
