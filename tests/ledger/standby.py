"""A server that waits for a standby which never comes: its commits happen, unanswered."""

from __future__ import annotations

import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, LiteralString

import psycopg
from psycopg import Connection, sql

_PROBE = "probe"


@contextmanager
def waiting_for_nobody(url: str) -> Generator[Connection[Any]]:
    """Let every commit wait meanwhile; yields a connection whose own do not."""
    with psycopg.connect(url, autocommit=True) as server, ThreadPoolExecutor(1) as thread:
        server.execute("set synchronous_commit = local")
        server.execute("alter system set synchronous_standby_names = 'none_such'")
        server.execute("select pg_reload_conf()")
        try:
            probe = thread.submit(_commit_until_it_waits, url)
            end_waits(server, "pg_terminate_backend(pid, 5000)", of=_PROBE)
            probe.result(timeout=10)
            yield server
        finally:
            server.execute("alter system reset synchronous_standby_names")
            server.execute("select pg_reload_conf()")


def end_waits(server: Connection[Any], how: LiteralString, of: str = "%") -> None:
    """Wait until a commit of this database waits, and end that by an expression over its pid.

    `of` is a pattern for the name of the application that commits.
    """
    deadline = time.monotonic() + 10
    query = sql.SQL(
        "select count({}) from pg_stat_activity where datname = current_database() "
        "and wait_event = 'SyncRep' and application_name like %s"
    ).format(sql.SQL(how))
    while server.execute(query, (of,)).fetchone() == (0,):
        assert time.monotonic() < deadline, "no commit was seen waiting"
        time.sleep(0.01)


def _commit_until_it_waits(url: str) -> None:
    """Commit until a commit waits, which says that the setting is in force; then be terminated."""
    deadline = time.monotonic() + 20
    with (
        psycopg.connect(url, autocommit=True, application_name=_PROBE) as probe,
        suppress(psycopg.OperationalError),
    ):
        while time.monotonic() < deadline:
            probe.execute("select pg_logical_emit_message(true, 'probe', '')")
