"""One job of one contender, in a process of its own: told by arguments, answered as JSON.

A process for each job keeps what one left in memory from helping or hurting the next, and lets
each contender run on its own packages.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from random import Random
from statistics import median
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from benchmarks.contender import PER_STREAM, Contender, Seen
from benchmarks.contenders.table import open_contender
from benchmarks.load import by_tasks, by_threads

if TYPE_CHECKING:
    from benchmarks.contenders.ours import Ours

_FILL_BATCH = 100
_PROOFS = 201
_QUIET_S = 3.0


def main() -> None:
    """Do the job that the arguments name: contender, job, and what it needs as JSON."""
    name, job, given = sys.argv[1:]
    needs = json.loads(given)
    url = needs.pop("url")
    contender = open_contender(name, url, needs.get("clients", 1))
    result = asyncio.run(_done(contender, JOBS[job], needs))
    print(json.dumps(result))  # noqa: T201  # the answer


async def _done(contender: Contender, job: Callable[..., Any], needs: dict[str, Any]) -> Any:  # noqa: ANN401  # any JSON
    result = job(contender, **needs)
    if inspect.isawaitable(result):
        result = await result
    if (closing := contender.close()) is not None:
        await closing
    return result


def prepare(contender: Contender) -> None:
    """Make the schema."""
    # In a thread, since some of them run a loop of their own for this.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(contender.prepare).result()


async def append(contender: Contender, clients: int, batch: int, seconds: float) -> Any:  # noqa: ANN401  # JSON
    """Append from many clients for a while."""
    run = uuid4().hex[:8]
    appenders = [contender.appender(f"city-{run}-{n}", batch) for n in range(clients)]
    if inspect.iscoroutinefunction(appenders[0]):
        return asdict(await by_tasks(appenders, seconds))
    return asdict(by_threads(appenders, seconds))


async def fill(contender: Contender, events: int, stream: str, length: int) -> None:
    """Write a log to be read: a long stream among many short ones."""
    await _fill(contender, stream, length)
    for n in range((events - length) // PER_STREAM):
        await _fill(contender, f"city-fill-{n}", PER_STREAM)


async def _fill(contender: Contender, stream: str, length: int) -> None:
    batch = min(_FILL_BATCH, length)
    more = contender.appender(stream, batch)
    for _ in range(length // batch):
        if inspect.isawaitable(result := more()):
            await result


async def read_all(contender: Contender) -> Any:  # noqa: ANN401  # JSON
    """Read the whole log once."""
    return await _timed(contender.read_all)


async def read_stream(contender: Contender, stream: str) -> Any:  # noqa: ANN401  # JSON
    """Read a stream once to warm the caches, then once for the clock."""
    await _timed(contender.read_stream, stream)
    return await _timed(contender.read_stream, stream)


def verify(contender: Contender) -> dict[str, float]:
    """Recompute the whole log, as `ssp verify` does."""
    ledger = cast("Ours", contender)
    before = time.perf_counter()
    events = ledger.verify()
    return {"events": events, "seconds": time.perf_counter() - before}


def prove(contender: Contender, events: int) -> dict[str, float]:
    """Grow the log to many events, then time inclusion proofs; medians in milliseconds."""
    ledger = cast("Ours", contender)
    ledger.grow(events)
    tenth = events // 10
    places = {"first": 0, "middle": events // 2, "last": events - tenth}
    draw = Random(1)  # noqa: S311  # any positions will do, the same each time

    def median_ms(start: int) -> float:
        positions = (draw.randrange(start, start + tenth) for _ in range(_PROOFS))
        return median(map(ledger.prove_s, positions)) * 1e3

    return {place: median_ms(start) for place, start in places.items()}


async def _timed(read: Callable[..., Any], *arguments: str) -> dict[str, float]:
    before = time.perf_counter()
    found = read(*arguments)
    if inspect.isawaitable(found):
        found = await found
    return {"events": found, "seconds": time.perf_counter() - before}


async def write(contender: Contender, prefix: str, clients: int, seconds: float) -> dict[str, int]:
    """Append one event and five in turns; return how many of each stream were acknowledged."""
    streams = [f"city-{prefix}-{n}" for n in range(clients)]
    small = {s: contender.appender(f"{s}-a", 1) for s in streams}
    large = {s: contender.appender(f"{s}-b", 5) for s in streams}
    acknowledged = {f"{s}-{kind}": 0 for s in streams for kind in "ab"}
    end = time.monotonic() + seconds

    async def by_task(stream: str) -> None:
        while time.monotonic() < end:
            await small[stream]()
            acknowledged[f"{stream}-a"] += 1
            await large[stream]()
            acknowledged[f"{stream}-b"] += 5

    def by_thread(stream: str) -> None:
        while time.monotonic() < end:
            small[stream]()
            acknowledged[f"{stream}-a"] += 1
            large[stream]()
            acknowledged[f"{stream}-b"] += 5

    if inspect.iscoroutinefunction(small[streams[0]]):
        await asyncio.gather(*map(by_task, streams))
    else:
        with ThreadPoolExecutor(clients) as threads:
            list(threads.map(by_thread, streams))
    return acknowledged


def tail(contender: Contender) -> dict[str, list[int]]:
    """Follow the log; return the versions that were seen of each stream.

    A line tells how many events there are: it ends when all were seen, or nothing new for long.
    """
    found: dict[str, list[int]] = {}
    grown = time.monotonic()

    def seen(stream: str, version: int) -> None:
        nonlocal grown
        found.setdefault(stream, []).append(version)
        grown = time.monotonic()

    def until_quiet() -> None:
        total = int(sys.stdin.readline())
        while sum(map(len, found.values())) < total and time.monotonic() < grown + _QUIET_S:
            time.sleep(0.05)
        stop.set()

    stop = Event()
    Thread(target=until_quiet, daemon=True).start()
    print("following", flush=True)  # noqa: T201  # so that the writers may begin
    with ThreadPoolExecutor(1) as thread:
        thread.submit(_followed, contender, seen, stop).result()
    return found


def _followed(contender: Contender, seen: Seen, stop: Event) -> None:
    async def follow() -> None:
        if (following := contender.tail(seen, stop)) is not None:
            await following

    asyncio.run(follow())


JOBS: dict[str, Callable[..., Any]] = {
    job.__name__: job
    for job in (
        prepare,
        append,
        fill,
        read_all,
        read_stream,
        verify,
        prove,
        write,
        tail,
    )
}

if __name__ == "__main__":
    main()
