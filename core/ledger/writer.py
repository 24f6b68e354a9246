"""Group commit: many threads append, one connection writes everything that waits.

While a commit is being flushed the next requests gather, so the wait for the disk is
shared. A connection that drops leaves the outcome open; the same requests are sent
again, and their keys tell the ledger which of them it has recorded already. Where no
answer can be had in time, or the server doubts its own, the outcome is reported as
unknown, never as a success.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Condition, Lock, Thread
from typing import Any, Self

import psycopg
import structlog
from psycopg import Connection, IsolationLevel

from core.ledger.outcome import OutcomeUnknown, heeding_warnings
from core.ledger.requests import Answer, Request
from core.ledger.roles import DatabaseRole, connect
from core.ledger.store import LOG, append

__all__ = ["OutcomeUnknown", "Writer", "WriterClosed"]

_log = structlog.get_logger()


class WriterClosed(Exception):
    """The writer was closed before the request was sent."""


# Of what the last flush took: how long the next one waits for those whom it answered.
_PATIENCE = 0.25


class _Waiting:
    """A request whose thread sleeps until it is answered: a lock, since a future costs far more."""

    __slots__ = ("_answered", "_failed", "_lock", "request")

    def __init__(self, request: Request) -> None:
        self.request = request
        self._answered: Answer | None = None
        self._failed: BaseException | None = None
        self._lock = Lock()
        self._lock.acquire()

    def wait(self) -> Answer:
        self._lock.acquire()
        if self._answered is None:
            raise self._failed or WriterClosed
        return self._answered

    def answer(self, answer: Answer) -> None:
        self._answered = answer
        self._lock.release()

    def fail(self, error: BaseException) -> None:
        self._failed = error
        self._lock.release()


class Writer:
    """One connection that appends for all; who finds it idle uses it, else a thread gathers."""

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
        self._connection: Connection[Any] | None = None
        # Guards all below. Nothing may be queued behind the end: nobody would answer it.
        self._gate = Lock()
        self._queue: deque[_Waiting] = deque()
        self._busy = False
        self._closed = False
        self._ended = False
        self._called = False
        self._expected = 0
        self._changed = Condition(self._gate)
        self._thread = Thread(target=self._run, name="ledger-writer", daemon=True)
        self._thread.start()

    def append(self, request: Request) -> Answer:
        """Append one group and wait until it is on disk, refused, or of unknown outcome."""
        waiting: _Waiting | None = None
        with self._gate:
            if self._closed:
                raise WriterClosed
            if self._busy:
                waiting = _Waiting(request)
                self._queue.append(waiting)
                if len(self._queue) == self._expected:
                    self._changed.notify()
            self._busy = True
        if waiting is not None:
            return waiting.wait()
        try:
            # Nobody writes, so there is nobody to share a flush with: a change of threads would
            # only be a wait.
            return self._send([request])[0]
        finally:
            self._pass_on()

    def close(self) -> None:
        """Flush what waits, then disconnect."""
        with self._gate:
            if not self._closed:
                self._closed = True
                if not self._busy:
                    self._called = self._busy = True
                self._changed.notify()
        self._thread.join()

    def __enter__(self) -> Self:
        """Return the writer itself."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Close the writer."""
        self.close()

    def _pass_on(self) -> None:
        """Let the thread write for those who came meanwhile, or the next one for itself."""
        with self._gate:
            if self._queue or self._closed:
                self._called = True
                self._changed.notify()
            else:
                self._busy = False

    def _run(self) -> None:
        while not self._ended:
            with self._gate:
                self._changed.wait_for(lambda: self._called)
                self._called = False
            patience_s = 0.0
            while batch := self._gathered(patience_s):
                before = time.monotonic()
                self._answer(batch)
                patience_s = _PATIENCE * (time.monotonic() - before)
                self._expected = len(batch)
        if self._connection is not None:
            self._connection.close()

    def _gathered(self, patience_s: float) -> list[_Waiting]:
        """Take what waits, up to a flush; with nothing left, the connection is idle again."""
        batch: list[_Waiting] = []
        events = 0
        with self._gate:
            # Those just answered often have more: without a wait they would come back to a flush
            # that left with the first of them, and share every second one only.
            if self._expected > 1 and patience_s:
                self._changed.wait_for(
                    lambda: len(self._queue) >= self._expected or self._closed, patience_s
                )
            while self._queue and events < self._most_events:
                batch.append(self._queue.popleft())
                events += len(batch[-1].request.events)
            self._ended = self._closed and not batch
            # At the end it stays busy: nobody else may write while it disconnects.
            self._busy = bool(batch) or self._ended
        return batch

    def _answer(self, batch: Sequence[_Waiting]) -> None:
        try:
            answers = self._send([waiting.request for waiting in batch])
        except (OutcomeUnknown, psycopg.OperationalError) as error:
            for waiting in batch:
                waiting.fail(error)
        except Exception as error:  # noqa: BLE001  # whoever waits must learn of any failure
            if len(batch) == 1:
                batch[0].fail(error)
            else:  # one request spoilt the flush; the others must not suffer for it
                for waiting in batch:
                    self._answer([waiting])
        else:
            for waiting, answer in zip(batch, answers, strict=True):
                waiting.answer(answer)

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
