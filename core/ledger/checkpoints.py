"""Checkpoints: what a log of some size is, in three lines that its key signs.

The format is C2SP tlog-checkpoint. Extension lines are refused: we never write any, and
what they said could not be audited.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.ledger.merkle import HASH_BYTES
from core.ledger.notes import (
    MalformedNote,
    Note,
    Signer,
    Verifier,
    from_base64,
    open_note,
    sign,
    split_note,
)

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_LINES = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's name, how many events it holds, and the Merkle root over them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint that was signed, and its note: the exact bytes that were."""

    checkpoint: Checkpoint
    note: bytes


def sign_checkpoint(checkpoint: Checkpoint, signers: Sequence[Signer]) -> bytes:
    """Return the signed note of a checkpoint."""
    return sign(checkpoint.text(), signers)


def parse_checkpoint(text: str) -> Checkpoint:
    """Read a checkpoint from a note's text, which is to be verified before it is believed.

    Raises `MalformedNote`.
    """
    lines = text.split("\n")
    if len(lines) != _LINES + 1 or lines[-1]:
        raise MalformedNote("a checkpoint is three lines: origin, size and root")
    origin, size, encoded = lines[:_LINES]
    if not origin:
        raise MalformedNote("a checkpoint names its log")
    if not _SIZE.fullmatch(size):
        raise MalformedNote("a checkpoint's size is a decimal number without leading zeros")
    root = from_base64(encoded)
    if len(root) != HASH_BYTES:
        raise MalformedNote(f"a root has {HASH_BYTES} bytes")
    return Checkpoint(origin, int(size), root)


def open_checkpoint(note: bytes, verifiers: Sequence[Verifier]) -> tuple[Checkpoint, Note]:
    """Verify a signed checkpoint and return it with its note.

    Raises `MalformedNote`, and `NotVerified` as `open_note` does.
    """
    opened = open_note(note, verifiers)
    return parse_checkpoint(opened.text), opened


def read_signed(note: bytes) -> Signed:
    """Read a checkpoint that we keep; its signatures are for others to verify."""
    text, _ = split_note(note)
    return Signed(parse_checkpoint(text), note)
