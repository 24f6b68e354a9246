"""Follow a log as it grows: asking is the guarantee, being notified only a hint.

So nothing is missed where a notification is, and a connection that drops, or a server
that restarts, only delays what follows.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

import psycopg
import structlog
from eventsourcing.persistence import (
    InterfaceError,
    Notification,
    OperationalError,
    Subscription,
)
from psycopg import Connection

from core.ledger.roles import DatabaseRole, connect

if TYPE_CHECKING:
    from core.ledger.recorders import LedgerApplicationRecorder

_log = structlog.get_logger()
_PAGE = 500
_POLL_S = 1.0
_TICK_S = 0.1
_LONGEST_PAUSE_S = 5.0


class LedgerSubscription(Subscription["LedgerApplicationRecorder"]):
    """Notifications beyond an id, the recorded ones first, then each as it is recorded.

    Iterated by one thread; any thread may stop it.
    """

    def __init__(
        self, recorder: LedgerApplicationRecorder, gt: int | None, topics: Sequence[str]
    ) -> None:
        """Begin after the notification `gt`, or at the beginning."""
        super().__init__(recorder, gt, topics)
        self._seen = gt or 0
        self._ready: deque[Notification] = deque()
        self._stopping = Event()
        self._iterating = Lock()
        self._listener: Connection[Any] | None = None

    def stop(self) -> None:
        """End the iteration, within a tenth of a second if it is waiting."""
        super().stop()
        self._stopping.set()
        # If it waits for a server, it closes the listener itself once it stops.
        if self._iterating.acquire(timeout=1):
            try:
                self._stop_listening()
            finally:
                self._iterating.release()

    def __next__(self) -> Notification:
        """Return the next notification, after waiting for it if need be."""
        with self._iterating:
            try:
                return self._next()
            finally:
                if self._stopping.is_set():
                    self._stop_listening()

    def _next(self) -> Notification:
        pause_s = _TICK_S
        while not self._stopping.is_set():
            if self._ready:
                return self._ready.popleft()
            try:
                if not self._read():
                    self._wait()
                pause_s = _TICK_S
            except (OperationalError, InterfaceError, psycopg.Error) as error:
                _log.warning("subscription.reconnecting", error=str(error).strip())
                self._stop_listening()
                self._stopping.wait(pause_s)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        raise StopIteration

    def _read(self) -> bool:
        """Read on, and return whether the log had grown."""
        size = self._recorder.max_notification_id() or 0
        if size <= self._seen:
            return False
        found = self._recorder.select_notifications(
            self._seen, _PAGE, size, self._topics, inclusive_of_start=False
        )
        self._ready.extend(found)
        # Positions are dense and in the order of commits: what is not found up to the
        # size has another topic, and never has to be looked at again.
        self._seen = found[-1].id if len(found) == _PAGE else size
        return True

    def _wait(self) -> None:
        if self._listener is None:
            self._listener = connect(
                self._recorder.connections.url, DatabaseRole.READER, application="ssp-listener"
            )
            self._listener.execute("listen ledger")
            return  # the log may have grown before this connection listened
        deadline = time.monotonic() + _POLL_S
        ours = f"{self._recorder.log}:"
        while not self._stopping.is_set() and time.monotonic() < deadline:
            for notify in self._listener.notifies(timeout=_TICK_S, stop_after=1):
                if notify.payload.startswith(ours):
                    return

    def _stop_listening(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
