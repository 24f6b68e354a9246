"""Recorded instants never decrease with position, and every instant has its position."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.ledger.ledger import Ledger
from core.ledger.records import Stored, opening
from core.ledger.requests import NewEvent, Request
from core.ledger.writer import Writer

START = datetime(2024, 6, 3, 9, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def event(n: int) -> NewEvent:
    return NewEvent(f"stream-{n}", 1, "tests.written.1", b'"type":"tests.written.1"}')


def rows(url: str) -> list[Stored]:
    with Ledger(url) as ledger:
        return list(ledger.store.scan())


def test_a_clock_that_steps_back_does_not_take_recorded_instants_with_it(
    any_database_url: str,
) -> None:
    random = Random(7)
    clock = [START + TICK * random.randrange(-9_000_000, 9_000_000) for _ in range(100)]
    readings = iter(clock)

    with Writer(any_database_url, clock=lambda: next(readings)) as writer:
        answers = [writer.append(Request([event(n)])) for n in range(len(clock))]

    recorded = [row.recorded_at for row in rows(any_database_url)]
    assert any(a > b for a, b in pairwise(clock))
    assert all(a <= b for a, b in pairwise(recorded))
    assert recorded == [max(clock[: n + 1]) for n in range(len(clock))]
    assert recorded == [answer.at for answer in answers]


def test_two_machines_whose_clocks_differ_share_one_order(any_database_url: str) -> None:
    with (
        Writer(any_database_url, clock=lambda: START + timedelta(hours=1)) as ahead,
        Writer(any_database_url, clock=lambda: START) as behind,
    ):
        for n in range(6):
            (behind if n % 2 else ahead).append(Request([event(n)]))

    assert {row.recorded_at for row in rows(any_database_url)} == {START + timedelta(hours=1)}


@pytest.mark.parametrize(
    "instant",
    [START, START + TICK, START.replace(microsecond=120_000), START.replace(month=12, hour=23)],
)
def test_the_instant_in_the_record_is_the_instant_of_its_column(
    any_database_url: str, instant: datetime
) -> None:
    with Writer(any_database_url, clock=lambda: instant) as writer:
        writer.append(Request([event(1)]))

    (row,) = rows(any_database_url)
    assert row.recorded_at == instant
    assert datetime.fromisoformat(json.loads(row.record)["recorded_at"]) == instant
    assert row.record.startswith(opening(instant))


def test_the_databases_own_clock_is_used_where_none_is_given(any_database_url: str) -> None:
    before = datetime.now(UTC)
    with Writer(any_database_url) as writer:
        writer.append(Request([event(1)]))
    (row,) = rows(any_database_url)

    assert before <= row.recorded_at <= datetime.now(UTC)
    assert row.record.startswith(opening(row.recorded_at.astimezone(UTC)))


def test_an_instant_leads_to_the_last_position_recorded_until_then(any_database_url: str) -> None:
    random = Random(11)
    readings = iter(sorted(START + timedelta(seconds=random.randrange(40)) for _ in range(60)))
    with Writer(any_database_url, clock=lambda: next(readings)) as writer:
        for n in range(60):
            writer.append(Request([event(n)]))
    recorded = [row.recorded_at for row in rows(any_database_url)]

    with psycopg.connect(any_database_url, autocommit=True) as connection:

        @settings(max_examples=200, deadline=None)
        @given(st.integers(-2, 42), st.integers(-1, 1))
        def agrees_with_a_linear_search(seconds: int, ticks: int) -> None:
            instant = START + timedelta(seconds=seconds) + ticks * TICK
            row = connection.execute("select ledger.position_at(1, %s)", (instant,)).fetchone()
            expected = [n for n, at in enumerate(recorded) if at <= instant]
            assert row == (expected[-1] if expected else -1,)

        agrees_with_a_linear_search()


def test_an_empty_log_has_no_position_at_any_instant(any_database_url: str) -> None:
    with Ledger(any_database_url) as ledger:
        assert ledger.store.position_at(START) == -1
