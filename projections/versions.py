"""How a batch's changes become row versions: those that ended are closed, new ones copied in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec
from psycopg import Connection, sql

from core.ledger.arrays import int8s, texts
from projections.view import View

R = TypeVar("R")
OPEN = 2**62
"""The `until` of a row that still holds."""

_SPECIAL = re.compile(r"[\\\t\n\r\0]")
_ESCAPED = {
    "\\": "\\\\",
    "\t": "\\t",
    "\n": "\\n",
    "\r": "\\r",
    # PostgreSQL cannot hold it in a text; the row itself keeps it.
    "\0": "\N{REPLACEMENT CHARACTER}",
}

_PARTS = 1_000
"""How much is sent at once: four parts a row."""


@dataclass(frozen=True, slots=True)
class Change(Generic[R]):
    """A row as it became at a position, and as it was before; None where there was none."""

    key: str
    position: int
    row: R | None
    before: R | None


def write(
    connection: Connection[Any], view: View[R], changes: Sequence[Change[R]]
) -> dict[str, int]:
    """Close the rows that `changes` replace and add the new ones; return how long the last are.

    Changes are in order of position; a key may change several times in a batch, but once at a
    position. Lengths are bytes of JSON, by key.
    """
    first: dict[str, int] = {}
    following: dict[str, int] = {}
    sizes: dict[str, int] = {}
    lines: list[bytes] = []
    encode, columns = msgspec.json.Encoder().encode, tuple(view.columns.values())
    for change in reversed(changes):
        key, row = change.key, change.row
        until = following.get(key, OPEN)
        following[key] = change.position
        if change.before is not None:
            first[key] = change.position
        if row is None:
            continue
        doc = encode(row)
        sizes.setdefault(key, len(doc))
        if b"\\" in doc:
            doc = doc.replace(b"\\", b"\\\\")
        fields = [_text(key), str(change.position), str(until)]
        fields += [_text(column(row)) for column in columns]
        lines += ("\t".join(fields).encode(), b"\t", doc, b"\n")
    _close(connection, view, first)
    _copy(connection, view, lines)
    return sizes


def _close(connection: Connection[Any], view: View[R], first: dict[str, int]) -> None:
    if first:
        connection.execute(
            sql.SQL(
                "update views.{} v set until = c.position from unnest(%b, %b) "
                "as c(key, position) where v.key = c.key and v.until = {}"
            ).format(sql.Identifier(view.name), sql.Literal(OPEN)),
            (texts(list(first)), int8s(list(first.values()))),
        )


def _copy(connection: Connection[Any], view: View[R], lines: Sequence[bytes]) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, ("key", "since", "until", *view.columns, "doc")))
    into = sql.SQL("copy views.{} ({}) from stdin").format(sql.Identifier(view.name), names)
    with connection.cursor() as cursor, cursor.copy(into) as target:
        for at in range(0, len(lines), _PARTS):
            target.write(b"".join(lines[at : at + _PARTS]))


def _text(value: str | None) -> str:
    if value is None:
        return "\\N"
    return (
        _SPECIAL.sub(lambda found: _ESCAPED[found[0]], value) if _SPECIAL.search(value) else value
    )
