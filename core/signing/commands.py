"""What can be asked of the log's keys; their private halves are none of the domain's."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RotateKey:
    """Let a new key take over from one that signs now."""

    old_key: str
    new_key: str
    reason: str


@dataclass(frozen=True, slots=True)
class RetireKey:
    """Let a key sign no more, once those who trust it have learned of the next."""

    key: str
    reason: str


SigningCommand = RotateKey | RetireKey
