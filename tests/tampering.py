"""What a superuser can do to the log: the one way in which tests break what the database guards.

Each function is one deed on a connection of `unguarded`, so that whatever claims to notice
tampering can be held against the same seven.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import Connection, sql

from core.ledger.merkle import leaf_hash
from core.ledger.store import LOG


@contextmanager
def unguarded(url: str) -> Generator[Connection[Any]]:
    """Lend a superuser's connection to a database whose triggers are off meanwhile.

    All of it is one transaction, and the guards are put back: what is left to be noticed is
    the deed alone. What nobody committed is undone.
    """
    with psycopg.connect(url) as connection:
        guards = connection.execute(
            "select tgrelid::regclass::text, tgname from pg_trigger "
            "where not tgisinternal and tgrelid::regclass::text like 'ledger.%'"
        ).fetchall()
        for how in ("disable", "enable always"):
            for table, guard in guards:
                connection.execute(
                    sql.SQL("alter table {} {} trigger {}").format(
                        sql.SQL(table), sql.SQL(how), sql.Identifier(guard)
                    )
                )
            if how == "disable":
                yield connection


def done(url: str, statement: str, *parameters: object) -> None:
    """Run one statement that the guards would refuse."""
    with unguarded(url) as connection:
        connection.execute(statement.encode(), parameters)


def change(connection: Connection[Any], position: int, before: bytes, after: bytes) -> None:
    """Change a record and, since whoever can do that can hash, its leaf."""
    record = _record(connection, position).replace(before, after)
    connection.execute(
        "update ledger.event set record = %s, leaf = %s where log_id = %s and position = %s",
        (record, leaf_hash(record), LOG, position),
    )


def delete(connection: Connection[Any], position: int) -> None:
    """Take a record away and close the gap."""
    connection.execute(
        "delete from ledger.event where log_id = %s and position = %s", (LOG, position)
    )
    _shift(connection, position, -1)
    connection.execute("update ledger.head set size = size - 1 where log_id = %s", (LOG,))


def insert(connection: Connection[Any], position: int, stream: str) -> None:
    """Put a copy of a record before it, as the first of a stream of its own."""
    _shift(connection, position, 1)
    old = connection.execute(
        "select stream, version, type, recorded_at, record from ledger.event "
        "where log_id = %s and position = %s",
        (LOG, position + 1),
    ).fetchone()
    assert old is not None
    record = (
        bytes(old[4])
        .replace(f'"subject":"{old[0]}"'.encode(), f'"subject":"{stream}"'.encode())
        .replace(f'"version":{old[1]}'.encode(), b'"version":1')
    )
    connection.execute(
        "insert into ledger.event values (%s, %s, %s, 1, %s, %s, %s, %s)",
        (LOG, position, stream, old[2], old[3], record, leaf_hash(record)),
    )
    connection.execute("update ledger.head set size = size + 1 where log_id = %s", (LOG,))


def swap(connection: Connection[Any], first: int, second: int) -> None:
    """Let two records change places."""
    for source, target in ((first, -1), (second, first), (-1, second)):
        connection.execute(
            "update ledger.event set position = %s where log_id = %s and position = %s",
            (target, LOG, source),
        )


def truncate(connection: Connection[Any], size: int) -> None:
    """Cut the rows off behind a size, and leave the head as it is."""
    connection.execute("delete from ledger.event where log_id = %s and position >= %s", (LOG, size))


def rewind(connection: Connection[Any], size: int) -> None:
    """Set the whole log back to an earlier size, as if nothing had been recorded since."""
    truncate(connection, size)
    connection.execute(
        "delete from ledger.command where log_id = %s and first_position >= %s", (LOG, size)
    )
    _grow_anew(connection)


def rewrite(connection: Connection[Any], edit: Callable[[bytes], bytes]) -> None:
    """Write every record anew, with leaves, tree and head to match."""
    for position in range(_size(connection)):
        record = edit(_record(connection, position))
        connection.execute(
            "update ledger.event set record = %s, leaf = %s where log_id = %s and position = %s",
            (record, leaf_hash(record), LOG, position),
        )
    _grow_anew(connection)


def _grow_anew(connection: Connection[Any]) -> None:
    connection.execute("delete from ledger.node where log_id = %s", (LOG,))
    connection.execute(
        "with grown as (select t.* from (select array_agg(leaf order by position) as leaves "
        "from ledger.event where log_id = %(log)s) e "
        "cross join lateral ledger.extend('{}', 0, coalesce(e.leaves, '{}')) t), "
        "noted as (insert into ledger.node (log_id, height, index, hash) "
        "select %(log)s, n.* from grown, unnest(node_height, node_index, node_hash) n) "
        "update ledger.head set frontier = coalesce(grown.frontier, '{}'), "
        "size = (select count(*) from ledger.event where log_id = %(log)s), "
        "last_recorded_at = (select coalesce(max(recorded_at), '-infinity') from ledger.event "
        "where log_id = %(log)s) from grown where log_id = %(log)s",
        {"log": LOG},
    )


def _shift(connection: Connection[Any], start: int, by: int) -> None:
    # Through negative positions, since a row may not take a place that is not free yet.
    connection.execute(
        "update ledger.event set position = -1 - (position + %s) "
        "where log_id = %s and position >= %s",
        (by, LOG, start),
    )
    connection.execute(
        "update ledger.event set position = -1 - position where log_id = %s and position < 0",
        (LOG,),
    )


def _size(connection: Connection[Any]) -> int:
    row = connection.execute("select count(*) from ledger.event where log_id = %s", (LOG,))
    return int(row.fetchall()[0][0])


def _record(connection: Connection[Any], position: int) -> bytes:
    row = connection.execute(
        "select record from ledger.event where log_id = %s and position = %s", (LOG, position)
    ).fetchone()
    assert row is not None, position
    return bytes(row[0])
