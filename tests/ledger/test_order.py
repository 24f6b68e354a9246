"""Positions are dense and in the order of commits, so a reader by position misses nothing."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import psycopg

from core.ledger.requests import NewEvent, Request
from core.ledger.writer import Writer

WRITERS, APPENDS = 8, 60


def event(stream: str, version: int) -> NewEvent:
    return NewEvent(stream, version, "tests.written.1", b'"type":"tests.written.1"}')


def write(writer: Writer, stream: str) -> list[int]:
    """Append one event at a time, each followed by one that is refused; return positions."""
    positions: list[int] = []
    for version in range(1, APPENDS + 1):
        request = Request([event(stream, version)], reads={stream: version - 1})
        answer = writer.append(request)
        assert answer.outcome == "appended"
        assert answer.first_position is not None
        positions.append(answer.first_position)
        assert writer.append(request).outcome == "conflict"
        assert writer.append(Request([event(stream, version)])).outcome == "conflict"
    return positions


def write_many(url: str, streams: Sequence[str]) -> list[int]:
    """Append to several streams at once through a writer of our own."""
    with Writer(url) as writer, ThreadPoolExecutor(len(streams)) as threads:
        return [p for found in threads.map(write, [writer] * len(streams), streams) for p in found]


def tail(url: str, total: int, started: Event | None = None) -> list[tuple[int, str, int]]:
    """Read on by position as fast as we can, until the log holds `total` events."""
    seen: list[tuple[int, str, int]] = []
    last_grown = time.monotonic()
    with psycopg.connect(url, autocommit=True) as connection:
        while len(seen) < total:
            found = connection.execute(
                "select position, stream, version from ledger.event where position > %s "
                "order by position limit 100",
                (seen[-1][0] if seen else -1,),
            ).fetchall()
            if found:
                seen += found
                last_grown = time.monotonic()
            assert time.monotonic() < last_grown + 15, f"{len(seen)} of {total} events seen"
            if started is not None:
                started.set()
    return seen


def assert_complete(seen: Sequence[tuple[int, str, int]], streams: Sequence[str]) -> None:
    assert [position for position, _, _ in seen] == list(range(len(streams) * APPENDS))
    for stream in streams:
        assert [v for _, s, v in seen if s == stream] == list(range(1, APPENDS + 1))


def test_a_tail_misses_nothing_while_eight_threads_append_through_two_writers(
    any_database_url: str,
) -> None:
    streams = [f"stream-{n}" for n in range(WRITERS)]
    started = Event()
    with ThreadPoolExecutor(3) as threads:
        tails = threads.submit(tail, any_database_url, WRITERS * APPENDS, started)
        assert started.wait(10)
        halves = [
            threads.submit(write_many, any_database_url, half)
            for half in (streams[::2], streams[1::2])
        ]
        acknowledged = [position for half in halves for position in half.result()]
        assert_complete(tails.result(), streams)
    assert sorted(acknowledged) == list(range(WRITERS * APPENDS))


def test_a_tail_misses_nothing_while_two_processes_append(any_database_url: str) -> None:
    streams = [f"stream-{n}" for n in range(WRITERS)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    processes = [
        subprocess.Popen([sys.executable, __file__, any_database_url, *half], env=environment)
        for half in (streams[::2], streams[1::2])
    ]
    try:
        seen = tail(any_database_url, WRITERS * APPENDS)
        assert [process.wait(10) for process in processes] == [0, 0]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert_complete(seen, streams)


def test_the_head_is_one_past_the_last_position_after_refusals(any_database_url: str) -> None:
    write_many(any_database_url, ["stream-a", "stream-b"])

    with psycopg.connect(any_database_url) as connection:
        row = connection.execute(
            "select size, (select count(*) from ledger.event), (select max(position) "
            "from ledger.event) from ledger.head where log_id = 1"
        ).fetchone()

    assert row == (2 * APPENDS, 2 * APPENDS, 2 * APPENDS - 1)


def test_a_group_has_neighbouring_positions_in_the_order_given(database_url: str) -> None:
    with Writer(database_url) as writer:
        writer.append(Request([event("other", 1)]))
        answer = writer.append(Request([event("b", 1), event("a", 1), event("b", 2)]))

    assert answer.first_position == 1
    assert tail(database_url, 4)[1:] == [(1, "b", 1), (2, "a", 1), (3, "b", 2)]


if __name__ == "__main__":
    write_many(sys.argv[1], sys.argv[2:])
