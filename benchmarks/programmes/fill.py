"""Puts a programme into a log: by the ledger's own append, so its order and tree are real."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

from psycopg import Connection

from benchmarks.programmes.book import Group
from benchmarks.programmes.programme import programme
from benchmarks.programmes.size import Size
from core.ledger.migrate import migrate
from core.ledger.roles import DatabaseRole, connect
from core.ledger.store import append

_AHEAD = 8


class NotAppended(Exception):
    """The ledger did not take a group as it was told."""


def fill(url: str, size: Size) -> Iterator[int]:
    """Fill an empty log; yield now and then how many events it holds."""
    migrate(url)
    with ExitStack() as stack:
        connection = stack.enter_context(
            connect(url, DatabaseRole.WRITER, application="ssp-benchmark")
        )
        # Nothing here is to be safe before all of it is: the next checkpoint makes it so.
        connection.execute("set synchronous_commit = off")
        thread = stack.enter_context(ThreadPoolExecutor(1))
        waiting: deque[Future[int]] = deque()
        done = 0
        for group in programme(size):
            waiting.append(thread.submit(_append, connection, group))
            if len(waiting) > _AHEAD:
                done += waiting.popleft().result()
                yield done
        for one in waiting:
            done += one.result()
        yield done


def _append(connection: Connection[Any], group: Group) -> int:
    (answer,) = append(connection, [group.request], group.at)
    if answer.outcome != "appended" or answer.at != group.at:
        raise NotAppended(answer)
    return len(group.request.events)
