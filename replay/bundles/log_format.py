"""What an exported log is made of: members, and a line for each record and each view's row.

A record's line has what stands beside it in the database, as it is stored, and its exact
bytes: the one is held against the other, and an export never repairs what it finds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from pydantic_core import from_json, to_json

from core.ledger.records import Stored
from projections.view import View
from replay.bundles.rows import Unreadable
from replay.scan import PART, Row

FORMAT = "sharing-seoul-log.1"
CHECKPOINT, KEYS, CONSISTENCY = "checkpoint.txt", "keys.txt", "consistency.txt"

_ESCAPED = {"\\": "\\\\", "\t": "\\t", "\n": "\\n"}
_PLAIN = {escaped: plain for plain, escaped in _ESCAPED.items()}
_COLUMNS = 7
_NO_TIME = "-"


def parts(size: int) -> Iterator[tuple[str, int, int]]:
    """Yield the name of each part of a log's records, its start and its stop."""
    for number, start in enumerate(range(0, size, PART)):
        yield f"records/{number:06}.txt.gz", start, min(start + PART, size)


def view_name(view: View[Any]) -> str:
    """Name the member that holds a view's rows."""
    return f"views/{view.name}.txt.gz"


def view_line(key: str, row: bytes) -> bytes:
    """Return a view's row, as JSON: its key and itself."""
    return to_json({"key": key, "row": from_json(row)})


def line_of(row: Row) -> bytes:
    """Return position, stream, version, type, time, leaf and record, parted by tabs."""
    position, stream, version, kind, recorded_at, record, leaf = row
    if b"\n" in record:
        raise Unreadable("the record holds a line break, as no record does", position)
    at = recorded_at.astimezone(UTC).isoformat() if recorded_at else _NO_TIME
    columns = (str(position), _escaped(stream), str(version), _escaped(kind), at, leaf.hex())
    return "\t".join(columns).encode() + b"\t" + record


def rows_of(lines: Iterable[bytes]) -> Iterator[Row]:
    """Yield the rows that lines say; raises `Unreadable`."""
    for line in lines:
        parts = line.split(b"\t", _COLUMNS - 1)
        try:
            position, stream, version, kind, at, leaf, record = parts
            text = stream.decode(), kind.decode()
            if b"\\" in stream or b"\\" in kind:
                text = _unescaped(text[0]), _unescaped(text[1])
            yield (
                int(position),
                text[0],
                int(version),
                text[1],
                None if at == _NO_TIME.encode() else datetime.fromisoformat(at.decode()),
                record,
                bytes.fromhex(leaf.decode()),
            )
        except ValueError as error:
            raise Unreadable(f"a line of the log cannot be read: {error}") from None


def stored(row: Row) -> Stored:
    """Return a row that was examined, named as the ledger names it."""
    position, stream, version, kind, recorded_at, record, leaf = row
    if recorded_at is None:
        raise Unreadable("no time of recording stands beside the record", position)
    return Stored(position, stream, version, kind, recorded_at, record, leaf)


def _escaped(text: str) -> str:
    return re.sub(r"[\\\t\n]", lambda found: _ESCAPED[found[0]], text)


def _unescaped(text: str) -> str:
    return re.sub(r"\\[\\tn]", lambda found: _PLAIN[found[0]], text)
