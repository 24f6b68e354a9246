"""The same key and content give the first answer again; another content is refused."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import psycopg
import pytest

from core.ledger.requests import Key, NewEvent, Request
from core.ledger.writer import Writer


def keyed(key: str, *streams: str, content: str = "") -> Request:
    events = [NewEvent(s, 1, "tests.written.1", b'"type":"tests.written.1"}') for s in streams]
    digest = sha256((content or key).encode()).digest()
    return Request(events, [Key(key, digest, 0, len(events))])


def size(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("select count(*) from ledger.event").fetchone()
    assert row is not None
    return int(row[0])


def test_one_key_sent_by_twenty_threads_lands_once_and_all_get_the_same_answer(
    any_database_url: str,
) -> None:
    with Writer(any_database_url) as one, Writer(any_database_url) as other:
        one.append(keyed("before", "s0"))
        with ThreadPoolExecutor(20) as threads:
            request = keyed("key", "s1", "s2")
            answers = list(threads.map(Writer.append, [one, other] * 10, [request] * 20))

    assert Counter(a.outcome for a in answers) == {"appended": 1, "replayed": 19}
    assert {a.first_position for a in answers} == {1}
    assert len({a.at for a in answers}) == 1
    assert size(any_database_url) == 3


def test_a_key_with_another_content_is_refused_and_named(any_database_url: str) -> None:
    with Writer(any_database_url) as writer:
        writer.append(keyed("key", "s1"))
        answer = writer.append(keyed("key", "s2", content="other"))

    assert (answer.outcome, answer.detail, answer.first_position) == ("key-reused", "key", None)
    assert size(any_database_url) == 1


def test_a_replay_is_recognised_even_where_what_it_read_has_changed(any_database_url: str) -> None:
    request = Request(keyed("key", "s1").events, keyed("key", "s1").keys, reads={"s1": 0})
    with Writer(any_database_url) as writer:
        first = writer.append(request)
        again = writer.append(request)

    assert (first.outcome, again.outcome) == ("appended", "replayed")
    assert (first.first_position, first.at) == (again.first_position, again.at)


def test_a_refused_append_leaves_its_key_free(any_database_url: str) -> None:
    with Writer(any_database_url) as writer:
        writer.append(keyed("first", "s1"))
        refused = writer.append(keyed("second", "s1"))
        landed = writer.append(keyed("second", "s2"))

    assert (refused.outcome, landed.outcome) == ("conflict", "appended")


def two_keys(one: str, other: str) -> Request:
    first, second = keyed(one, f"of-{one}"), keyed(other, f"of-{other}")
    shifted = Key(other, second.keys[0].digest, 1, 1)
    return Request([*first.events, *second.events], [first.keys[0], shifted])


@pytest.mark.parametrize("known", ["one", "other"])
def test_a_group_with_a_command_that_was_recorded_before_records_nothing(
    any_database_url: str, known: str
) -> None:
    with Writer(any_database_url) as writer:
        writer.append(keyed(known, f"of-{known}"))
        answer = writer.append(two_keys("one", "other"))

    assert answer.outcome == "conflict"
    assert size(any_database_url) == 1


def test_a_group_that_was_recorded_before_gives_its_first_answer(any_database_url: str) -> None:
    with Writer(any_database_url) as writer:
        writer.append(keyed("before", "s0"))
        first = writer.append(two_keys("one", "other"))
        again = writer.append(two_keys("one", "other"))

    assert (first.outcome, again.outcome) == ("appended", "replayed")
    assert first.first_position == again.first_position == 1
    assert size(any_database_url) == 3
