"""Signed notes: a text and the Ed25519 signatures under it, as C2SP signed-note writes them.

What makes a checkpoint checkable by software that we did not write. A note is parsed
strictly: what could be written in two ways is accepted in one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

_ED25519 = b"\x01"
_KEY_BYTES = 32
_ID_BYTES = 4
_ID = re.compile(r"[0-9a-f]{8}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_DASH = "— "
_MOST_BYTES = 1 << 20
# A note may carry witnesses' signatures beside the log's; a bound keeps checking it cheap.
_MOST_SIGNATURES = 100


class MalformedNote(ValueError):
    """The bytes are no signed note, or a key is none; the message says why."""


class NotVerified(Exception):
    """No trusted key signed the note, or the signature of one does not fit its text."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """A named Ed25519 public key that is trusted; as text, `name+id+base64`."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        """Refuse what could not stand in a note."""
        _check_name(self.name)
        if len(self.public) != _KEY_BYTES:
            raise MalformedNote(f"an Ed25519 public key has {_KEY_BYTES} bytes")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a verifier key; raises `MalformedNote`."""
        name, key_id, encoded = _parts(text)
        kind, public = encoded[:1], encoded[1:]
        if kind != _ED25519:
            raise MalformedNote("only Ed25519 keys (kind 1) are known here")
        verifier = cls(name, public)
        if verifier.id.hex() != key_id:
            raise MalformedNote(f"the key's id is {verifier.id.hex()}, and not {key_id}")
        return verifier

    @property
    def id(self) -> bytes:
        """The four bytes that name this key beside its name."""
        named = self.name.encode() + b"\n" + _ED25519 + self.public
        return hashlib.sha256(named).digest()[:_ID_BYTES]

    def __str__(self) -> str:
        """Write the verifier key as it is published."""
        return f"{self.name}+{self.id.hex()}+{_base64(_ED25519 + self.public)}"

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether this key made a signature of a text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """A named Ed25519 private key."""

    name: str
    key: Ed25519PrivateKey

    def __post_init__(self) -> None:
        """Refuse a name that could not stand in a note."""
        _check_name(self.name)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `PRIVATE+KEY+name+id+base64`, the form that log software keeps keys in."""
        marked = text.removeprefix("PRIVATE+KEY+")
        if marked == text:
            raise MalformedNote("a private key begins with PRIVATE+KEY+")
        name, key_id, encoded = _parts(marked)
        if encoded[:1] != _ED25519 or len(encoded) != 1 + _KEY_BYTES:
            raise MalformedNote("only Ed25519 keys (kind 1, 32 bytes) are known here")
        signer = cls(name, Ed25519PrivateKey.from_private_bytes(encoded[1:]))
        if signer.verifier.id.hex() != key_id:
            raise MalformedNote("the private key's id is not the one that it names")
        return signer

    @property
    def verifier(self) -> Verifier:
        """What verifies this key's signatures."""
        return Verifier(self.name, self.key.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """Return the signature line of a text."""
        signature = _base64(self.verifier.id + self.key.sign(text.encode()))
        return f"{_DASH}{self.name} {signature}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text that was verified, and the keys, out of those trusted, that signed it."""

    text: str
    signed_by: tuple[Verifier, ...]


def sign(text: str, signers: Sequence[Signer]) -> bytes:
    """Return the note of a text with a signature of each signer, in their order."""
    if not signers:
        raise MalformedNote("a note has one signature or more")
    _check_text(text)
    return "".join((text, "\n", *(signer.sign(text) for signer in signers))).encode()


def open_note(note: bytes, verifiers: Sequence[Verifier]) -> Note:
    """Return the text of a note that a trusted key signed.

    Signatures of unknown keys are passed over, as the format asks. Raises `MalformedNote`,
    and `NotVerified` where no trusted key signed, or one's signature is wrong.
    """
    text, signatures = split_note(note)
    trusted = {(verifier.name, verifier.id): verifier for verifier in verifiers}
    signed_by: list[Verifier] = []
    for name, key_id, signature in signatures:
        verifier = trusted.get((name, key_id))
        if verifier is None:
            continue
        if verifier in signed_by:
            raise MalformedNote(f"key {name}+{key_id.hex()} signs twice")
        if not verifier.verifies(text, signature):
            raise NotVerified(f"the signature of key {name}+{key_id.hex()} does not fit the text")
        signed_by.append(verifier)
    if not signed_by:
        found = ", ".join(f"{name}+{key_id.hex()}" for name, key_id, _ in signatures)
        raise NotVerified(f"no trusted key signed this; it is signed by {found}")
    return Note(text, tuple(signed_by))


def split_note(note: bytes) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """Return a note's text, and name, key id and signature of each line; nothing is verified."""
    if len(note) > _MOST_BYTES:
        raise MalformedNote(f"a note has at most {_MOST_BYTES} bytes")
    try:
        whole = note.decode()
    except UnicodeDecodeError as error:
        raise MalformedNote("a note is UTF-8") from error
    # The last empty line parts text and signatures; a text may hold empty lines of its own.
    text, parted, lines = whole.rpartition("\n\n")
    if not parted or not lines.endswith("\n"):
        raise MalformedNote("a note is a text, an empty line, and whole signature lines")
    text += "\n"
    _check_text(text)
    signatures = [_signature(line) for line in lines[:-1].split("\n")]
    if len(signatures) > _MOST_SIGNATURES:
        raise MalformedNote(f"a note has at most {_MOST_SIGNATURES} signatures")
    return text, signatures


def _signature(line: str) -> tuple[str, bytes, bytes]:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space:
        raise MalformedNote("a signature line is an em dash, a name and a signature")
    _check_name(name)
    signature = from_base64(encoded)
    if len(signature) <= _ID_BYTES:
        raise MalformedNote("a signature begins with the four bytes of its key's id")
    return name, signature[:_ID_BYTES], signature[_ID_BYTES:]


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise MalformedNote("a note's text ends with a newline")
    if _CONTROL.search(text):
        raise MalformedNote("a note holds no control characters but newlines")


def _check_name(name: str) -> None:
    # Control characters and surrogates would spoil the note that the name stands in.
    if not name or "+" in name or not name.isprintable() or any(map(str.isspace, name)):
        raise MalformedNote("a key's name has no space, plus or control sign, and is not empty")


def _parts(text: str) -> tuple[str, str, bytes]:
    parts = text.split("+", 2)
    if len(parts) != 3 or not _ID.fullmatch(parts[1]):  # noqa: PLR2004  # name, id, key
        raise MalformedNote("a key is name+id+base64, its id 8 lower-case hexadecimal digits")
    return parts[0], parts[1], from_base64(parts[2])


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def from_base64(text: str) -> bytes:
    """Decode standard base64 that is written in its one canonical way."""
    try:
        value = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise MalformedNote("this is not base64") from error
    if _base64(value) != text:  # stray bits behind the last byte
        raise MalformedNote("this is not base64 in its canonical form")
    return value
