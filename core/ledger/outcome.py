"""Whether a commit is known to have happened, so that no doubtful one is told as a success.

PostgreSQL commits on its own disk before it waits for a standby. Cancel that wait, by hand or
by a timeout, and it answers the statement as it answers a success, with a warning before.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection
from psycopg.errors import Diagnostic


class OutcomeUnknown(Exception):
    """Whether a group was recorded for good could not be learned; retry with the same keys."""


@contextmanager
def heeding_warnings(connection: Connection[Any]) -> Generator[None]:
    """Raise `OutcomeUnknown` at the end of a block in which the server warned.

    The warning has no SQLSTATE of its own (01000), and its text depends on the server's
    language. What we commit has no reason to warn of anything else, so any warning counts.
    The connection must let warnings through (`client_min_messages`).
    """
    warnings: list[str] = []

    def hear(told: Diagnostic) -> None:
        if told.severity_nonlocalized == "WARNING":
            warnings.append(f"{told.message_primary}: {told.message_detail or told.sqlstate}")

    connection.add_notice_handler(hear)
    try:
        yield
    finally:
        connection.remove_notice_handler(hear)
    if warnings:
        raise OutcomeUnknown("; ".join(warnings))
