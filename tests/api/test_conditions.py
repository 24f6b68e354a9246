"""Versions by If-Match, retries by Idempotency-Key, and the instant by Occurred-At."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.api.harness import START, Api, code, faults

LIMA: dict[str, Any] = {"name": {"en": "Lima"}, "country": "PE"}
CONTACT = {"kind": "meeting", "summary": "Talked about buses."}
REGISTER, ENGAGE = "/cities/lima/register", "/cities/lima/record-engagement"


def test_a_new_stream_needs_no_version_and_answers_with_its_first(api: Api) -> None:
    answer = api.post(REGISTER, "officer-1", LIMA)
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
    assert answer.headers["Location"] == "/streams/city-lima"
    receipt = answer.json()
    assert (receipt["stream"], receipt["version"], receipt["position"]) == ("city-lima", 1, 0)
    recorded = next(iter(api.ledger.read()))
    assert receipt["events"] == [
        {
            "id": recorded.meta.id,
            "position": 0,
            "type": "cities.registered.2",
            "leaf": recorded.leaf.hex(),
        }
    ]


def test_a_command_on_a_stream_that_exists_needs_its_version(api: Api) -> None:
    api.do(REGISTER, "officer-1", LIMA)
    answer = api.post(ENGAGE, "officer-1", CONTACT)
    assert code(answer) == (428, "precondition-required")
    assert faults(answer) == {"If-Match": "precondition-required"}


def test_a_version_that_others_have_passed_is_refused_and_records_nothing(api: Api) -> None:
    api.do(REGISTER, "officer-1", LIMA)
    first = api.post(ENGAGE, "officer-1", CONTACT, match='"1"')
    assert (first.status_code, first.headers["ETag"]) == (201, '"2"')
    late = api.post(ENGAGE, "officer-2", CONTACT, match='"1"')
    assert code(late) == (412, "stale-version")
    assert faults(late) == {"If-Match": "stale-version"}
    assert api.ledger.store.size() == 2


@pytest.mark.parametrize("match", ["*", '"1"', '"7", "1"', 'W/"7" , "1"'])
def test_these_match_the_first_version(api: Api, match: str) -> None:
    api.do(REGISTER, "officer-1", LIMA)
    assert api.post(ENGAGE, "officer-1", CONTACT, match=match).status_code == 201


@pytest.mark.parametrize("match", ['"2"', 'W/"1"', '"one"', '""', '"7", "8"', '"99999999999"'])
def test_these_do_not_match_the_first_version(api: Api, match: str) -> None:
    api.do(REGISTER, "officer-1", LIMA)
    assert code(api.post(ENGAGE, "officer-1", CONTACT, match=match)) == (412, "stale-version")


@pytest.mark.parametrize("match", ["1", "", '"1', '"1" "2"', "* , *"])
def test_a_malformed_if_match_is_named(idle: Api, match: str) -> None:
    answer = idle.post(ENGAGE, "officer-1", CONTACT, match=match)
    assert code(answer) == (400, "malformed-header")
    assert faults(answer) == {"If-Match": "malformed-header"}


def test_any_version_does_not_hold_where_there_is_no_stream(api: Api) -> None:
    assert code(api.post(REGISTER, "officer-1", LIMA, match="*")) == (412, "stale-version")
    assert api.post(REGISTER, "officer-1", LIMA, match='"0"').status_code == 201


def test_a_retry_under_its_key_gives_the_first_answer(api: Api) -> None:
    first = api.post(REGISTER, "officer-1", LIMA, key="k1")
    again = api.post(REGISTER, "officer-1", LIMA, key="k1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert again.headers["ETag"] == first.headers["ETag"]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert api.ledger.store.size() == 1


def test_a_retry_is_not_refused_for_the_version_that_it_made_stale(api: Api) -> None:
    api.do(REGISTER, "officer-1", LIMA)
    first = api.post(ENGAGE, "officer-1", CONTACT, match='"1"', key="k1")
    api.post(ENGAGE, "officer-1", CONTACT, match='"2"')
    again = api.post(ENGAGE, "officer-1", CONTACT, match='"1"', key='"k1"')
    assert (again.status_code, again.json()) == (200, first.json())


def test_a_key_with_another_body_is_refused_and_named_as_it_was_sent(api: Api) -> None:
    api.post(REGISTER, "officer-1", LIMA, key="k1")
    answer = api.post(REGISTER, "officer-1", {**LIMA, "country": "KH"}, key="k1")
    assert code(answer) == (409, "idempotency-key-reused")
    error = answer.json()["errors"][0]
    assert (error["field"], error["value"]) == ("Idempotency-Key", "k1")


def test_keys_of_two_people_do_not_meet(api: Api) -> None:
    api.do(REGISTER, "officer-1", LIMA)
    one = api.post(ENGAGE, "officer-1", CONTACT, match='"1"', key="k1")
    other = api.post(ENGAGE, "officer-2", CONTACT, match='"2"', key="k1")
    assert (one.json()["version"], other.json()["version"]) == (2, 3)


@pytest.mark.parametrize("key", ["", "two words", "k" * 201, '"half'])
def test_a_malformed_key_is_named(idle: Api, key: str) -> None:
    answer = idle.post(REGISTER, "officer-1", LIMA, key=key)
    assert code(answer) == (400, "malformed-header")
    assert faults(answer) == {"Idempotency-Key": "malformed-header"}


@pytest.mark.parametrize("who", ["officer-1", "manager-1"])
def test_staff_may_record_what_was_true_before(api: Api, who: str) -> None:
    at = "2024-01-05T09:00:00+09:00"
    answer = api.post(REGISTER, who, LIMA, headers={"Occurred-At": at})
    assert answer.status_code == 201
    event = api.get("/streams/city-lima", "auditor-1").json()["events"][0]
    assert event["time"] == "2024-01-05T00:00:00Z"
    assert event["recordedat"] == "2024-03-01T00:00:00Z"


def test_without_an_instant_a_command_is_about_now(api: Api) -> None:
    api.clock.move_to(START + timedelta(days=3))
    api.do(REGISTER, "officer-1", LIMA)
    assert next(iter(api.ledger.read())).meta.occurred_at == START + timedelta(days=3)


def test_a_city_cannot_choose_the_instant_of_its_application(api: Api) -> None:
    body = {"sector": "21010", "channel": "open-call", "statement": "Buses"}
    api.do(REGISTER, "officer-1", LIMA)
    headers = {"Occurred-At": "2024-01-05T09:00:00Z"}
    path = "/cities/lima/identify-need"
    answer = api.post(path, "city-lima", body, match='"1"', headers=headers)
    assert code(answer) == (403, "occurred-at-not-allowed")


def test_nothing_occurs_in_the_future(idle: Api) -> None:
    headers = {"Occurred-At": "2024-03-02T00:00:00Z"}
    answer = idle.post(REGISTER, "officer-1", LIMA, headers=headers)
    assert code(answer) == (400, "occurred-in-future")
    assert faults(answer) == {"Occurred-At": "occurred-in-future"}


@pytest.mark.parametrize(
    "at",
    ["yesterday", "2024-01-05", "2024-01-05T09:00:00", "0001-01-01T00:00:00+14:00", "20240105"],
)
def test_a_malformed_instant_is_named(idle: Api, at: str) -> None:
    answer = idle.post(REGISTER, "officer-1", LIMA, headers={"Occurred-At": at})
    assert code(answer) == (400, "malformed-instant")
    assert faults(answer) == {"Occurred-At": "malformed-instant"}
