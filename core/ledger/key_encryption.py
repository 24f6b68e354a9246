"""The keys that data keys are wrapped with: from a file or the environment, never a database.

One key a line, in base64: the first wraps what is new, all of them unwrap. So a key is
replaced by putting another before it, wrapping again (`ssp rewrap`), and taking it out.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.ledger.key_files import KeyRefused, given, kept

KEY_FILE = "key-encryption.key"
_BYTES = 32
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class KeyEncryption:
    """One key-encryption key or more, the present one first."""

    keys: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def parsed(cls, text: str, origin: str) -> Self:
        """Return the keys of a text; raises `KeyRefused` where it holds none."""
        found: list[bytes] = []
        for line in text.split():
            with suppress(ValueError):
                found.append(b64decode(line, validate=True))
        if not found or len(found) != len(text.split()) or {len(k) for k in found} != {_BYTES}:
            raise KeyRefused(f"{origin} does not hold keys of {_BYTES} bytes in base64, one a line")
        return cls(tuple(found))

    @property
    def present(self) -> str:
        """The id of the key that wraps."""
        return _id(self.keys[0])

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all keys that can unwrap."""
        return frozenset(map(_id, self.keys))

    def wrap(self, secret: bytes, subject: str) -> bytes:
        """Return a data key's secret, wrapped for its subject."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCM(self.keys[0]).encrypt(nonce, secret, _bound(subject))

    def unwrap(self, wrapped: bytes, key_id: str, subject: str) -> bytes:
        """Return a data key's secret; raises `KeyRefused` where no key at hand unwraps it."""
        key = next((key for key in self.keys if _id(key) == key_id), None)
        if key is None:
            raise KeyRefused(f"data keys are wrapped with the key {key_id}, which is not at hand")
        try:
            return AESGCM(key).decrypt(
                wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], _bound(subject)
            )
        except InvalidTag:
            raise KeyRefused(f"the wrapped data key of {subject!r} was changed or moved") from None


def from_environment(environment: Mapping[str, str] = os.environ) -> KeyEncryption | None:
    """Return the keys of SSP_KEK or of the file SSP_KEK_FILE; None where neither is set."""
    if text := environment.get("SSP_KEK"):
        return KeyEncryption.parsed(text, "SSP_KEK")
    if path := environment.get("SSP_KEK_FILE"):
        return from_file(Path(path))
    return None


def from_file(path: Path) -> KeyEncryption:
    """Return the keys of a file; raises `KeyRefused` where the world can read it or we cannot."""
    try:
        return KeyEncryption.parsed(given(path).decode("ascii"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise KeyRefused(f"{path} cannot be read: {error}") from error


def made_in(folder: Path) -> KeyEncryption:
    """Return the key of a data folder, made on first use (mode 600)."""
    path = folder / KEY_FILE
    content = kept(path, lambda: b64encode(secrets.token_bytes(_BYTES)) + b"\n")
    return KeyEncryption.parsed(content.decode("ascii", "replace"), str(path))


def _id(key: bytes) -> str:
    return hashlib.sha256(b"ssp key-encryption key id\0" + key).hexdigest()[:16]


def _bound(subject: str) -> bytes:
    return b"ssp wrapped data key 1\0" + subject.encode()
