"""Logs that tests fill by hand, and what the tables then say."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import psycopg
import pytest
from psycopg import Connection, sql

from core.ledger.codec import Event
from core.ledger.records import body
from core.ledger.requests import NewEvent, Request
from core.ledger.store import append
from projections.projector import progress
from projections.tables import rows_at
from projections.view import View
from tests.stories import NOON, recorded
from tests.tampering import unguarded


def connect(url: str) -> Connection[Any]:
    return psycopg.connect(url, autocommit=True)


def refill(url: str, facts: Sequence[Event]) -> None:
    """Let the log hold these facts and nothing else, and no view know any."""
    with unguarded(url) as connection:
        drop_views(connection)
        connection.execute("truncate ledger.event, ledger.command, ledger.node")
        connection.execute(
            "update ledger.head set size = 0, frontier = '{}', last_recorded_at = '-infinity'"
        )
    more(url, facts)


def drop_views(connection: Connection[Any]) -> None:
    """Drop every table of the views."""
    tables = connection.execute(
        "select relname from pg_class where relkind = 'r' and relnamespace = 'views'::regnamespace"
    ).fetchall()
    for (table,) in tables:
        connection.execute(sql.SQL("drop table views.{}").format(sql.Identifier(table)))


def more(url: str, facts: Sequence[Event], known: int = 0) -> None:
    """Append facts, the first `known` of which the log holds already."""
    events = [
        NewEvent(r.meta.subject, r.meta.version, r.wire, body(r.meta, r.event))
        for r in recorded(facts)[known:]
    ]
    with connect(url) as connection:
        assert [a.outcome for a in append(connection, [Request(events)], NOON)] == ["appended"]


def raw(url: str, wire: str, content: bytes) -> None:
    """Append a record of which nothing is known but its type."""
    opening = b'"type":"' + wire.encode() + b'",'
    event = NewEvent(f"raw-{wire}", 1, wire, opening + content)
    with connect(url) as connection:
        assert [a.outcome for a in append(connection, [Request([event])], NOON)] == ["appended"]


def live(url: str, view: View[Any], position: int) -> dict[str, Any]:
    with connect(url) as connection:
        return {key: row for key, _, row in rows_at(connection, view, position)}


def causes(url: str, view: View[Any]) -> list[tuple[str, int]]:
    """Return every version of every row, by key and the position that it holds from."""
    with connect(url) as connection:
        query = sql.SQL("select key, since from views.{} order by since, key")
        return connection.execute(query.format(sql.Identifier(view.name))).fetchall()


def broken_ranges(url: str, view: View[Any]) -> list[tuple[str, int]]:
    """Return versions that overlap the next one of their key, are empty, or say the same.

    Half-open ranges that meet, or leave a gap where the row was gone, are as they should be.
    """
    query = sql.SQL(
        "select key, since from (select key, since, until, doc::text as doc, "
        "lead(since) over w as next, lead(doc::text) over w as next_doc from views.{} "
        "window w as (partition by key order by since)) v "
        "where until <= since or next < until or (next = until and doc = next_doc)"
    )
    with connect(url) as connection:
        return connection.execute(query.format(sql.Identifier(view.name))).fetchall()


def kill(url: str) -> None:
    """End every projector's connection to the test's database."""
    with connect(url) as connection:
        connection.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
            "where application_name = 'ssp-projector' and datname = current_database()"
        )


def wait_for(url: str, position: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with connect(url) as connection:
            found = connection.execute("select to_regclass('views.progress')").fetchone()
            at = progress(connection) if found and found[0] else {}
        if at and min(at.values()) == position:
            return
        time.sleep(0.02)
    pytest.fail(f"not at {position} after 20 s")
