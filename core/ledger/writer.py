"""Group commit: many threads append, one connection writes everything that waits.

While a commit is being flushed the next requests gather, so the wait for the disk is
shared. A connection that drops leaves the outcome open; the same requests are sent
again, and their keys tell the ledger which of them it has recorded already. Where no
answer can be had in time, or the server doubts its own, the outcome is reported as
unknown, never as a success.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any, Self

import psycopg
import structlog
from psycopg import Connection, IsolationLevel

from core.ledger.outcome import OutcomeUnknown, heeding_warnings
from core.ledger.roles import DatabaseRole, connect
from core.ledger.store import LOG, Answer, Request, append

__all__ = ["OutcomeUnknown", "Writer", "WriterClosed"]

_log = structlog.get_logger()


class WriterClosed(Exception):
    """The writer was closed before the request was sent."""


_Waiting = tuple[Request, "Future[Answer]"]


class Writer:
    """One thread and one connection that append for all others."""

    def __init__(
        self,
        url: str,
        *,
        clock: Callable[[], datetime] | None = None,
        most_events: int = 2_000,
        patience_s: float = 30.0,
        log: int = LOG,
    ) -> None:
        """Connect lazily to `url`, to append to one log.

        `clock` stands in for the database's clock; a flush takes requests until it
        holds `most_events`; an answer is sought for `patience_s` after a connection
        was lost.
        """
        self._url = url
        self._clock = clock
        self._most_events = most_events
        self._patience_s = patience_s
        self._log_id = log
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._connection: Connection[Any] | None = None
        # Nothing may be queued behind the end of the queue: nobody would answer it.
        self._gate = Lock()
        self._closed = False
        self._thread = Thread(target=self._run, name="ledger-writer", daemon=True)
        self._thread.start()

    def append(self, request: Request) -> Answer:
        """Append one group and wait until it is on disk, refused, or of unknown outcome."""
        future: Future[Answer] = Future()
        with self._gate:
            if self._closed:
                raise WriterClosed
            self._queue.put((request, future))
        return future.result()

    def close(self) -> None:
        """Flush what waits, then disconnect."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def __enter__(self) -> Self:
        """Return the writer itself."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Close the writer."""
        self.close()

    def _run(self) -> None:
        going = True
        while going:
            batch, going = self._gather()
            if batch:
                self._answer(batch)
        if self._connection is not None:
            self._connection.close()

    def _gather(self) -> tuple[list[_Waiting], bool]:
        batch: list[_Waiting] = []
        events = 0
        item = self._queue.get()
        while item is not None:
            batch.append(item)
            events += len(item[0].events)
            if events >= self._most_events:
                return batch, True
            try:
                item = self._queue.get_nowait()
            except Empty:
                return batch, True
        return batch, False

    def _answer(self, batch: Sequence[_Waiting]) -> None:
        try:
            answers = self._send([request for request, _ in batch])
        except (OutcomeUnknown, psycopg.OperationalError) as error:
            for _, future in batch:
                future.set_exception(error)
        except Exception as error:  # noqa: BLE001  # whoever waits must learn of any failure
            if len(batch) == 1:
                batch[0][1].set_exception(error)
            else:  # one request spoilt the flush; the others must not suffer for it
                for waiting in batch:
                    self._answer([waiting])
        else:
            for (_, future), answer in zip(batch, answers, strict=True):
                future.set_result(answer)

    def _send(self, requests: Sequence[Request]) -> list[Answer]:
        deadline = time.monotonic() + self._patience_s
        pause_s = 0.05
        lost = False  # a first attempt may have been recorded
        while True:
            try:
                connection = self._connected()
                now = self._clock() if self._clock else None
                with heeding_warnings(connection):
                    answers = append(connection, requests, now, log=self._log_id)
                if lost:
                    _doubt_conflicts(requests, answers)
                return answers  # noqa: TRY300  # what may raise stands above
            except psycopg.OperationalError as error:
                connected = self._connection is not None and not self._connection.closed
                if connected and not lost:
                    raise  # the server refused the statement, and rolled it back
                lost = lost or self._connection is not None
                if time.monotonic() > deadline:
                    if lost:
                        raise OutcomeUnknown(str(error)) from error
                    raise
                _log.warning("ledger.reconnecting", error=str(error).strip())
                time.sleep(pause_s)
                pause_s = min(pause_s * 2, 1.0)

    def _connected(self) -> Connection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = None
            connection = connect(self._url, DatabaseRole.WRITER, application="ssp-writer")
            # Each statement must see what was committed before it got the lock.
            connection.isolation_level = IsolationLevel.READ_COMMITTED
            connection.execute("set synchronous_commit = on")
            # A warning is how the server says that it did not wait for its standby.
            connection.execute("set client_min_messages = warning")
            connection.execute("set default_transaction_isolation = 'read committed'")
            self._connection = connection
        return self._connection


def _doubt_conflicts(requests: Sequence[Request], answers: Sequence[Answer]) -> None:
    """Raise `OutcomeUnknown` where a group sent twice may be in conflict with itself."""
    for request, answer in zip(requests, answers, strict=True):
        if answer.outcome == "conflict" and not request.keys:
            raise OutcomeUnknown("a group without a key cannot be found again")
