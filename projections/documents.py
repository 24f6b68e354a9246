"""A view's rows as the JSON in which they are kept, one after another: for whoever takes them all.

What held at a position holds there for good, so rows can be read for as long as it takes.
"""

from __future__ import annotations

from collections.abc import Collection, Generator
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import Connection, sql

from projections.view import View


@dataclass(frozen=True, slots=True)
class Document:
    """A row as JSON, with its key and the position of the event that made it so."""

    key: str
    since: int
    row: str


class NotFolded(Exception):
    """A view has no rows of a position: it has not come that far, or is another version's."""


def folded(connection: Connection[Any], view: View[Any]) -> int:
    """Return the last position that a view has folded; raises `NotFolded` where there is none.

    Until the transaction ends, the view's table stays the one that this is said of.
    """
    table = sql.Identifier("views", view.name)
    made = connection.execute(
        "select to_regclass('views.progress') is not null and to_regclass(%s) is not null",
        (table.as_string(connection),),
    ).fetchone()
    if not made or not made[0]:
        raise NotFolded(f"the view {view.name} has no table yet")
    connection.execute(sql.SQL("lock table {} in access share mode").format(table))
    found = connection.execute(
        "select position, version from views.progress where view = %s", (view.name,)
    ).fetchone()
    position, version = found or (-1, None)
    if version != view.version:
        raise NotFolded(
            f"the view {view.name} is kept in version {version}, and this is version {view.version}"
        )
    return int(position)


def count_at(
    connection: Connection[Any], view: View[Any], position: int, kinds: Collection[str] = ()
) -> int:
    """Return how many rows of some kinds, or of all, held at a position."""
    row = connection.execute(_query("count(*)", view, position, kinds)).fetchone()
    return row[0] if row else 0


def documents_at(
    connection: Connection[Any], view: View[Any], position: int, kinds: Collection[str] = ()
) -> Generator[Document]:
    """Yield what held at a position, in the order of keys, without ever holding all of it."""
    query = sql.SQL("copy ({} order by key) to stdout").format(
        _query("key, since, doc::text", view, position, kinds)
    )
    with connection.cursor() as cursor, cursor.copy(query) as lines:
        lines.set_types(["text", "int8", "text"])
        for row in lines.rows():
            yield Document(*row)


def _query(
    what: LiteralString, view: View[Any], position: int, kinds: Collection[str]
) -> sql.Composed:
    """Compose literals into the text: a copy takes no parameters."""
    where = sql.SQL("since <= {0} and until > {0}").format(sql.Literal(position))
    if kinds:
        among = sql.SQL(" and doc ->> 'kind' = any({})").format(sql.Literal(list(kinds)))
        where = sql.Composed([where, among])
    return sql.SQL("select {} from views.{} where {}").format(
        sql.SQL(what), sql.Identifier(view.name), where
    )
