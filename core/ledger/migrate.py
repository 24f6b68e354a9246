"""The schema, as numbered SQL files applied once each, in order, under a lock."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict

OLDEST = 150_000
"""The oldest PostgreSQL that this runs on, as libpq numbers versions."""

_LOCK = 0x5353_5020_4D49_4752  # "SSP MIGR"
# psycopg's own patience with a host that swallows packets is over two minutes.
_CONNECT_TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class Part:
    """A schema with numbered files of its own, for it may lie in a database of its own."""

    schema: str
    folder: str


LEDGER = Part("ledger", "migrations")
KEYS = Part("keys", "key_migrations")


class TooOld(Exception):
    """The database server is older than this programme can use."""


def migrate(url: str, *parts: Part) -> list[str]:
    """Apply what is missing of some parts, all by default, and return the names applied.

    Raises `TooOld`. Two processes may call this at once: the second waits and finds nothing
    to do.
    """
    with _connected(url) as connection:
        connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
        return [name for part in parts or (LEDGER, KEYS) for name in _applied(connection, part)]


def _applied(connection: Connection[Any], part: Part) -> list[str]:
    schema = sql.Identifier(part.schema)
    connection.execute(sql.SQL("create schema if not exists {}").format(schema))
    connection.execute(
        sql.SQL(
            "create table if not exists {}.migration "
            "(name text primary key, applied_at timestamptz not null default now())"
        ).format(schema)
    )
    applied = _missing(connection, part)
    for name, statements in applied.items():
        connection.execute(statements)
        connection.execute(
            sql.SQL("insert into {}.migration (name) values (%s)").format(schema), (name,)
        )
    return list(applied)


def missing(url: str, *parts: Part) -> list[str]:
    """Return the names of the files that a database lacks, as `migrate` does; raises `TooOld`."""
    with _connected(url) as connection:
        return [name for part in parts or (LEDGER, KEYS) for name in _missing(connection, part)]


@contextmanager
def _connected(url: str) -> Generator[Connection[Any]]:
    patience = conninfo_to_dict(url).get("connect_timeout", _CONNECT_TIMEOUT_S)
    with psycopg.connect(
        url, application_name="ssp-migrate", connect_timeout=patience
    ) as connection:
        if connection.info.server_version < OLDEST:
            found = connection.info.parameter_status("server_version")
            raise TooOld(f"PostgreSQL {OLDEST // 10_000} or newer is needed, and this is {found}")
        yield connection


def _missing(connection: Connection[Any], part: Part) -> dict[str, bytes]:
    table = sql.Identifier(part.schema, "migration")
    found = connection.execute(
        "select to_regclass(%s) is not null", (table.as_string(connection),)
    ).fetchone()
    done: set[str] = set()
    if found and found[0]:
        names = connection.execute(sql.SQL("select name from {}").format(table))
        done = {row[0] for row in names}
    folder = files("core.ledger") / part.folder
    steps = {f.name: f.read_bytes() for f in folder.iterdir() if f.name.endswith(".sql")}
    return {name: steps[name] for name in sorted(steps) if name not in done}
