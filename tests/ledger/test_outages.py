"""What was acknowledged is stored once, whatever happens to connections; nothing else is success.

Real outages: backends are terminated, and a database that refuses connections is one that
cannot be asked.
"""

import time
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from core.ledger.requests import Answer, Key, NewEvent, Request
from core.ledger.writer import OutcomeUnknown, Writer, WriterClosed

TERMINATE = (
    "select count(pg_terminate_backend(pid)) from pg_stat_activity "
    "where application_name = 'ssp-writer' and datname = current_database()"
)


def keyed(name: str) -> Request:
    events = [NewEvent(name, 1, "tests.written.1", b'"type":"tests.written.1"}')]
    return Request(events, [Key(name, sha256(name.encode()).digest(), 0, 1)])


def streams(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("select stream from ledger.event order by position").fetchall()
    return [row[0] for row in rows]


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def waiting(observer: psycopg.Connection[Any], event: str) -> bool:
    row = observer.execute(
        "select count(*) from pg_stat_activity where application_name = 'ssp-writer' "
        "and datname = current_database() and wait_event = %s",
        (event,),
    ).fetchone()
    return row is not None and row[0] > 0


@contextmanager
def held_up(url: str, writer: Writer) -> Generator[tuple[Future[Answer], psycopg.Connection[Any]]]:
    """Hold the head's lock while an append waits for it; the lock is released at the end."""
    with psycopg.connect(url) as holder, psycopg.connect(url, autocommit=True) as observer:
        holder.execute("select from ledger.head where log_id = 1 for update")
        with ThreadPoolExecutor(1) as thread:
            first = thread.submit(writer.append, keyed("held-up"))
            until(lambda: waiting(observer, "transactionid"))
            yield first, observer
            holder.rollback()


@pytest.mark.parametrize(
    "spoilt",
    [
        pytest.param(Request([NewEvent("nul\x00", 1, "t", b"}")]), id="NUL character"),
        pytest.param(Request([NewEvent("half\ud800", 1, "t", b"}")]), id="half a surrogate pair"),
        pytest.param(Request([NewEvent("s", 1, "t", b"}")] * 2), id="the same version twice"),
        pytest.param(Request([NewEvent("s", 2**31, "t", b"}")]), id="version out of range"),
        pytest.param(Request([]), id="nothing to record"),
    ],
)
def test_a_spoilt_request_does_not_harm_those_flushed_with_it(
    any_database_url: str, spoilt: Request
) -> None:
    with Writer(any_database_url) as writer, ThreadPoolExecutor(9) as threads:
        with held_up(any_database_url, writer) as (first, _):
            before = [threads.submit(writer.append, keyed(f"before-{n}")) for n in range(4)]
            bad = threads.submit(writer.append, spoilt)
            after = [threads.submit(writer.append, keyed(f"after-{n}")) for n in range(4)]
            time.sleep(0.1)  # all of them wait for the next flush
        answers = [f.result() for f in (first, *before, *after)]
        with pytest.raises((psycopg.DataError, psycopg.IntegrityError, ValueError)):
            bad.result()

    assert [a.outcome for a in answers] == ["appended"] * 9
    stored = streams(any_database_url)
    assert len(stored) == 9
    assert [stored[a.first_position or 0] for a in answers] == [
        "held-up",
        *(f"before-{n}" for n in range(4)),
        *(f"after-{n}" for n in range(4)),
    ]


def test_acknowledged_events_are_stored_once_while_connections_are_terminated(
    any_database_url: str,
) -> None:
    names = [f"stream-{n}" for n in range(3_000)]
    with (
        Writer(any_database_url, most_events=5) as writer,
        ThreadPoolExecutor(8) as threads,
        psycopg.connect(any_database_url, autocommit=True) as killer,
    ):
        answers = [threads.submit(writer.append, keyed(name)) for name in names]
        terminated = 0
        while terminated < 6 and not all(answer.done() for answer in answers):
            row = killer.execute(TERMINATE).fetchone()
            terminated += row[0] if row else 0
            time.sleep(0.05)

    stored = streams(any_database_url)
    assert terminated >= 3
    assert sorted(stored) == sorted(names)
    assert [stored[a.result().first_position or 0] for a in answers] == names


def test_an_idle_connection_that_was_lost_is_replaced(any_database_url: str) -> None:
    with Writer(any_database_url) as writer:
        writer.append(keyed("one"))
        with psycopg.connect(any_database_url, autocommit=True) as killer:
            assert killer.execute(TERMINATE).fetchone() == (1,)
        assert writer.append(keyed("two")).outcome == "appended"

    assert streams(any_database_url) == ["one", "two"]


@contextmanager
def closed_for_all(url: str) -> Generator[None]:
    """Let the database refuse every new connection."""
    name = sql.Identifier(urlsplit(url).path[1:])
    server = urlsplit(url)._replace(path="/postgres").geturl()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("alter database {} allow_connections false").format(name))
        try:
            yield
        finally:
            connection.execute(sql.SQL("alter database {} allow_connections true").format(name))


def test_an_append_that_was_never_sent_fails_as_such(any_database_url: str) -> None:
    with Writer(any_database_url, patience_s=0.3) as writer:
        with closed_for_all(any_database_url), pytest.raises(psycopg.OperationalError):
            writer.append(keyed("one"))
        assert writer.append(keyed("two")).outcome == "appended"

    assert streams(any_database_url) == ["two"]


def test_an_append_that_was_sent_has_an_unknown_outcome_once_patience_ends(
    any_database_url: str,
) -> None:
    with Writer(any_database_url, patience_s=0.3) as writer:
        with held_up(any_database_url, writer) as (sent, kill), closed_for_all(any_database_url):
            kill.execute(TERMINATE)
            with pytest.raises(OutcomeUnknown):
                sent.result()
        assert writer.append(keyed("held-up")).outcome == "appended"

    assert streams(any_database_url) == ["held-up"]


def test_an_outage_shorter_than_patience_only_delays(any_database_url: str) -> None:
    with Writer(any_database_url, patience_s=30) as writer:
        with held_up(any_database_url, writer) as (sent, kill), closed_for_all(any_database_url):
            kill.execute(TERMINATE)
            time.sleep(0.3)
        assert sent.result().outcome == "appended"

    assert streams(any_database_url) == ["held-up"]


def test_a_closing_writer_answers_or_refuses_everyone(any_database_url: str) -> None:
    def outcome(writer: Writer, name: str) -> str:
        try:
            return writer.append(keyed(name)).outcome
        except WriterClosed:
            return "closed"

    recorded = 0
    with ThreadPoolExecutor(4) as threads:
        for attempt in range(10):
            with Writer(any_database_url) as writer:
                writer.append(keyed(f"{attempt}"))
                found = [threads.submit(outcome, writer, f"{attempt}-{n}") for n in range(40)]
            outcomes = [future.result(timeout=10) for future in found]
            assert set(outcomes) <= {"appended", "closed"}
            recorded += 1 + outcomes.count("appended")

    assert len(streams(any_database_url)) == recorded
