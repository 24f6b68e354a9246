"""How far views lag behind: from an append's acknowledgement until its rows can be read.

A programme's events are appended one by one at a steady rate, and somebody asks the database
again and again how far the view is: ours and the stock library's in the same way, in turns. Ours
is all views together, and the last of them is waited for.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import itemgetter
from statistics import median, quantiles
from threading import Event, Thread
from typing import LiteralString, Self

import psycopg

from benchmarks.programmes.fill import NotAppended
from benchmarks.programmes.programme import programme
from benchmarks.programmes.size import MILLION
from benchmarks.views.processes import follower
from benchmarks.views.stock import Stock
from core.ledger.migrate import migrate
from core.ledger.requests import Key, Request
from core.ledger.roles import DatabaseRole, connect
from core.ledger.store import append
from projections.progress import set_up_views
from projections.views import VIEWS

RATE = 100
"""Events a second."""

_OURS: LiteralString = "select min(position) from views.progress"
_STOCK: LiteralString = "select coalesce(max(notification_id), 0) from stockrows_tracking"
_PROGRAMME = MILLION.of(20_000)
_BEFORE = 500
"""Events that are there before: cities and a call, so that the rest has rows to change."""
_BYTES = 1_000
_PAUSE_S = 0.001
_PATIENCE_S = 30.0
_Append = Callable[[], int]
"""Appends the next event, and returns its position once that is acknowledged."""


class ViewStopped(Exception):
    """A view did not come as far as it was waited for."""


@dataclass(slots=True)
class Lags:
    """How long each event took to be seen in the view, in milliseconds, by round."""

    ours: list[list[float]] = field(default_factory=list[list[float]])
    stock: list[list[float]] = field(default_factory=list[list[float]])


def p50_and_p99(rounds: list[list[float]]) -> tuple[float, float]:
    """Return the medians over the rounds of each round's median and 99th percentile."""
    p99 = [quantiles(times, n=100, method="inclusive")[98] for times in rounds]
    return median(map(median, rounds)), median(p99)


def lags(ours_url: str, stock_url: str, seconds: float, rounds: int) -> Lags:
    """Follow both in turns, for so many seconds each, on empty databases."""
    migrate(ours_url)
    set_up_views(ours_url, VIEWS)
    stock, found = Stock(stock_url), Lags()

    def stock_append() -> int:
        return stock.append(1, _BYTES)

    stock_append()
    with (
        _programme(ours_url) as our_append,
        follower("ours", ours_url, "follow") as ours,
        follower("stock", stock_url, "follow") as theirs,
    ):
        for each in (ours, theirs):
            each.heard()
        for _ in range(rounds):
            found.ours.append(_watched(ours_url, _OURS, our_append, seconds))
            found.stock.append(_watched(stock_url, _STOCK, stock_append, seconds))
    stock.close()
    return found


def _watched(
    url: str, position: LiteralString, append_next: _Append, seconds: float
) -> list[float]:
    """Append for a while and watch; return each event's lag in milliseconds."""
    acknowledged: list[tuple[int, float]] = []
    with _Watch(url, position) as watch:
        begun = time.perf_counter()
        for n in range(int(seconds * RATE)):
            time.sleep(max(0.0, begun + n / RATE - time.perf_counter()))
            acknowledged.append((append_next(), time.perf_counter()))
        watch.wait(acknowledged[-1][0])
    return [max(0.0, watch.first(at) - answered) * 1e3 for at, answered in acknowledged]


class _Watch:
    """Asks again and again how far a view is, and notes when it was seen to be where."""

    def __init__(self, url: str, position: LiteralString) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._position: LiteralString = position
        self._seen: list[tuple[int, float]] = [(-1, 0.0)]
        self._stopped = Event()
        self._thread = Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stopped.set()
        self._thread.join()
        self._connection.close()

    def wait(self, position: int) -> None:
        """Return when the view is so far; raises `ViewStopped` where it does not come."""
        deadline = time.monotonic() + _PATIENCE_S
        while self._seen[-1][0] < position:
            if time.monotonic() > deadline:
                raise ViewStopped(self._seen[-1][0], position)
            time.sleep(_PAUSE_S)

    def first(self, position: int) -> float:
        """Return when the view was first seen to be so far."""
        return self._seen[bisect_left(self._seen, position, key=itemgetter(0))][1]

    def _look(self) -> None:
        while not self._stopped.is_set():
            row = self._connection.execute(self._position, prepare=True).fetchone()
            at = int(row[0]) if row and row[0] is not None else -1
            if at > self._seen[-1][0]:
                self._seen.append((at, time.perf_counter()))
            time.sleep(_PAUSE_S)


@contextmanager
def _programme(url: str) -> Generator[_Append]:
    """Give what appends the next event of a programme, alone."""
    events = (
        (group.at, event) for group in programme(_PROGRAMME) for event in group.request.events
    )
    with connect(url, DatabaseRole.WRITER, application="ssp-benchmark") as connection:

        def append_next() -> int:
            at, event = next(events)
            key = Key(f"{event.stream}.{event.version}", event.body[-32:], 0, 1)
            (answer,) = append(connection, [Request([event], (key,))], at)
            if answer.first_position is None:
                raise NotAppended(answer)
            return answer.first_position

        for _ in range(_BEFORE):
            append_next()
        yield append_next
