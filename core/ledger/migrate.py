"""The schema, as numbered SQL files applied once each, in order, under a lock."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any, LiteralString

import psycopg
from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict

from core.ledger.roles import LOGINS, DatabaseRole, assume, roles_sql, url_for

OLDEST = 150_000
"""The oldest PostgreSQL that this runs on, as libpq numbers versions."""

_LOCK = 0x5353_5020_4D49_4752  # "SSP MIGR"
# psycopg's own patience with a host that swallows packets is over two minutes.
_CONNECT_TIMEOUT_S = 10


class TooOld(Exception):
    """The database server is older than this programme can use."""


class NotPermitted(Exception):
    """Whoever logs in may not change the schema, or not make the roles that own it."""


def migrate(url: str, *, logins: bool = False) -> list[str]:
    """Apply what is missing and return the names applied; raises `TooOld` or `NotPermitted`.

    Everything is made by the role that owns it. With `logins` the roles that programs act as
    may log in themselves: for a server that asks nobody for a password, and that nobody else
    reaches. Two processes may call this at once: the second waits and finds nothing to do.
    """
    with _connected(url) as connection, _permitted(connection.info.user):
        connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
        _become_owner(connection, logins=logins)
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
    with _connected(url_for(url, DatabaseRole.READER)) as connection:
        if _one(connection, "select to_regrole(%s) is not null", DatabaseRole.READER):
            assume(connection, DatabaseRole.READER)
        return list(_missing(connection))


def _become_owner(connection: Connection[Any], *, logins: bool) -> None:
    """Make the roles that are lacking, and act as the owner to the end of the transaction."""
    connection.execute(roles_sql().encode())
    for role in LOGINS if logins else ():
        if not _one(connection, "select rolcanlogin from pg_roles where rolname = %s", role):
            connection.execute(sql.SQL("alter role {} login").format(sql.Identifier(role)))
    connection.execute(sql.SQL("set local role {}").format(sql.Identifier(DatabaseRole.OWNER)))


@contextmanager
def _permitted(user: str) -> Generator[None]:
    """Say what an administrator has to run, where the database says no."""
    try:
        yield
    except psycopg.errors.InsufficientPrivilege as error:
        raise NotPermitted(
            f"the database's user {user} may not migrate it ({error.diag.message_primary}). An "
            "administrator runs, in this database, what `ssp migrate --print-roles` prints, and: "
            f'grant {DatabaseRole.MIGRATOR} to "{user}"'
        ) from error


def _one(connection: Connection[Any], query: LiteralString, *parameters: object) -> object:
    row = connection.execute(query, parameters).fetchone()
    return row[0] if row else None


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
    # Not by name, which asks for a right on the schema even where there is no such table.
    made = _one(
        connection,
        "select exists (select from pg_class where relname = 'migration' "
        "and relnamespace = to_regnamespace('ledger'))",
    )
    done: set[str] = set()
    if made:
        done = {row[0] for row in connection.execute("select name from ledger.migration")}
    folder = files("core.ledger") / "migrations"
    steps = {f.name: f.read_bytes() for f in folder.iterdir() if f.name.endswith(".sql")}
    return {name: steps[name] for name in sorted(steps) if name not in done}
