"""Writes the bundle of a decision: all that it read, and what proves it to a stranger."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, Protocol

from pydantic_core import from_json

from core.ledger.checkpoints import parse_checkpoint
from core.ledger.codec import wires_of
from core.ledger.merkle import Hashes, Tree
from core.ledger.notes import split_note
from core.ledger.records import Stored
from core.ledger.sources import Rows
from core.selection.events import RankingComputed
from replay.bundles.archive import Writer
from replay.bundles.multiproof import prove
from replay.bundles.rows import line_of, packed
from replay.decisions import replay_decision
from replay.noted import Noted

FORMAT = "sharing-seoul-decision.1"
MANIFEST = "manifest.json"
MEMBERS = (
    "README.txt",
    "ssp_verify.py",
    "checkpoint.txt",
    "keys.txt",
    "framework.json",
    "proof.txt",
    "records.txt.gz",
)
"""What a bundle has beside its manifest, in this order."""


class NotCovered(ValueError):
    """The checkpoint was signed before the decision was made."""


class Log(Rows, Protocol):
    """A log that rows and hashes are read from."""

    @property
    def hashes(self) -> Hashes:
        """Read the roots of perfect subtrees."""
        ...


def bundle_decision(log: Log, decision_id: str, note: bytes, keys: Sequence[str]) -> bytes:
    """Return the bundle of a decision, named as for `replay_decision`.

    `note` is a signed checkpoint from after the decision, `keys` are the verifier keys that
    the log gives out.

    Raises `DomainError` where no such approval was recorded, `NotCovered` where the
    checkpoint is older than it.
    """
    noted = Noted(log)
    replayed = replay_decision(noted, decision_id)
    size = parse_checkpoint(split_note(note)[0]).size
    if replayed.position >= size:
        raise NotCovered(
            f"the checkpoint covers {size} records; the approval is record {replayed.position}"
        )
    rows = noted.upto(replayed.position)
    proof = prove(Tree(size, log.hashes), [row.position for row in rows])
    members = {
        **documents(),
        "checkpoint.txt": note,
        "keys.txt": "".join(f"{key}\n" for key in keys).encode(),
        "framework.json": framework_of(rows, replayed.decision_id),
        "proof.txt": "".join(f"{node.hex()}\n" for node in proof).encode(),
        "records.txt.gz": packed(map(line_of, rows)),
    }
    file = io.BytesIO()
    writer = Writer(file)
    for name, content in members.items():
        writer.add(name, content)
    writer.add(MANIFEST, manifest(replayed.decision_id, replayed.position, members))
    writer.close()
    return file.getvalue()


def documents() -> dict[str, bytes]:
    """Return what every bundle carries for its reader: what it is, and the verifier."""
    return {
        "README.txt": (files("replay.bundles") / "README.txt").read_bytes(),
        "ssp_verify.py": (files("replay.verifier") / "ssp_verify.py").read_bytes(),
    }


def manifest(decision_id: str, position: int, members: Mapping[str, bytes]) -> bytes:
    """Return the one manifest of these members."""
    return readable(
        {
            "format": FORMAT,
            "decision": decision_id,
            "position": position,
            "sha256": {name: hashlib.sha256(members[name]).hexdigest() for name in MEMBERS},
        }
    )


def framework_of(rows: Sequence[Stored], decision_id: str) -> bytes:
    """Return the rubric that a decision's ranking names, for people to read."""
    ranking: Any = {}
    rankings = wires_of(RankingComputed.WIRE)
    for row in rows:
        if row.type in rankings and row.stream == f"selection-{decision_id}":
            ranking = from_json(row.record)["data"]
    used = ranking.get("framework", {})
    for row in rows:
        if row.type.startswith("frameworks.drafted."):
            drafted = from_json(row.record)["data"]
            if {name: drafted[name] for name in ("framework_id", "version")} == used:
                return readable(drafted["rubric"])
    raise LookupError(f"the framework of {decision_id} is not among its records")


def readable(document: object) -> bytes:
    """Return JSON for people, the same each time."""
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()
