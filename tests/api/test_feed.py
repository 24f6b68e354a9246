"""The feed: every event once, in order, from wherever the reader stopped."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from typing import Any

import pytest

from tests.api.harness import START, Api, code

LIMA = {"name": {"en": "Lima"}, "country": "PE"}
CONTACT = {"kind": "meeting", "summary": "Talked about buses."}


@contextmanager
def following(
    api: Api, who: str = "analyst-1", last: str | None = None, **query: str
) -> Generator[Iterator[dict[str, Any]]]:
    """Follow the feed; gives id, event and data of each message."""
    headers = api.headers(who) | ({} if last is None else {"Last-Event-ID": last})
    with api.http.stream("GET", "/feed", headers=headers, params=query) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield _messages(answer.iter_lines())


def _messages(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    message: dict[str, Any] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            message[name] = value
        elif "id" in message:
            yield {**message, "data": json.loads(message["data"])}
            message = {}


@pytest.fixture
def busy(api: Api) -> Api:
    """A log of six events."""
    api.do("/cities/lima/register", "officer-1", LIMA)
    for _ in range(5):
        engage(api)
    return api


def engage(api: Api) -> None:
    api.do("/cities/lima/record-engagement", "officer-1", CONTACT, on="city-lima")


def ids(messages: Iterator[dict[str, Any]], count: int) -> list[int]:
    return [int(message["id"]) for message in islice(messages, count)]


def test_the_feed_begins_at_the_first_event(busy: Api) -> None:
    with following(busy) as messages:
        assert ids(messages, 6) == [0, 1, 2, 3, 4, 5]


def test_a_message_is_a_cloud_event_at_its_position(busy: Api) -> None:
    with following(busy) as messages:
        first = next(messages)
    event = first["data"]
    assert (first["id"], first["event"]) == ("0", "cities.registered.2")
    assert event["specversion"] == "1.0"
    assert event["type"] == first["event"]
    assert event["subject"] == "city-lima"
    assert event["position"] == 0
    assert event["time"] == event["recordedat"] == "2024-03-01T00:00:00Z"
    assert event["data"]["country"] == "PE"
    # CloudEvents 1.0: attribute names are lower-case letters and digits.
    assert all(name.isalnum() and name.islower() for name in event)


def test_a_reader_who_was_cut_off_goes_on_after_the_last_event_id(busy: Api) -> None:
    with following(busy, last="2") as messages:
        assert ids(messages, 3) == [3, 4, 5]


def test_the_last_event_id_goes_before_the_query(busy: Api) -> None:
    with following(busy, last="4", after="0") as messages:
        assert ids(messages, 1) == [5]


def test_a_new_event_arrives_while_one_waits(busy: Api) -> None:
    with following(busy, after="5") as messages:
        engage(busy)
        assert ids(messages, 1) == [6]


def test_the_feed_ends_when_the_token_expires(busy: Api) -> None:
    with following(busy, after="4") as messages:
        assert ids(messages, 1) == [5]
        busy.clock.move_to(START + timedelta(hours=2))
        assert list(messages) == []


@pytest.mark.parametrize(
    ("after", "refused"),
    [("6", "position-beyond-head"), ("now", "malformed-position"), ("-2", "malformed-position")],
)
def test_a_place_that_the_log_does_not_have_is_refused(busy: Api, after: str, refused: str) -> None:
    assert code(busy.get("/feed", "analyst-1", after=after)) == (400, refused)
    header = {"Last-Event-ID": after}
    assert code(busy.get("/feed", "analyst-1", header)) == (400, refused)


def test_an_empty_log_can_be_followed_from_before_its_first_event(api: Api) -> None:
    with following(api, after="-1") as messages:
        api.do("/cities/lima/register", "officer-1", LIMA)
        assert ids(messages, 1) == [0]


@pytest.mark.parametrize("who", ["evaluator-1", "city-lima", "chair-1"])
def test_who_must_stay_blind_cannot_follow(busy: Api, who: str) -> None:
    assert code(busy.get("/feed", who)) == (403, "role-not-allowed")
    assert code(busy.get("/feed", who, after="99")) == (403, "role-not-allowed")


def test_the_feed_needs_a_token(busy: Api) -> None:
    assert code(busy.http.get("/feed")) == (401, "not-authenticated")
