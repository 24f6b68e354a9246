"""How a batch's changes become row versions: those that ended are closed, new ones copied in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

import msgspec
from psycopg import Connection, sql
from psycopg.pq import PipelineStatus

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

_AT_ONCE = 250

_Added = tuple[str, int, int, tuple[str | None, ...], bytes]
"""Key, since, until, the view's own columns, and the row as JSON."""


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
    position. Lengths are bytes of JSON, by key. Where the connection is in pipeline mode,
    nothing is waited for.
    """
    first: dict[str, int] = {}
    following: dict[str, int] = {}
    sizes: dict[str, int] = {}
    added: list[_Added] = []
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
        told = tuple([column(row) for column in columns])
        added.append((key, change.position, until, told, doc))
    if first:
        _close(connection, view, first)
    # No COPY goes through a pipeline, which is how little is written fast; of much, COPY is.
    (_copy if connection.info.pipeline_status is PipelineStatus.OFF else _insert)(
        connection, view, added
    )
    return sizes


def _close(connection: Connection[Any], view: View[R], first: dict[str, int]) -> None:
    statement = _statements(view.name, tuple(view.columns)).close
    connection.execute(statement, (texts(list(first)), int8s(list(first.values()))), prepare=True)


def _insert(connection: Connection[Any], view: View[R], added: Sequence[_Added]) -> None:
    if not added:
        return
    keys, since, until, told, docs = zip(*added, strict=True)
    columns = [list(map(_storable, column)) for column in zip(*told, strict=True)]
    stored = texts([_storable(key) or "" for key in keys])
    rows = (stored, int8s(since), int8s(until), *columns, texts([doc.decode() for doc in docs]))
    connection.execute(_statements(view.name, tuple(view.columns)).insert, rows, prepare=True)


def _copy(connection: Connection[Any], view: View[R], added: Sequence[_Added]) -> None:
    into = _statements(view.name, tuple(view.columns)).copy
    with connection.cursor() as cursor, cursor.copy(into) as target:
        for at in range(0, len(added), _AT_ONCE):
            target.write(b"".join(map(_line, added[at : at + _AT_ONCE])))


@dataclass(frozen=True, slots=True)
class _Statements:
    close: bytes
    insert: bytes
    copy: bytes


@cache
def _statements(name: str, columns: tuple[str, ...]) -> _Statements:
    """Compose a view's statements once: that takes longer than to send a row or two."""
    table = sql.Identifier("views", name)
    names = sql.SQL(", ").join(map(sql.Identifier, ("key", "since", "until", *columns, "doc")))
    # Each array is of one type; the packed ones say which themselves.
    arrays = sql.SQL(", ").join(
        [
            *[sql.SQL("%b")] * 3,
            *[sql.SQL("%b::text[]")] * len(columns),
            sql.SQL("%b::text[]::json[]"),
        ]
    )
    return _Statements(
        close=sql.SQL(
            "update {} v set until = c.position from unnest(%b, %b) "
            "as c(key, position) where v.key = c.key and v.until = {}"
        )
        .format(table, sql.Literal(OPEN))
        .as_bytes(),
        insert=sql.SQL("insert into {} ({}) select * from unnest({})")
        .format(table, names, arrays)
        .as_bytes(),
        copy=sql.SQL("copy {} ({}) from stdin").format(table, names).as_bytes(),
    )


def _line(added: _Added) -> bytes:
    """Return a row as COPY takes it; of the escapes that it knows, JSON needs but one."""
    key, since, until, told, doc = added
    fields = (_text(key), str(since), str(until), *map(_text, told), "")
    escaped = doc.replace(b"\\", b"\\\\") if b"\\" in doc else doc
    return "\t".join(fields).encode() + escaped + b"\n"


def _text(value: str | None) -> str:
    if value is None:
        return "\\N"
    return (
        _SPECIAL.sub(lambda found: _ESCAPED[found[0]], value) if _SPECIAL.search(value) else value
    )


def _storable(value: str | None) -> str | None:
    """Replace what PostgreSQL cannot hold in a text; the row itself keeps it."""
    return value and value.replace("\0", _ESCAPED["\0"])
