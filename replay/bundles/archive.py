"""A zip file that can be written in one way only.

Members lie in a fixed order, unpacked, without dates, comments or attributes of whoever wrote
them. So the same content gives the same bytes, and a reader can refuse every byte that the
content does not ask for: nothing hides before, between or behind the members.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from struct import Struct
from typing import BinaryIO

_LOCAL = Struct("<4s5H3I2H")
_ENTRY = Struct("<4s6H3I5H2I")
_END = Struct("<4s4H2IH")
_VERSION, _UNIX, _MODE = 20, 3, 0o644 << 16
_FIRST_OF_1980 = 0x21
_MOST_BYTES, _MOST_MEMBERS = 0xFFFF_FFFF, 0xFFFE


class NotAnArchive(ValueError):
    """The bytes are not the one archive of their members."""


class TooLarge(ValueError):
    """More than a plain zip file can hold."""


class Writer:
    """Writes members one after the other, so that none but the last has to be in memory."""

    def __init__(self, file: BinaryIO) -> None:
        """Begin at the start of a file."""
        self._file = file
        self._size = 0
        self._directory = bytearray()
        self._count = 0

    def add(self, name: str, content: bytes) -> None:
        """Write a member."""
        common, entry = _described(name, content), name.encode()
        if self._size + len(self._directory) + len(content) + 1024 > _MOST_BYTES:
            raise TooLarge("a zip file holds 4 GiB")
        if self._count == _MOST_MEMBERS:
            raise TooLarge(f"a zip file holds {_MOST_MEMBERS} members")
        self._directory += _entry(common, self._size) + entry
        local = _LOCAL.pack(b"PK\3\4", *common) + entry
        self._file.write(local)
        self._file.write(content)
        self._size += len(local) + len(content)
        self._count += 1

    def close(self) -> None:
        """Write the directory of the members; the file itself is left open."""
        self._file.write(self._directory)
        self._file.write(_end(self._count, len(self._directory), self._size))


def read(data: bytes) -> Mapping[str, slice]:
    """Return where each member's content lies, by name and in order; raises `NotAnArchive`."""
    found: dict[str, slice] = {}
    directory = bytearray()
    view, at = memoryview(data), 0
    while data.startswith(b"PK\3\4", at) and len(data) >= at + _LOCAL.size:
        *_, size, length, _ = _LOCAL.unpack_from(data, at)
        start = at + _LOCAL.size + length
        name = data[at + _LOCAL.size : start]
        text = name.decode("ascii", "replace")
        common = _described(text, view[start : start + size])
        if data[at:start] != _LOCAL.pack(b"PK\3\4", *common) + name:
            raise NotAnArchive(f"the member {text!r} is not written as it would be")
        if text in found:
            raise NotAnArchive(f"the member {text!r} is there twice")
        directory += _entry(common, at) + name
        found[text] = slice(start, start + size)
        at = start + size
    if data[at:] != bytes(directory) + _end(len(found), len(directory), at):
        raise NotAnArchive("what follows the members is not their directory")
    return found


def _described(name: str, content: bytes | memoryview) -> tuple[int, ...]:
    size = len(content)
    return (_VERSION, 0, 0, 0, _FIRST_OF_1980, zlib.crc32(content), size, size, len(name), 0)


def _entry(common: tuple[int, ...], at: int) -> bytes:
    created_by = _UNIX << 8 | _VERSION
    return _ENTRY.pack(b"PK\1\2", created_by, *common, 0, 0, 0, _MODE, at)


def _end(count: int, length: int, at: int) -> bytes:
    return _END.pack(b"PK\5\6", 0, 0, count, count, length, at, 0)
