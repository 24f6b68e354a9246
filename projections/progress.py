"""Where views are: their tables, and how far each was folded, as every server can read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql

from core.ledger.roles import DatabaseRole, connect
from projections.view import View

_SETUP_LOCK = 0x5353_5020_5649_4557  # "SSP VIEW"


def set_up(connection: Connection[Any], views: Sequence[View[Any]]) -> list[str]:
    """Create the tables of new or changed views, empty; return the names of those.

    The connection acts as the projector, to whom the tables then belong.
    """
    made: list[str] = []
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", (_SETUP_LOCK,))
        # Of every table that it will ever make here.
        connection.execute(
            "alter default privileges in schema views grant select on tables to ssp_reader"
        )
        connection.execute(
            "create table if not exists views.progress (view text primary key, "
            "version int not null, position bigint not null default -1, "
            "failure text not null default '', updated_at timestamptz not null default now())"
        )
        known = dict(connection.execute("select view, version from views.progress").fetchall())
        for view in views:
            if known.get(view.name) != view.version:
                table = sql.Identifier(view.name)
                connection.execute(sql.SQL("drop table if exists views.{}").format(table))
                connection.execute(view.table_sql().encode())
                connection.execute(
                    "insert into views.progress (view, version) values (%s, %s) on conflict (view) "
                    "do update set version = excluded.version, position = -1, failure = ''",
                    (view.name, view.version),
                )
                made.append(view.name)
    return made


def set_up_views(url: str, views: Sequence[View[Any]]) -> list[str]:
    """As `set_up`, on a connection of its own."""
    with connect(url, DatabaseRole.PROJECTOR, application="ssp-projector") as connection:
        return set_up(connection, views)


@dataclass(frozen=True, slots=True)
class Followed:
    """The last position that every view has folded (-1 for none), and which views stopped."""

    position: int
    stopped: Sequence[str]


def followed(connection: Connection[Any], views: Sequence[View[Any]]) -> Followed:
    """Return how far views are, as their projectors wrote it down."""
    made = connection.execute("select to_regclass('views.progress') is not null").fetchone()
    if not made or not made[0]:
        return Followed(-1, ())
    rows = connection.execute("select view, position, failure from views.progress").fetchall()
    at = {name: (position, failure) for name, position, failure in rows}
    return Followed(
        min((at.get(view.name, (-1, ""))[0] for view in views), default=-1),
        [view.name for view in views if at.get(view.name, (-1, ""))[1]],
    )


def progress(connection: Connection[Any]) -> dict[str, int]:
    """Return the last position of each view."""
    return dict(connection.execute("select view, position from views.progress").fetchall())
