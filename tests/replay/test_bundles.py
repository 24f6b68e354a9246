"""A bundle is one file, the same each time, and no byte of it can be another."""

from __future__ import annotations

import gzip
import inspect
import json
import zipfile
from collections.abc import Sequence
from importlib import import_module
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DomainError
from core.ledger.merkle import Tree, includes, leaf_hash
from replay.bundles.archive import NotAnArchive, TooLarge, Writer, read
from replay.bundles.checking import check_bundle, hashes_of
from replay.bundles.decision import MANIFEST, MEMBERS, NotCovered, bundle_decision
from replay.bundles.multiproof import NotProven, prove, proven
from replay.bundles.rows import Unreadable, row_of, unpacked
from replay.verifier import ssp_verify
from tests import scenes
from tests.bundled import KEY, MemoryLog, Past, accepted, bundle_of, members_of, root_of
from tests.replay.test_verifiers import DECISION, decided
from tests.scenes import CALL


@pytest.fixture(scope="module")
def log() -> MemoryLog:
    """A log in which one stage was decided, with records that the decision does not rest on."""
    tokyo = scenes.registered(scenes.TOKYO, "JP")
    log = MemoryLog((*scenes.LOCKED[:5], tokyo, *scenes.LOCKED[5:]))
    assert decided(log)
    return log


@pytest.fixture(scope="module")
def bundle(log: MemoryLog) -> bytes:
    return log.bundle(DECISION)


def test_a_bundle_is_a_zip_file_that_any_program_opens(bundle: bytes) -> None:
    with zipfile.ZipFile(BytesIO(bundle)) as archive:
        assert archive.testzip() is None
        assert tuple(archive.namelist()) == (*MEMBERS, MANIFEST)
        readme = archive.read("README.txt").decode()
        manifest = json.loads(archive.read(MANIFEST))
    assert "ssp_verify.py" in readme
    assert "검증" in readme
    assert manifest["decision"] == DECISION
    assert set(manifest["sha256"]) == set(MEMBERS)


def test_the_same_decision_under_the_same_checkpoint_gives_the_same_bytes(
    log: MemoryLog, bundle: bytes
) -> None:
    assert log.bundle(DECISION) == bundle


def test_records_are_the_exact_bytes_of_all_that_the_decision_read_and_no_other(
    log: MemoryLog, bundle: bytes
) -> None:
    lines = gzip.decompress(members_of(bundle)["records.txt.gz"]).splitlines()
    found = {int(position): record for position, _, record in (x.partition(b"\t") for x in lines)}
    unread = {"city-", "signing"}
    for row in log.rows:
        if row.stream.startswith(tuple(unread)):
            assert row.position not in found
        else:
            assert found[row.position] == row.record
    ranking = next(r for r in log.rows if r.type.startswith("selection.ranking"))
    inputs = {i["stream"] for i in json.loads(ranking.record)["data"]["inputs"]}
    assert inputs <= {row.stream for row in log.rows if row.position in found}


def test_the_audit_path_of_each_record_is_one_that_foreign_software_accepts(
    log: MemoryLog, bundle: bytes
) -> None:
    # Without types of its own, and so imported without being looked into.
    pymerkle: Any = import_module("pymerkle")
    members = members_of(bundle)
    rows = [row_of(line) for line in unpacked(members["records.txt.gz"])]
    leaves = {row.position: row.leaf for row in rows}
    found = proven(len(log.rows), leaves, hashes_of(members["proof.txt"]))
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for row in log.rows:
        tree.append_entry(row.record)
    assert found.root == tree.get_root()
    for row in rows:
        path = found.path(row.position)
        assert includes(found.root, len(log.rows), row.position, row.leaf, path)
        theirs = tree.prove_inclusion(row.position + 1).serialize()["path"]
        assert [node.hex() for node in path] == theirs[1:]  # theirs begins with the leaf


@pytest.mark.uncounted
def test_no_byte_can_be_another_none_be_missing_and_none_be_added(bundle: bytes) -> None:
    """Every byte flipped, one at a time; every length cut; both verifiers."""
    assert accepted(bundle)
    for at in range(len(bundle)):
        flipped = bytearray(bundle)
        flipped[at] ^= 1 << at % 8
        assert not accepted(bytes(flipped)), at
        assert not accepted(bundle[:at]), at
    for more in (b"\0", b"\n", b"PK", bundle):
        assert not accepted(bundle + more)
        assert not accepted(more + bundle)


def test_the_verifier_that_travels_in_it_is_the_one_that_is_tested(bundle: bytes) -> None:
    source = inspect.getsource(ssp_verify)
    assert members_of(bundle)["ssp_verify.py"].decode() == source


def test_documents_of_another_version_are_told_of_since_no_signature_covers_them(
    bundle: bytes,
) -> None:
    members = members_of(bundle)
    altered = bundle_of({**members, "README.txt": members["README.txt"] + b"Trust me.\n"})
    assert accepted(altered)
    (note,) = check_bundle(altered, [KEY]).notes
    assert "README.txt" in note
    assert check_bundle(bundle, [KEY]).notes == ()


def test_members_that_are_added_doubled_or_left_out_are_refused(bundle: bytes) -> None:
    members = list(members_of(bundle).items())
    for changed in (
        [*members, ("more.txt", b"more")],
        [*members, members[0]],
        members[1:],
        [members[1], members[0], *members[2:]],
    ):
        file = BytesIO()
        writer = Writer(file)
        for name, content in changed:
            writer.add(name, content)
        writer.close()
        assert not accepted(file.getvalue())


def test_a_checkpoint_from_before_the_decision_cannot_cover_it(log: MemoryLog) -> None:
    earlier = MemoryLog()
    earlier.rows = log.rows[:-1]
    with pytest.raises(NotCovered, match="the approval is record"):
        bundle_decision(Past(log.rows), DECISION, earlier.signed(), [str(KEY)])


def test_a_decision_that_was_never_made_cannot_be_bundled(log: MemoryLog) -> None:
    with pytest.raises(DomainError) as refused:
        log.bundle(f"{CALL}:final")
    assert refused.value.code == "unknown-decision"


def test_a_record_with_a_line_break_is_named_and_not_bundled(log: MemoryLog) -> None:
    tampered = MemoryLog()
    tampered.rows = [*log.rows]
    row = tampered.rows[0]
    tampered.rows[0] = row._replace(record=row.record + b"\n")
    with pytest.raises(Unreadable) as refused:
        tampered.bundle(DECISION)
    assert refused.value.position == 0


def test_a_text_that_unpacks_to_too_much_is_refused() -> None:
    bomb = gzip.compress(b"0" * 2_000_000)
    with pytest.raises(Unreadable, match="exceeds"):
        unpacked(bomb, most=1_000_000)


def test_what_a_plain_zip_file_cannot_hold_is_refused() -> None:
    class Huge(bytes):
        def __len__(self) -> int:
            return 1 << 32

    with pytest.raises(TooLarge):
        Writer(BytesIO()).add("a", Huge())


@given(st.integers(1, 300), st.data())
def test_a_multiproof_gives_the_root_and_each_path_of_any_leaves_in_any_tree(
    size: int, data: st.DataObject
) -> None:
    positions = sorted(data.draw(st.sets(st.integers(0, size - 1), min_size=1)))
    leaves = [leaf_hash(str(n).encode()) for n in range(size)]

    def hashes(height: int, start: int, stop: int) -> Sequence[bytes]:
        return [root_of(leaves[i << height : (i + 1) << height]) for i in range(start, stop)]

    tree = Tree(size, hashes)
    proof = prove(tree, positions)
    found = proven(size, {p: leaves[p] for p in positions}, proof)
    assert found.root == tree.root()
    assert {p: found.path(p) for p in positions} == {p: tree.inclusion(p) for p in positions}
    assert len(proof) <= sum(len(tree.inclusion(p)) for p in positions)
    for wrong in (proof[1:] if proof else (b"",), (*proof, leaves[0])):
        with pytest.raises(NotProven):
            proven(size, {p: leaves[p] for p in positions}, wrong)


@pytest.mark.parametrize("positions", [(), (-1,), (0, 5), (5,)])
def test_leaves_that_a_tree_does_not_have_are_not_proven(positions: tuple[int, ...]) -> None:
    with pytest.raises(NotProven):
        proven(5, dict.fromkeys(positions, b"0" * 32), ())


def test_what_is_no_bundle_at_all_is_refused_by_both() -> None:
    for data in (b"", b"PK", b"\x00" * 100, zipped()):
        assert not accepted(data)
    with pytest.raises(NotAnArchive):
        read(zipped())


def zipped() -> bytes:
    """A zip file as other programs write it."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in (*MEMBERS, MANIFEST):
            archive.writestr(name, "{}")
    return file.getvalue()
