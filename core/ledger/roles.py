"""Connections that act as the least role that they need, whoever it is that logs in.

A connection asks for its role once it is made (`set role`), so that one URL serves a whole
installation, through a pooler too, while in production each process may log in as a user that
has its own role and no other. Where the URL names one of the roles as its user, as in the
embedded mode, a connection logs in as the role that it needs: there is then nothing behind
it to go back to.
"""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool


class DatabaseRole(StrEnum):
    """What a connection is for. See docs/database-roles.md for what each may do."""

    READER = "ssp_reader"
    WRITER = "ssp_writer"
    PROJECTOR = "ssp_projector"
    MIGRATOR = "ssp_migrator"
    OWNER = "ssp_owner"


LOGINS = (DatabaseRole.READER, DatabaseRole.WRITER, DatabaseRole.PROJECTOR)
"""The roles that connections of running programs act as."""


def roles_sql() -> str:
    """Return the statements that make the roles, for a user who may."""
    return (files("core.ledger") / "roles.sql").read_text()


def url_for(url: str, role: DatabaseRole) -> str:
    """Return where to log in to act as `role`: as itself, where the URL names a role."""
    if conninfo_to_dict(url).get("user") not in LOGINS:
        return url
    return make_conninfo(url, user=role)


def assume(connection: Connection[Any], role: DatabaseRole) -> None:
    """Act as `role` from now on; raises `InsufficientPrivilege` where the user may not."""
    user = connection.info.user
    if user == role:
        return
    try:
        connection.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
    except psycopg.errors.InsufficientPrivilege as error:
        raise type(error)(
            f"permission denied: the user {user} may not act as {role}; "
            f"an administrator changes that with: grant {role} to {user}"
        ) from error


def connect(url: str, role: DatabaseRole, *, application: str) -> Connection[Any]:
    """Connect in autocommit mode, to act as `role`; as `application` in the server's eyes."""
    connection = psycopg.connect(url_for(url, role), autocommit=True, application_name=application)
    try:
        assume(connection, role)
    except BaseException:
        connection.close()
        raise
    return connection


def pooled(
    url: str, role: DatabaseRole, *, least: int = 0, most: int = 8
) -> ConnectionPool[Connection[Any]]:
    """Open a pool of connections in autocommit mode that act as `role`."""
    return ConnectionPool(
        url_for(url, role),
        min_size=least,
        max_size=most,
        open=True,
        configure=partial(assume, role=role),
        kwargs={"autocommit": True, "application_name": role.replace("_", "-")},
    )
