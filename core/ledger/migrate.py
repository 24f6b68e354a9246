"""The schema, as numbered SQL files applied once each, in order, under a lock."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.sql import SQL

_LOCK = 0x5353_5020_4D49_4752  # "SSP MIGR"


def migrate(url: str) -> list[str]:
    """Apply what is missing and return the names applied.

    Two processes may call this at once: the second waits and finds nothing to do.
    """
    with psycopg.connect(url, application_name="ssp-migrate") as connection:
        connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
        done = _applied(connection)
        steps = sorted(
            (f for f in files("core.ledger").joinpath("migrations").iterdir()
             if f.name.endswith(".sql")),
            key=lambda f: f.name,
        )
        missing = [step for step in steps if step.name not in done]
        for step in missing:
            connection.execute(SQL(step.read_text(encoding="utf-8")))
            connection.execute("insert into ledger.migration (name) values (%s)", (step.name,))
        return [step.name for step in missing]


def _applied(connection: Connection[Any]) -> set[str]:
    connection.execute("create schema if not exists ledger")
    connection.execute(
        "create table if not exists ledger.migration "
        "(name text primary key, applied_at timestamptz not null default now())"
    )
    return {row[0] for row in connection.execute("select name from ledger.migration")}
