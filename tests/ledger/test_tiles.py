"""Addresses of tiles are written in one way, and read only so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ledger.tiles import LONGEST, Tile, TooLong, address, bundle, bundle_at, tile_at

TILES = st.builds(Tile, st.integers(0, 63), st.integers(0, 10**18 - 1), st.integers(1, 256))


def test_the_specification_s_example() -> None:
    assert address(Tile(0, 1_234_067, 256)) == "0/x001/x234/067"


@given(TILES)
def test_an_address_is_read_as_it_was_written(tile: Tile) -> None:
    assert tile_at(address(tile)) == tile
    assert bundle_at(address(tile).partition("/")[2]) == Tile(0, tile.index, tile.width)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "0",
        "0/",
        "0/0",
        "0/00",
        "0/0000",
        "00/000",
        "64/000",
        "-1/000",
        "0/x000/000",
        "0/001/000",
        "0/x001/x000",
        "0/X001/000",
        "0/000/",
        "/0/000",
        "0/000.p/",
        "0/000.p/0",
        "0/000.p/01",
        "0/000.p/256",
        "0/000.p/1/",
        "0/000.p/1\n",
        "0/\u0660\u0660\u0660",
        "0/000?x",
        "0/../0/000",
        "entries/000",
    ],
)
def test_what_is_no_address_is_none(path: str) -> None:
    assert tile_at(path) is None


def test_a_bundle_says_each_length_in_two_bytes() -> None:
    assert bundle([]) == b""
    assert bundle([b"ab", b""]) == b"\x00\x02ab\x00\x00"
    assert len(bundle([b"x" * LONGEST])) == 2 + LONGEST
    with pytest.raises(TooLong, match="1"):
        bundle([b"", b"x" * (LONGEST + 1)])
