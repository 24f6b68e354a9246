"""A person's data key: what it seals opens under this key, for this command and field, only.

AES-256-GCM authenticates text but not its key: one ciphertext can be made to open under
two keys. So every sealed text carries a commitment to its key, checked before it is opened.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from core.personal import Sealed

SECRET_BYTES = 32
_NONCE_BYTES = 12


class Unreadable(Exception):
    """Sealed text that should open does not: the message says why."""


@dataclass(frozen=True, slots=True)
class DataKey:
    """The key of one person, made of 32 random bytes that nothing else is made of."""

    subject: str
    secret: bytes = field(repr=False)
    commitment: str = field(init=False)
    _cipher: AESGCM = field(init=False, repr=False, compare=False)
    _mac: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Derive one key for each use, and the public name of them all."""
        object.__setattr__(self, "commitment", self._derived("commitment").hex())
        object.__setattr__(self, "_cipher", AESGCM(self._derived("seal")))
        object.__setattr__(self, "_mac", self._derived("digest"))

    def seal(self, text: str, command: str, path: str) -> Sealed:
        """Return text sealed for one field of one command."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        bound = _bound(self.subject, self.commitment, command, path)
        sealed = nonce + self._cipher.encrypt(nonce, text.encode(), bound)
        return Sealed(self.subject, self.commitment, command, path, b64encode(sealed).decode())

    def open(self, sealed: Sealed) -> str:
        """Return the text; raises `Unreadable` where it was changed, moved or sealed otherwise."""
        if not hmac.compare_digest(sealed.commitment, self.commitment):
            raise Unreadable("the text was sealed under another key")
        bound = _bound(sealed.subject, sealed.commitment, sealed.command, sealed.path)
        try:
            raw = b64decode(sealed.text, validate=True)
            return self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], bound).decode()
        except (InvalidTag, ValueError):
            raise Unreadable("the text was changed, or moved from where it was sealed") from None

    def digest(self, text: str, path: str) -> str:
        """Return what stands for a text in hashes: whoever lacks the key can't guess at it."""
        content = path.encode() + b"\0" + text.encode()
        return hmac.new(self._mac, content, hashlib.sha256).hexdigest()

    def _derived(self, use: str) -> bytes:
        return HKDFExpand(SHA256(), SECRET_BYTES, f"ssp data key 1: {use}".encode()).derive(
            self.secret
        )


def fresh(subject: str) -> DataKey:
    """Return a new key that is nowhere on record yet."""
    return DataKey(subject, secrets.token_bytes(SECRET_BYTES))


def _bound(*parts: str) -> bytes:
    """Return what the ciphertext is bound to; each part's length keeps two from becoming one."""
    encoded = [part.encode() for part in parts]
    return b"ssp sealed 1" + b"".join(len(p).to_bytes(4, "big") + p for p in encoded)
