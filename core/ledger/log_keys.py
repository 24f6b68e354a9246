"""The keys that a log's checkpoints are signed with: where they are, and how they are written.

They never lie in the database: whoever could rewrite the log could then sign it, too. A file
or setting may hold several; all of them sign, so that one key can take over from another.
Each is PKCS#8 in PEM, or `PRIVATE+KEY+name+id+base64` as log software writes it.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.ledger.embedded_places import locked
from core.ledger.key_files import KeyRefused, given, kept, replace
from core.ledger.notes import MalformedNote, Signer

KEY_FILE = "log.key"
MEMORY_FILE = "log.signed"
_PEM = "-----BEGIN PRIVATE KEY-----"
_KEY = re.compile(
    r"-----BEGIN PRIVATE KEY-----[\sA-Za-z0-9+/=]+-----END PRIVATE KEY-----|PRIVATE\+KEY\+\S+"
)
_COMMENT = re.compile(r"^#.*$", re.MULTILINE)


class LogKeySettings(BaseSettings):
    """Which keys sign the log's checkpoints, from environment variables that begin with SSP_."""

    # A compose file sets what was not given to nothing at all.
    model_config = SettingsConfigDict(
        env_prefix="SSP_", extra="ignore", frozen=True, env_ignore_empty=True
    )

    log_key_file: Path | None = Field(
        default=None,
        description="File of the Ed25519 keys that sign the log's checkpoints, each as PKCS#8 PEM "
        "or as PRIVATE+KEY+name+id+base64; all of them sign. Not readable by the world. In the "
        f"embedded mode `{KEY_FILE}` in the data folder, made on first start; with a database "
        "that was named none, and then no checkpoints are signed.",
    )
    log_key: SecretStr | None = Field(
        default=None,
        description="The keys themselves, in place of a file. `ssp key make` prints one.",
    )
    log_origin: str | None = Field(
        default=None,
        description="The log's name in its checkpoints, such as log.example.org/ssp: needed with "
        "keys in PEM, which hold no name. It must never change.",
    )


@dataclass(frozen=True, slots=True)
class Written:
    """A key as it stands in a file or setting: itself, and its text there."""

    signer: Signer
    text: str


@dataclass(frozen=True, slots=True)
class LogKeys:
    """Where a log's keys are. They are read whenever they are needed: they may be exchanged."""

    settings: LogKeySettings
    path: Path | None
    own: bool = False

    @property
    def memory(self) -> Path | None:
        """Where to keep what was signed last: in the embedded mode, whose folder is ours."""
        return self.path.with_name(MEMORY_FILE) if self.own and self.path else None

    def signers(self) -> tuple[Signer, ...]:
        """Return the keys, oldest first; raises `KeyRefused` or `OSError`."""
        return tuple(held.signer for held in held_in(self.text(), self.settings.log_origin))

    def text(self) -> str:
        """Return the keys as they are written."""
        if self.path is not None:
            found = self._of_file(self.path)
        elif self.settings.log_key is not None:
            found = self.settings.log_key.get_secret_value()
        else:
            raise KeyRefused("no key was set")
        return found

    @contextmanager
    def rewriting(self) -> Generator[None]:
        """Hold the file against others who would write it, too.

        Raises `KeyRefused` where the keys were set from outside and are not ours to write.
        """
        if self.path is None:
            raise KeyRefused("SSP_LOG_KEY is set from outside")
        with locked(self.path.with_name(f".{self.path.name}.lock")):
            yield

    def write(self, text: str) -> None:
        """Put other keys in the file's place; only while `rewriting`."""
        if self.path is None:
            raise KeyRefused("SSP_LOG_KEY is set from outside")
        held_in(text, self.settings.log_origin)
        replace(self.path, text.encode())

    def _of_file(self, path: Path) -> str:
        content = kept(path, self._first) if self.own else given(path)
        try:
            return content.decode()
        except UnicodeDecodeError as error:
            raise KeyRefused(f"{path} holds no keys, but something else") from error

    def _first(self) -> bytes:
        # Nobody else has it: two logs of one name would look like one that forked.
        name = self.settings.log_origin or f"sharing-seoul/{secrets.token_hex(8)}"
        return f"{new_key(name)}\n".encode()


def find_keys(settings: LogKeySettings, data_dir: Path | None) -> LogKeys | None:
    """Return where a log's keys are, None where there are none.

    `data_dir` is the folder of the embedded mode, and None in any other. Raises `KeyRefused`
    or `OSError` for a key that was set and cannot be used.
    """
    if settings.log_key is not None and settings.log_key_file is not None:
        raise KeyRefused("SSP_LOG_KEY and SSP_LOG_KEY_FILE are both set: name one of them")
    if settings.log_key is None and settings.log_key_file is None and data_dir is None:
        return None
    own = settings.log_key is None and settings.log_key_file is None and data_dir is not None
    path = data_dir / KEY_FILE if own and data_dir is not None else settings.log_key_file
    keys = LogKeys(settings, path, own)
    keys.signers()
    return keys


def new_key(name: str) -> str:
    """Return a new private key, as text."""
    signer = Signer(name, Ed25519PrivateKey.generate())
    encoded = base64.b64encode(b"\x01" + signer.key.private_bytes_raw()).decode()
    return f"PRIVATE+KEY+{name}+{signer.verifier.id.hex()}+{encoded}"


def held_in(text: str, origin: str | None) -> tuple[Written, ...]:
    """Read the keys that a text holds; raises `KeyRefused`."""
    if _KEY.sub("", _COMMENT.sub("", text)).strip():
        raise KeyRefused(
            "what is set as the log's key holds something that is neither an Ed25519 key in "
            "PEM (PKCS#8, without a password) nor PRIVATE+KEY+name+id+base64"
        )
    held = tuple(Written(_signer(key, origin), key) for key in _KEY.findall(_COMMENT.sub("", text)))
    names = {h.signer.name for h in held}.union([origin] if origin else [])
    if not held:
        raise KeyRefused("what is set as the log's key holds no key")
    if len(names) > 1:
        raise KeyRefused(f"a log has one name, and its keys have several: {', '.join(names)}")
    if len({h.signer.verifier for h in held}) < len(held):
        raise KeyRefused("the same key is there twice")
    return held


def _signer(text: str, origin: str | None) -> Signer:
    try:
        if not text.startswith(_PEM):
            return Signer.parse(text)
        if not origin:
            raise KeyRefused(
                "a key in PEM holds no name: set SSP_LOG_ORIGIN to the log's, such as "
                "log.example.org/ssp"
            )
        key = load_pem_private_key(text.encode(), None)
        if isinstance(key, Ed25519PrivateKey):
            return Signer(origin, key)
    except MalformedNote as error:
        raise KeyRefused(f"the log's key cannot be used: {error}") from error
    except ValueError as error:  # its message could quote what it read
        raise KeyRefused("the log's key is no readable PEM") from error
    raise KeyRefused("the log's key is not an Ed25519 key")
