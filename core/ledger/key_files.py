"""Files that hold a secret: made whole, for their owner alone, and refused where others can read.

Two processes that start at once never hold different keys: a new file is linked into place,
and whoever comes second takes the first one's.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_OTHERS = 0o077
_WORLD = 0o007


class KeyRefused(Exception):
    """A key is not safe to use, or is none; the message says why and what to do."""


def kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return what a file of ours holds, made on first use (mode 600).

    Raises `KeyRefused` where others can read it, `OSError` where it cannot be made.
    """
    if not path.exists():
        new = _written(path, make())
        try:
            with suppress(FileExistsError):
                os.link(new, path)
        finally:
            new.unlink()
    # No link is followed: root keeps these in a folder of another account.
    return _read(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), path, _OTHERS)


def given(path: Path) -> bytes:
    """Return what a file holds that someone else put there, such as a mounted secret.

    Its group may read it, and it may be a link, since that is how secrets are mounted.
    """
    return _read(os.open(path, os.O_RDONLY), path, _WORLD)


def replace(path: Path, content: bytes) -> None:
    """Write a file anew, so that a reader sees the old content or the new.

    It stays as readable as it was: the server that reads it may run as another account.
    """
    path = path.resolve()
    before = path.stat()
    new = _written(path, content)
    try:
        if os.geteuid() == 0:
            os.chown(new, before.st_uid, before.st_gid)
        new.chmod(stat.S_IMODE(before.st_mode))
        new.replace(path)
    except OSError:
        new.unlink()
        raise


def _written(path: Path, content: bytes) -> Path:
    new = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        # A key that signed and was then lost to a power cut could never be had again.
        os.fsync(file.fileno())
    return new


def _read(descriptor: int, path: Path, forbidden: int) -> bytes:
    with os.fdopen(descriptor, "rb") as file:
        if os.fstat(file.fileno()).st_mode & forbidden:
            raise KeyRefused(f"{path} can be read by others; close it to them, or make a new key")
        return file.read()
