"""Tiles of the log's tree, and bundles of its entries, addressed as C2SP tlog-tiles does.

A tile's address is `<level>/<index>`, its index in groups of three digits (1234067 is
`x001/x234/067`), with `.p/<width>` where fewer than 256 hashes are asked for. Bundles of
entries have `entries` in the level's place.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from core.ledger.merkle import TILE_WIDTH

LONGEST = 0xFFFF
"""The most bytes that an entry of a bundle can have: its length is written in two."""
_LEVELS = 64
_INDEX = r"(?P<index>(?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
_HASHES = re.compile(rf"(?P<level>0|[1-9][0-9]?)/{_INDEX}")
_ENTRIES = re.compile(_INDEX)


class TooLong(ValueError):
    """An entry is longer than a bundle can say."""


@dataclass(frozen=True, slots=True)
class Tile:
    """Some consecutive hashes of one level, or as many entries."""

    level: int
    index: int
    width: int

    @property
    def start(self) -> int:
        """The index, within its level, of what the tile begins with."""
        return self.index * TILE_WIDTH


def tile_at(path: str) -> Tile | None:
    """Return the tile that an address names; None where it is none."""
    found = _HASHES.fullmatch(path)
    if found is None or int(found["level"]) >= _LEVELS:
        return None
    return _tile(int(found["level"]), found)


def bundle_at(path: str) -> Tile | None:
    """Return the tile of entries that an address without `entries/` names, or None."""
    found = _ENTRIES.fullmatch(path)
    return None if found is None else _tile(0, found)


def address(tile: Tile) -> str:
    """Return the address of a tile of hashes."""
    groups = [f"{tile.index % 1000:03}"]
    rest = tile.index // 1000
    while rest:
        groups.append(f"x{rest % 1000:03}")
        rest //= 1000
    partial = "" if tile.width == TILE_WIDTH else f".p/{tile.width}"
    return f"{tile.level}/{'/'.join(reversed(groups))}{partial}"


def bundle(entries: Sequence[bytes]) -> bytes:
    """Return entries as one bundle; raises `TooLong`, naming the entry's place in it."""
    for place, entry in enumerate(entries):
        if len(entry) > LONGEST:
            raise TooLong(place)
    return b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)


def _tile(level: int, found: re.Match[str]) -> Tile | None:
    width = int(found["width"] or TILE_WIDTH)
    index = int(found["index"].replace("x", "").replace("/", ""))
    tile = Tile(level, index, width)
    # There is one way to write each: leading groups of zeros, or a full tile as partial, are not.
    written = f"{level}/{found['index']}" + (f".p/{width}" if found["width"] else "")
    return tile if address(tile) == written else None
