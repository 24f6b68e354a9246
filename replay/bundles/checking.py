"""Checks a bundle with the programme's own rules, where there is no server and no database.

The verifier in one file that travels in the bundle checks the same with nothing of ours; here
the commands that led to the decision are decided once more, and must give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pydantic_core import from_json

from core.errors import DomainError
from core.ledger.checkpoints import Checkpoint, open_checkpoint
from core.ledger.codec import UnknownWireName, ValidationError
from core.ledger.merkle import HASH_BYTES
from core.ledger.notes import MalformedNote, NotVerified, Verifier
from core.ledger.records import Stored, opening
from replay.bundles.archive import NotAnArchive, read
from replay.bundles.decision import MANIFEST, MEMBERS, documents, framework_of, manifest
from replay.bundles.multiproof import NotProven, proven
from replay.bundles.rows import Bundled, Unreadable, row_of, unpacked
from replay.decisions import DecisionReplay, replay_decision


class Wrong(Exception):
    """What does not hold; `position` is the record's, where it is about one."""

    def __init__(self, finding: str, position: int | None = None) -> None:
        """Keep the position beside what was found."""
        super().__init__(finding if position is None else f"record {position}: {finding}")
        self.position = position


@dataclass(frozen=True, slots=True)
class Checked:
    """A bundle of which all holds; `notes` are what an auditor should know besides."""

    checkpoint: Checkpoint
    signed_by: tuple[Verifier, ...]
    records: int
    replayed: DecisionReplay
    notes: tuple[str, ...]


def check_bundle(data: bytes, verifiers: Sequence[Verifier]) -> Checked:
    """Check a bundle against the keys that are trusted; raises `Wrong`."""
    try:
        members = {name: data[where] for name, where in read(data).items()}
        decision_id, position = _manifest(members)
        checkpoint, note = open_checkpoint(members["checkpoint.txt"], verifiers)
        rows = [row_of(line) for line in unpacked(members["records.txt.gz"])]
        _in_order(rows)
        _under_root(rows, checkpoint, members["proof.txt"])
        replayed = _decided_again(rows, decision_id, position)
        if framework_of(rows, decision_id) != members["framework.json"]:
            raise Wrong("framework.json is not the rubric that the ranking names")
    except (NotAnArchive, MalformedNote, NotVerified, NotProven) as error:
        raise Wrong(str(error)) from error
    except Unreadable as error:
        raise Wrong(str(error), error.position) from error
    except (DomainError, UnknownWireName, ValidationError, LookupError) as error:
        raise Wrong(f"the records make no decision: {' '.join(str(error).split())}") from error
    if any(verifier.name != checkpoint.origin for verifier in note.signed_by):
        raise Wrong(f"the checkpoint is of the log {checkpoint.origin}, and your key is not")
    return Checked(checkpoint, note.signed_by, len(rows), replayed, tuple(_notes(members)))


def _manifest(members: Mapping[str, bytes]) -> tuple[str, int]:
    """Return the decision's name and position; every digest must be that of its member."""
    if tuple(members) != (*MEMBERS, MANIFEST):
        raise Wrong(f"the members are not {', '.join((*MEMBERS, MANIFEST))}")
    text = members[MANIFEST]
    try:
        said = from_json(text)
        decision_id, position = str(said["decision"]), int(said["position"])
        digests = dict(said["sha256"])
    except (ValueError, TypeError, KeyError) as error:
        raise Wrong(f"the manifest cannot be read: {error!r}") from None
    expected = manifest(decision_id, position, members)
    for name, digest in from_json(expected)["sha256"].items():
        if digests.get(name) != digest:
            raise Wrong(f"{name} is not what the manifest has the digest of")
    if text != expected:
        raise Wrong("the manifest says something else, or otherwise, than a manifest does")
    return decision_id, position


def _in_order(rows: Sequence[Stored]) -> None:
    """Positions rise, time never steps back, and every stream is whole from its beginning."""
    versions: dict[str, int] = {}
    for row in rows:
        if not row.record.startswith(opening(row.recorded_at)):
            raise Wrong("it does not say first when it was recorded", row.position)
        if row.version != versions.get(row.stream, 0) + 1:
            known = versions.get(row.stream, 0)
            raise Wrong(f"version {row.version} of {row.stream} follows {known}", row.position)
        versions[row.stream] = row.version
    for before, after in pairwise(rows):
        if before.position >= after.position:
            raise Wrong(f"it stands behind record {before.position}", after.position)
        if before.recorded_at > after.recorded_at:
            raise Wrong(f"it was recorded before record {before.position}", after.position)


def _under_root(rows: Sequence[Stored], checkpoint: Checkpoint, text: bytes) -> None:
    leaves = {row.position: row.leaf for row in rows}
    if proven(checkpoint.size, leaves, hashes_of(text)).root != checkpoint.root:
        raise Wrong("the records and the proof do not give the root that was signed")


def hashes_of(text: bytes) -> list[bytes]:
    """Return the hashes of a proof, one a line; raises `Wrong`."""
    try:
        proof = [bytes.fromhex(line) for line in text.decode("ascii").splitlines()]
    except ValueError:
        raise Wrong("the proof is not one hash a line") from None
    canonical = "".join(f"{node.hex()}\n" for node in proof).encode()
    if text != canonical or any(len(node) != HASH_BYTES for node in proof):
        raise Wrong("the proof is not one hash a line")
    return proof


def _decided_again(rows: Sequence[Stored], decision_id: str, position: int) -> DecisionReplay:
    replayed = replay_decision(Bundled(rows), f"{decision_id}@{position}")
    for step in replayed.steps:
        if not step.identical:
            raise Wrong(f"{step.command} comes out otherwise: {step.difference}", step.position)
    return replayed


def _notes(members: Mapping[str, bytes]) -> list[str]:
    """Say which documents are not those of this version: no signature covers them."""
    return [
        f"{name} in the bundle is not the one of this version of the programme"
        for name, text in documents().items()
        if members[name] != text
    ]
