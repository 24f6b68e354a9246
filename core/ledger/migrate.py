"""The schema, as numbered SQL files applied once each, in order, under a lock."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict

OLDEST = 150_000
"""The oldest PostgreSQL that this runs on, as libpq numbers versions."""

_LOCK = 0x5353_5020_4D49_4752  # "SSP MIGR"
# psycopg's own patience with a host that swallows packets is over two minutes.
_CONNECT_TIMEOUT_S = 10


class TooOld(Exception):
    """The database server is older than this programme can use."""


def migrate(url: str) -> list[str]:
    """Apply what is missing and return the names applied; raises `TooOld`.

    Two processes may call this at once: the second waits and finds nothing to do.
    """
    with _connected(url) as connection:
        connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
        connection.execute("create schema if not exists ledger")
        connection.execute(
            "create table if not exists ledger.migration "
            "(name text primary key, applied_at timestamptz not null default now())"
        )
        applied = _missing(connection)
        for name, statements in applied.items():
            connection.execute(statements)
            connection.execute("insert into ledger.migration (name) values (%s)", (name,))
        return list(applied)


def missing(url: str) -> list[str]:
    """Return the names of the files that a database lacks; raises `TooOld`."""
    with _connected(url) as connection:
        return list(_missing(connection))


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


def _missing(connection: Connection[Any]) -> dict[str, bytes]:
    found = connection.execute("select to_regclass('ledger.migration') is not null").fetchone()
    done: set[str] = set()
    if found and found[0]:
        done = {row[0] for row in connection.execute("select name from ledger.migration")}
    folder = files("core.ledger") / "migrations"
    steps = {f.name: f.read_bytes() for f in folder.iterdir() if f.name.endswith(".sql")}
    return {name: steps[name] for name in sorted(steps) if name not in done}
