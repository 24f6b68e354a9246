"""A log in memory, bundles of its decisions, and what a forger who holds the log's key makes.

Records have the bytes that the ledger would write, decided by the real rules; the log's key is
the test's own, so that a test can sign what was never decided and see who notices.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.decider import Act
from core.errors import DomainError
from core.handlers.table import Command
from core.ledger.checkpoints import Checkpoint, parse_checkpoint, sign_checkpoint
from core.ledger.codec import Event
from core.ledger.draft import Draft, Envelope
from core.ledger.merkle import Frontier, leaf_hash
from core.ledger.notes import Signer, Verifier
from core.ledger.records import Stored, body, opening
from core.ledger.sources import Recall
from core.vocabulary import ActorId, Role
from replay.bundles.archive import Writer, read
from replay.bundles.checking import Wrong, check_bundle, hashes_of
from replay.bundles.decision import MANIFEST, MEMBERS, bundle_decision, manifest
from replay.bundles.multiproof import proven
from replay.bundles.rows import Bundled, packed, row_of, unpacked
from replay.verifier import ssp_verify
from tests.stories import NOON, OFFICER, recorded

SIGNER = Signer("log.example.org/ssp", Ed25519PrivateKey.from_private_bytes(b"1" * 32))
KEY = SIGNER.verifier
STRANGER = Signer(SIGNER.name, Ed25519PrivateKey.from_private_bytes(b"2" * 32))


class MemoryLog:
    """A log in memory, whose commands are decided as they are in production."""

    def __init__(self, facts: Sequence[Event] = ()) -> None:
        """Begin with facts, put down as imported history is."""
        self.rows: list[Stored] = []
        for found in recorded(facts):
            meta = found.meta
            self._record(meta.subject, meta.version, found.wire, body(meta, found.event))

    def do(
        self, command: Command, by: str = OFFICER, role: Role = Role.OFFICER, at: datetime = NOON
    ) -> bool:
        """Issue a command; return whether the rules let it through."""
        last = len(self.rows) - 1
        draft = Draft(Recall(Bundled(self.rows), last).at(last))
        try:
            draft.decide(Envelope(command, Act(ActorId(by), role, at)))
        except DomainError:
            return False
        for event in draft.request().events:
            self._record(event.stream, event.version, event.type, event.body)
        return True

    def bundle(self, decision_id: str, signer: Signer = SIGNER) -> bytes:
        """Return the bundle of a decision, under a checkpoint of the log as it stands."""
        return bundle_decision(Past(self.rows), decision_id, self.signed(signer), [str(KEY)])

    def signed(self, signer: Signer = SIGNER) -> bytes:
        """Return the checkpoint of the log as it stands."""
        root = root_of([row.leaf for row in self.rows])
        return sign_checkpoint(Checkpoint(signer.name, len(self.rows), root), [signer])

    def _record(self, stream: str, version: int, kind: str, content: bytes) -> None:
        at = NOON + timedelta(seconds=len(self.rows))
        record = opening(at) + content
        leaf = leaf_hash(record)
        self.rows.append(Stored(len(self.rows), stream, version, kind, at, record, leaf))


class Past(Bundled):
    """Rows with the hashes over them: what a bundle is made from."""

    def hashes(self, height: int, start: int, stop: int) -> Sequence[bytes]:
        """Return leaves, and the roots of full tiles."""
        leaves = [row.leaf for row in self.rows]
        return [root_of(leaves[i << height : (i + 1) << height]) for i in range(start, stop)]


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaves."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.add(leaf)
    return frontier.root()


def members_of(bundle: bytes) -> dict[str, bytes]:
    """Take a bundle apart."""
    return {name: bundle[where] for name, where in read(bundle).items()}


def bundle_of(members: Mapping[str, bytes]) -> bytes:
    """Put a bundle together, with the manifest that its members ask for."""
    said = json.loads(members[MANIFEST])
    file = io.BytesIO()
    writer = Writer(file)
    for name in MEMBERS:
        writer.add(name, members[name])
    writer.add(MANIFEST, manifest(said["decision"], said["position"], members))
    writer.close()
    return file.getvalue()


def forged(
    bundle: bytes, edit: Callable[[list[tuple[int, Any]]], None], signer: Signer = SIGNER
) -> bytes:
    """Return the bundle as it would be, had the log's own key signed other records.

    `edit` changes positions and records, as documents, in place.
    """
    members = members_of(bundle)
    rows = [row_of(line) for line in unpacked(members["records.txt.gz"])]
    documents = [(row.position, json.loads(row.record)) for row in rows]
    edit(documents)
    texts = [
        (position, json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())
        for position, document in documents
    ]
    checkpoint = parse_checkpoint(members["checkpoint.txt"].decode().partition("\n\n")[0] + "\n")
    members["records.txt.gz"] = packed(b"%d\t%b" % text for text in texts)
    leaves = {position: leaf_hash(text) for position, text in texts}
    root = proven(checkpoint.size, leaves, hashes_of(members["proof.txt"])).root
    members["checkpoint.txt"] = sign_checkpoint(replace(checkpoint, root=root), [signer])
    return bundle_of(members)


def findings(bundle: bytes, key: Verifier = KEY) -> tuple[str, str]:
    """Return what each verifier finds, the one of the programme and the one in a file."""
    ours = alone = ""
    try:
        check_bundle(bundle, [key])
    except Wrong as wrong:
        ours = str(wrong)
    try:
        ssp_verify.check(bundle, str(key))
    except ssp_verify.Wrong as wrong:
        alone = str(wrong)
    return ours, alone


def accepted(bundle: bytes, key: Verifier = KEY) -> bool:
    """Whether both verifiers accept a bundle; it is a defect where they disagree."""
    ours, alone = findings(bundle, key)
    assert bool(ours) == bool(alone), (ours, alone)
    return not ours
