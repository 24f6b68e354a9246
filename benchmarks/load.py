"""Many clients that append as fast as each is answered, and what they saw."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import quantiles
from threading import Barrier

from benchmarks.contender import Append

WARM_UP_S = 0.3


@dataclass(frozen=True, slots=True)
class Load:
    """Commits a second over all clients, and how long one took, in milliseconds."""

    commits_per_s: float
    p50_ms: float
    p99_ms: float


def by_threads(appenders: Sequence[Append], seconds: float) -> Load:
    """Run each appender in a thread of its own."""
    together = Barrier(len(appenders))

    def client(append: Append) -> list[float]:
        together.wait()
        _until(append, time.perf_counter() + WARM_UP_S)
        return _until(append, time.perf_counter() + seconds)

    with ThreadPoolExecutor(len(appenders)) as threads:
        return _load(list(threads.map(client, appenders)), seconds)


async def by_tasks(appenders: Sequence[Callable[[], Awaitable[None]]], seconds: float) -> Load:
    """Run each appender as a task of one loop, for those that are asynchronous."""

    async def client(append: Callable[[], Awaitable[None]]) -> list[float]:
        took: list[float] = []
        begin = time.perf_counter() + WARM_UP_S
        before = time.perf_counter()
        while before < begin + seconds:
            await append()
            after = time.perf_counter()
            if before >= begin:
                took.append(after - before)
            before = after
        return took

    return _load(await asyncio.gather(*map(client, appenders)), seconds)


def _until(append: Append, end: float) -> list[float]:
    took: list[float] = []
    before = time.perf_counter()
    while before < end:
        append()
        after = time.perf_counter()
        took.append(after - before)
        before = after
    return took


def _load(took: Sequence[Sequence[float]], seconds: float) -> Load:
    every = sorted(t for client in took for t in client)
    cuts = quantiles(every, n=100)
    return Load(len(every) / seconds, cuts[49] * 1e3, cuts[98] * 1e3)
