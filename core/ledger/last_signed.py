"""What a key signed last, kept beside the key: it outlasts a database that is set back.

A database restored to an earlier state, checkpoints and all, looks whole. Signed anew, it
would be a second history under one key; this file is what tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.ledger.checkpoints import Checkpoint, Signed, read_signed
from core.ledger.embedded_places import locked
from core.ledger.key_files import kept, replace


@dataclass(frozen=True, slots=True)
class LastSigned:
    """A file with the note of the largest checkpoint that a key has signed."""

    path: Path

    def read(self) -> Checkpoint | None:
        """Return the checkpoint, None before the first; raises `MalformedNote` or `OSError`."""
        if not self.path.exists():
            return None
        return read_signed(kept(self.path, bytes)).checkpoint

    def keep(self, signed: Signed) -> None:
        """Keep a checkpoint, unless another process has kept a larger one."""
        with locked(self.path.with_name(f".{self.path.name}.lock")):
            last = self.read()
            if last is None:
                kept(self.path, lambda: signed.note)
            elif last.size < signed.checkpoint.size:
                replace(self.path, signed.note)
