"""What an auditor trusts: verifier keys from elsewhere, and checkpoints that were kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.ledger.checkpoints import Checkpoint, open_checkpoint
from core.ledger.notes import MalformedNote, NotVerified, Verifier
from replay.options import CHECK_FAILED, stop


def keys_of(texts: Sequence[str]) -> tuple[Verifier, ...]:
    """Read verifier keys, or say which is none."""
    found: list[Verifier] = []
    for text in texts:
        try:
            found.append(Verifier.parse(text.strip()))
        except MalformedNote as error:
            stop(f"{text!r} is no verifier key: {error}")
    return tuple(found)


def earlier_of(paths: Sequence[Path], keys: Sequence[Verifier]) -> tuple[Checkpoint, ...]:
    """Read checkpoints that were kept, or say which no trusted key has signed."""
    found: list[Checkpoint] = []
    for path in paths:
        try:
            checkpoint, _ = open_checkpoint(path.read_bytes(), keys)
        except OSError as error:
            stop(f"{path} cannot be read: {error.strerror}")
        except (MalformedNote, NotVerified) as error:
            stop(f"{path} is no checkpoint that your key signed: {error}", CHECK_FAILED)
        found.append(checkpoint)
    return tuple(found)
