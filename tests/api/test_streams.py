"""Reading a stream: its version, its past, and who may see it."""

from __future__ import annotations

from datetime import timedelta
from threading import Timer
from typing import Any

import pytest

from tests.api import rounds
from tests.api.harness import START, Api, code, faults, running

LIMA: dict[str, Any] = {"name": {"en": "Lima"}, "country": "PE"}
CONTACT = {"kind": "meeting", "summary": "Talked about buses."}
STREAM = "/streams/city-lima"


@pytest.fixture
def lima(api: Api) -> Api:
    """A log of three events: registered, and two contacts a day apart each."""
    api.do("/cities/lima/register", "officer-1", LIMA)
    for day in (1, 2):
        api.clock.move_to(START + timedelta(days=day))
        api.do("/cities/lima/record-engagement", "officer-1", CONTACT, on="city-lima")
    return api


def test_a_stream_gives_its_events_and_its_version(lima: Api) -> None:
    answer = lima.get(STREAM, "analyst-1")
    stream = answer.json()
    assert (answer.headers["ETag"], stream["version"], stream["as_of_position"]) == ('"3"', 3, 2)
    first = stream["events"][0]
    assert (first["specversion"], first["type"]) == ("1.0", "cities.registered.2")
    assert (first["position"], first["streamversion"], first["actor"]) == (0, 1, "officer-1")
    assert first["data"]["name"] == {"en": "Lima", "ko": ""}


def test_a_version_that_is_known_already_is_not_sent_again(lima: Api) -> None:
    answer = lima.get(STREAM, "officer-1", {"If-None-Match": '"3"'})
    assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", '"3"')
    assert lima.get(STREAM, "officer-1", {"If-None-Match": '"2"'}).status_code == 200


@pytest.mark.parametrize(
    ("as_of", "version"),
    [("0", 1), ("1", 2), ("2", 3), ("2024-03-01T00:00:00Z", 1), ("2024-03-02T12:00:00+09:00", 2)],
)
def test_a_stream_can_be_read_as_it_was_known(lima: Api, as_of: str, version: int) -> None:
    answer = lima.get(STREAM, "officer-1", as_of=as_of)
    assert answer.headers["ETag"] == f'"{version}"'
    assert answer.json()["as_of_position"] == version - 1
    recorded = START + timedelta(days=version - 1)
    assert answer.json()["recorded_at"] == recorded.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("as_of", "refused"),
    [
        ("3", "position-beyond-head"),
        ("9" * 18, "position-beyond-head"),
        ("-1", "malformed-instant"),
        ("9" * 30, "malformed-instant"),
        ("soon", "malformed-instant"),
        ("2024-03-01T00:00:00", "malformed-instant"),
        ("2024-03-04T00:00:00Z", "instant-in-future"),
    ],
)
def test_a_past_that_is_not_there_is_refused(lima: Api, as_of: str, refused: str) -> None:
    answer = lima.get(STREAM, "officer-1", as_of=as_of)
    assert code(answer) == (400, refused)
    assert faults(answer) == {"as_of": refused}


def test_before_the_first_event_there_is_no_stream(lima: Api) -> None:
    answer = lima.get(STREAM, "officer-1", as_of="2024-01-01T00:00:00Z")
    assert code(answer) == (404, "unknown-stream")


def test_one_can_wait_for_a_position(lima: Api) -> None:
    command = ("/cities/lima/record-engagement", "officer-1", CONTACT)
    Timer(0.2, lima.do, command, {"on": "city-lima"}).start()
    assert lima.get(STREAM, "officer-1", after="3").json()["version"] == 4


def test_waiting_has_an_end(database_url: str) -> None:
    with running(database_url, after_timeout_s=0.1) as api:
        answer = api.get(STREAM, "officer-1", after="0")
        assert code(answer) == (503, "not-visible-yet")
        assert answer.headers["Retry-After"] == "1"


def test_a_malformed_position_to_wait_for_is_named(lima: Api) -> None:
    answer = lima.get(STREAM, "officer-1", after="later")
    assert code(answer) == (400, "malformed-parameter")
    assert faults(answer) == {"after": "malformed-parameter"}


def test_an_evaluator_sees_their_own_evaluation_and_the_terms_of_the_call(api: Api) -> None:
    rounds.scored(api)
    for stream in (
        rounds.evaluation_stream("lima", "evaluator-1"),
        "evaluator-evaluator-1",
        "call-seoul-2024",
        "framework-ssp",
    ):
        assert api.get(f"/streams/{stream}", "evaluator-1").status_code == 200


def test_an_evaluator_cannot_tell_whether_anything_of_others_exists(api: Api) -> None:
    rounds.scored(api)
    answers = [
        api.get(f"/streams/{stream}", "evaluator-1", {"If-None-Match": "*"})
        for stream in (
            rounds.evaluation_stream("lima", "evaluator-2"),
            rounds.evaluation_stream("lima", "evaluator-9"),
            "evaluation-seoul-2024:documents:lima:evaluator-2:evaluator-1",
            "evaluation-evaluator-1",
            "evaluator-evaluator-2",
            "evaluator-evaluator-9",
            "application-seoul-2024:lima",
            "selection-seoul-2024:documents",
            "city-lima",
            "nonsense-evaluator-1",
        )
    ]
    # Alike in everything but the id of the request itself.
    shown = {
        (a.status_code, a.json()["code"], a.json()["detail"], a.headers.get("ETag"))
        for a in answers
    }
    assert len(shown) == 1
    assert code(answers[0]) == (403, "not-own-evaluation")


def test_a_focal_point_sees_their_own_city_and_its_applications_only(api: Api) -> None:
    rounds.announce(api)
    for city in rounds.CITIES:
        rounds.apply(api, city)
    own = ("city-lima", "application-seoul-2024:lima")
    others = ("city-colombo", "application-seoul-2024:colombo", "call-seoul-2024",
              "evaluation-seoul-2024:documents:lima:evaluator-1")  # fmt: skip
    assert [api.get(f"/streams/{s}", "city-lima").status_code for s in own] == [200, 200]
    for stream in others:
        assert code(api.get(f"/streams/{stream}", "city-lima")) == (403, "not-own-city")


@pytest.mark.parametrize(
    "name", ["city", "City-lima", "city-li%00ma", "city-a%20b", "city-" + "x" * 400]
)
def test_a_malformed_name_is_refused(idle: Api, name: str) -> None:
    assert code(idle.get(f"/streams/{name}", "auditor-1")) == (400, "malformed-id")
