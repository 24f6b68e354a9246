"""Records that travel: a line each, and read as if they lay in the database."""

from __future__ import annotations

import gzip
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from pydantic_core import from_json

from core.ledger.merkle import leaf_hash
from core.ledger.records import Stored

_MOST_BYTES = 1 << 30
_LEVEL = 9


class Unreadable(ValueError):
    """The text is not one of records; says of which, where that is known."""

    def __init__(self, finding: str, position: int | None = None) -> None:
        """Keep the position beside what was found."""
        super().__init__(finding)
        self.position = position


def packed(lines: Iterable[bytes]) -> bytes:
    """Return lines as one packed text, the same each time."""
    return gzip.compress(b"".join(line + b"\n" for line in lines), _LEVEL, mtime=0)


def unpacked(text: bytes, most: int = _MOST_BYTES) -> list[bytes]:
    """Return the lines of a packed text; raises `Unreadable`."""
    unpacking = zlib.decompressobj(31)
    try:
        whole = unpacking.decompress(text, most)
    except zlib.error as error:
        raise Unreadable(f"what is packed cannot be unpacked: {error}") from None
    if not unpacking.eof or unpacking.unused_data:
        raise Unreadable(f"what is packed is cut off, goes on behind its end, or exceeds {most}")
    *lines, rest = whole.split(b"\n")
    if rest:
        raise Unreadable("the last line is not whole")
    return lines


def line_of(row: Stored) -> bytes:
    """Return a record's line: its position, a tab, and its exact bytes.

    Raises `Unreadable` for a record that is not one line: none that the ledger wrote.
    """
    if b"\n" in row.record:
        raise Unreadable("the record holds a line break, as no record does", row.position)
    return b"%d\t%b" % (row.position, row.record)


def row_of(line: bytes) -> Stored:
    """Return the row that a line says; raises `Unreadable`."""
    number, _, record = line.partition(b"\t")
    if not number.isdigit() or number != b"%d" % int(number):
        raise Unreadable("a line does not begin with the record's position")
    position = int(number)
    try:
        said = from_json(record)
        stream, version, kind = said["subject"], said["version"], said["type"]
        recorded_at = datetime.fromisoformat(said["recorded_at"])
    except (ValueError, TypeError, KeyError) as error:
        raise Unreadable(f"the record cannot be read: {error!r}", position) from None
    if not isinstance(stream, str) or not isinstance(kind, str) or type(version) is not int:
        raise Unreadable("the record does not say its stream, version and type", position)
    return Stored(position, stream, version, kind, recorded_at, record, leaf_hash(record))


class Bundled:
    """Rows in memory, in order of position, asked for as in the database."""

    def __init__(self, rows: Iterable[Stored]) -> None:
        """Take rows that are in order."""
        self.rows = tuple(rows)
        self._streams: dict[str, list[Stored]] = {}
        for row in self.rows:
            self._streams.setdefault(row.stream, []).append(row)

    def streams(self, after: Mapping[str, int], upto: int | None = None) -> Sequence[Stored]:
        """Return the rows of streams beyond a version each, in order of position."""
        return _in_order(
            row
            for stream, version in after.items()
            for row in self._streams.get(stream, ())
            if row.version > version and (upto is None or row.position <= upto)
        )

    def under(self, prefix: str, upto: int) -> Sequence[Stored]:
        """Return the rows of every stream under a prefix, up to and including a position."""
        return _in_order(
            row
            for stream, rows in self._streams.items()
            if stream.startswith(prefix)
            for row in rows[: bisect_right(rows, upto, key=lambda r: r.position)]
        )

    def grown(self, prefix: str, after: int, upto: int) -> tuple[str, ...]:
        """Name the streams under a prefix with rows beyond one position, up to another."""
        return tuple(
            sorted(
                stream
                for stream, rows in self._streams.items()
                if stream.startswith(prefix) and any(after < r.position <= upto for r in rows)
            )
        )


def _in_order(rows: Iterable[Stored]) -> list[Stored]:
    return sorted(rows, key=lambda row: row.position)
