"""Reads a log as a stranger does: with aics-tlog alone, over HTTP, given the log's public key.

Run by the strangers' Python, with none of our code: `read_log.py ADDRESS KEY SIZE…`. What the
log answers is compared with what aics-tlog makes of the log's tiles. Prints how much was checked.
"""

from __future__ import annotations

import http.client
import json
import sys
from collections.abc import Iterator
from importlib import import_module
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

theirs: Any = import_module("aics_tlog")
SMALL = 40
LARGE = 300


class Log:
    """A log, by its address and its public key."""

    def __init__(self, address: str, key: str) -> None:
        self.key = theirs.parse_vkey(key)
        self.http = http.client.HTTPConnection(urlsplit(address).netloc)
        self.reader = Kept(theirs.HttpTileReader([f"{address}/log/"], proxies={}))

    def get(self, path: str) -> bytes:
        self.http.request("GET", path)
        answer = self.http.getresponse()
        content = answer.read()
        if answer.status != http.HTTPStatus.OK:
            raise SystemExit(f"{path}: {answer.status} {content.decode()}")
        return content

    def root(self, size: int) -> bytes:
        """The root that the log has signed for a size."""
        note = theirs.parse_note(self.get(f"/log/checkpoints/{size}").decode())
        found = theirs.verify_checkpoint(note, self.key, expected_origin=self.key.name)
        check(found.ok, f"checkpoint of {size}: {found.error}")
        check(found.size == size, f"checkpoint of {size} is of {found.size}")
        root: bytes = found.root
        return root

    def proof(self, path: str) -> list[bytes]:
        return [bytes.fromhex(node) for node in json.loads(self.get(path))["proof"]]


class Kept:
    """A reader that asks for a tile once."""

    def __init__(self, reader: Any) -> None:  # noqa: ANN401  # theirs has no types that we see
        self.reader = reader
        self.tiles: dict[tuple[int, int, int | None], bytes | None] = {}

    def read_tile(self, level: int, index: int, width: int | None) -> bytes | None:
        if (level, index, width) not in self.tiles:
            self.tiles[level, index, width] = self.reader.read_tile(level, index, width)
        return self.tiles[level, index, width]

    def read_entry_bundle(self, index: int, width: int | None) -> bytes | None:
        raise SystemExit(f"records are not public: {index}, {width}")


def check(holds: object, what: str) -> None:
    if not holds:
        raise SystemExit(what)


def places(size: int) -> Iterator[int]:
    """Every position of a small tree, and a few of a large one, with those at a tile's edges."""
    if size <= SMALL:
        yield from range(size)
    else:
        edges = {255, 256} if size > LARGE else {0}
        yield from sorted(edges | {0, size // 3, size - 1})


def pairs(sizes: list[int]) -> Iterator[tuple[int, int]]:
    """Every pair of small trees, each tree with the next, and a few with the largest."""
    small = [size for size in sizes if size < SMALL]
    yield from ((old, new) for new in small for old in small if old <= new)
    yield from pairwise(sizes)
    yield from ((old, sizes[-1]) for old in (*small[:4], *sizes[255:258], *sizes[-8:]))


def main(address: str, key: str, *given: str) -> None:
    log, sizes = Log(address, key), [int(size) for size in given]
    trees = {size: theirs.VerifiedTileReader(log.reader, size, log.root(size)) for size in sizes}
    for tree in trees.values():
        tree.check_root()
    included = 0
    for size, tree in trees.items():
        for index in places(size):
            path = theirs.inclusion_proof_from_tiles(tree, index, size)
            ours = log.proof(f"/log/proof/inclusion?position={index}&size={size}")
            check(path == ours, f"the path of {index} in {size} is another")
            leaf = tree.leaf_hash(index)
            check(theirs.verify_inclusion(leaf, index, size, ours, tree.root), f"{index} in {size}")
            included += 1
    grown = set(pairs(sizes))
    for old, new in grown:
        path = theirs.consistency_proof_from_tiles(trees[new], old, new)
        ours = log.proof(f"/log/proof/consistency?from={old}&to={new}")
        check(path == ours, f"the proof from {old} to {new} is another")
        roots = trees[old].root, trees[new].root
        check(theirs.verify_consistency(old, new, *roots, ours), f"{new} does not extend {old}")
    print(json.dumps({"trees": len(trees), "included": included, "grown": len(grown)}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
