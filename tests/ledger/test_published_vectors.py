"""The vectors that were published with Certificate Transparency, for RFC 6962's tree.

They are in the tests of its first log server (merkle_tree_test.cc) and of most software for such
logs since, so they tie us to all of them.
"""

from __future__ import annotations

import pytest

from core.ledger.merkle import EMPTY, Tree, extends, includes, leaf_hash, node_hash

ENTRIES = [
    bytes.fromhex(entry)
    for entry in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
A1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
B1 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
C1 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
A4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
B2 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
B3 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"


def tree(size: int) -> Tree:
    def hashes(height: int, start: int, stop: int) -> list[bytes]:
        assert height == 0
        return LEAVES[start:stop]

    return Tree(size, hashes)


@pytest.mark.parametrize("size", range(9))
def test_roots(size: int) -> None:
    assert tree(size).root().hex() == ROOTS[size]
    assert EMPTY.hex() == ROOTS[0]


@pytest.mark.parametrize(
    ("index", "size", "path"),
    [
        (0, 1, ()),
        (0, 8, (A1, B1, C1)),
        (5, 8, (A4, B3, ROOTS[4])),
        (2, 3, (ROOTS[2],)),
        (1, 5, (ROOTS[1], B1, A4)),
    ],
)
def test_inclusion(index: int, size: int, path: tuple[str, ...]) -> None:
    proof = tree(size).inclusion(index)
    assert tuple(node.hex() for node in proof) == path
    assert includes(bytes.fromhex(ROOTS[size]), size, index, LEAVES[index], proof)


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        (1, 1, ()),
        (1, 8, (A1, B1, C1)),
        (6, 8, (B2, B3, ROOTS[4])),
        (2, 5, (B1, A4)),
    ],
)
def test_consistency(old: int, new: int, path: tuple[str, ...]) -> None:
    proof = tree(new).consistency(old)
    assert tuple(node.hex() for node in proof) == path
    assert extends(bytes.fromhex(ROOTS[old]), old, bytes.fromhex(ROOTS[new]), new, proof)


def test_the_nodes_that_the_paths_name() -> None:
    assert [LEAVES[1].hex(), LEAVES[4].hex()] == [A1, A4]
    assert [node_hash(*LEAVES[n : n + 2]).hex() for n in (2, 4, 6)] == [B1, B2, B3]
