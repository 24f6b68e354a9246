"""Facts about the keys that sign the log's checkpoints. Keys are public ones, as published.

A key is text: `name+id+base64`, as C2SP signed-note writes verifier keys. The first key of a
log is in no event: who it belongs to can only be learned outside of the log that it signs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

STREAM = "signing-keys"


@dataclass(frozen=True, slots=True)
class KeyRotated:
    """A new key took over; the old one goes on signing beside it until it is retired."""

    WIRE: ClassVar = "signing.key-rotated.1"
    old_key: str
    new_key: str
    reason: str


@dataclass(frozen=True, slots=True)
class KeyRetired:
    """A key signs no more: from here on its signature says nothing."""

    WIRE: ClassVar = "signing.key-retired.1"
    key: str
    reason: str


SigningEvent = KeyRotated | KeyRetired
