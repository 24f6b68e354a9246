"""Requests that share a flush are answered as if each had come alone, one after another."""

from datetime import UTC, datetime
from hashlib import sha256
from itertools import count

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.ledger.arrays import byteas, int4s, int8s, texts
from core.ledger.requests import Answer, Key, NewEvent, Request
from core.ledger.store import append

NOW = datetime(2026, 1, 1, tzinfo=UTC)
STREAMS: tuple[str, ...] = ("a-1", "a-2", "b-1")
LOGS = count(100)


def new_log(connection: psycopg.Connection[tuple[object, ...]]) -> int:
    log = next(LOGS)
    connection.execute(
        "insert into ledger.head (log_id, name) values (%s, %s)", (log, f"log {log}")
    )
    return log


@st.composite
def requests(draw: st.DrawFn) -> Request:
    streams = draw(st.lists(st.sampled_from(STREAMS), min_size=1, max_size=2, unique=True))
    versions = {s: draw(st.integers(1, 3)) for s in streams}
    events = [
        NewEvent(s, v + n, "tests.written.1", b'"n":1}')
        for s, v in versions.items()
        for n in range(draw(st.integers(1, 2)))
    ]
    keys = [
        Key(
            draw(st.sampled_from("xyz")), sha256(draw(st.sampled_from([b"1", b"2"]))).digest(), 0, 1
        )
        for _ in range(draw(st.integers(0, 1)))
    ]
    reads = draw(st.dictionaries(st.sampled_from(STREAMS), st.integers(0, 2), max_size=2))
    ranges = draw(st.dictionaries(st.sampled_from(["a-", "b-"]), st.integers(-1, 4), max_size=1))
    return Request(events, keys, reads, ranges)


def test_a_flush_answers_as_its_requests_would_one_after_another(any_database_url: str) -> None:
    with psycopg.connect(any_database_url, autocommit=True) as connection:

        @settings(max_examples=150)
        @given(st.lists(requests(), min_size=1, max_size=6))
        def holds(group: list[Request]) -> None:
            alone, together = new_log(connection), new_log(connection)

            one_by_one = [append(connection, [r], NOW, log=alone)[0] for r in group]
            at_once = append(connection, group, NOW, log=together)

            assert [named(a) for a in at_once] == [named(a) for a in one_by_one]
            heads = connection.execute(
                "select size, ledger.root(frontier) from ledger.head where log_id = any(%s)",
                ([alone, together],),
            ).fetchall()
            assert heads[0] == heads[1]

        holds()


def named(answer: Answer) -> tuple[object, ...]:
    # Which of several streams stood in the way is not promised, only that one did.
    return answer.outcome, answer.first_position, answer.at, answer.detail is None


def test_a_flush_in_which_nobody_meets_is_appended_whole(any_database_url: str) -> None:
    group = [
        Request(
            [NewEvent(f"stream-{n}", 1, "tests.written.1", b'"n":1}')],
            [Key(f"key-{n}", sha256(b"").digest(), 0, 1)],
            {f"stream-{n}": 0, "read by all": 0},
        )
        for n in range(300)
    ]
    with psycopg.connect(any_database_url, autocommit=True) as connection:
        answers = append(connection, group, NOW)
        again = append(connection, group, NOW)

    assert [(a.outcome, a.first_position) for a in answers] == [("appended", n) for n in range(300)]
    assert [(a.outcome, a.first_position, a.at) for a in again] == [
        ("replayed", n, NOW) for n in range(300)
    ]


@given(
    st.lists(st.integers(-(2**31), 2**31 - 1)),
    st.lists(st.integers(-(2**63), 2**63 - 1)),
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00"))),
    st.lists(st.binary()),
)
@settings(max_examples=50)
def test_packed_arrays_are_read_as_what_they_hold(
    postgres_url: str, numbers: list[int], large: list[int], words: list[str], blobs: list[bytes]
) -> None:
    with psycopg.connect(postgres_url) as connection, connection.cursor(binary=True) as cursor:
        row = cursor.execute(
            "select %b, %b, %b, %b", (int4s(numbers), int8s(large), texts(words), byteas(blobs))
        ).fetchone()

    assert row == (numbers, large, words, blobs)


@pytest.mark.parametrize("number", [2**31, -(2**31) - 1])
def test_what_no_column_can_hold_is_refused_before_it_is_sent(number: int) -> None:
    with pytest.raises(ValueError, match="format requires"):
        int4s([number])
