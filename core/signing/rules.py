"""A log always has a key; a key takes over from one that signs, and never comes back."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from core.decider import Act, Decider
from core.errors import refuse, require
from core.signing.commands import RetireKey, RotateKey, SigningCommand
from core.signing.events import KeyRetired, KeyRotated, SigningEvent
from core.vocabulary import filled

_KEY = re.compile(r"(?P<name>[^\s+]{1,200})\+(?P<id>[0-9a-f]{8})\+(?P<key>[A-Za-z0-9+/]{44})")
_ED25519 = b"\x01"


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys that sign, oldest first, and those that have been retired."""

    signing: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()


def decide(command: SigningCommand, act: Act, state: Keys, facts: None) -> Sequence[SigningEvent]:
    """Let a key take over, or let one go."""
    del act, facts
    match command:
        case RotateKey(old_key=old, new_key=new, reason=reason):
            name = _name(old, "old_key")
            # The log knows its first key by this alone: it signed, before any event said so.
            require(
                not state.signing or old in state.signing,
                "key-not-signing",
                "a key takes over from one that signs the log",
                field="old_key",
                value=old,
            )
            require(
                new not in (old, *state.signing, *state.retired),
                "key-used-before",
                "a key that takes over is new",
                field="new_key",
                value=new,
            )
            require(
                _name(new, "new_key") == name,
                "key-of-other-log",
                "all keys of a log bear the log's name",
                field="new_key",
                value=new,
            )
            return [KeyRotated(old, new, filled(reason, "reason"))]
        case RetireKey(key=key, reason=reason):
            require(
                key in state.signing,
                "key-not-signing",
                "the key does not sign the log",
                field="key",
                value=key,
            )
            require(
                len(state.signing) > 1,
                "last-key",
                "the log's only key is not retired; rotate it first",
                field="key",
                value=key,
            )
            return [KeyRetired(key, filled(reason, "reason"))]
        case _:
            assert_never(command)


def evolve(state: Keys, event: SigningEvent) -> Keys:
    """Fold a fact about keys."""
    match event:
        case KeyRotated(old_key=old, new_key=new):
            return Keys((*(state.signing or (old,)), new), state.retired)
        case KeyRetired(key=key):
            left = tuple(k for k in state.signing if k != key)
            return Keys(left, (*state.retired, key))
        case _:
            assert_never(event)


DECIDER: Decider[SigningCommand, Keys, SigningEvent, None] = Decider(Keys(), decide, evolve)


def _name(key: str, field: str) -> str:
    """Return the log's name in a verifier key, whose id must be that of its bytes."""
    found = _KEY.fullmatch(key)
    if found is None or _id(found["name"], found["key"]) != found["id"]:
        refuse(
            "malformed-key",
            "a key is name+id+base64, of Ed25519, its id the one that belongs to it",
            field=field,
            value=key,
        )
    return found["name"]


def _id(name: str, encoded: str) -> str:
    """Return the id of an Ed25519 key; none, of what is not."""
    try:
        content = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return ""
    if content[:1] != _ED25519:
        return ""
    return hashlib.sha256(name.encode() + b"\n" + content).digest()[:4].hex()
