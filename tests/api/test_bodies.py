"""Bodies that do not parse or do not have the command's shape: each fault is named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from api.app import COMMANDS
from api.bodies import parsed
from api.commands import CommandRoute, body_of
from tests.api import rounds
from tests.api.harness import Api, code, faults

LIMA: dict[str, Any] = {"name": {"en": "Lima"}, "country": "PE"}
PATH = "/cities/lima/register"


def send(api: Api, content: bytes, media_type: str = "application/json") -> Any:  # noqa: ANN401
    headers = api.headers("officer-1") | {"Content-Type": media_type}
    return api.http.post(PATH, content=content, headers=headers)


@pytest.mark.parametrize("route", COMMANDS, ids=lambda route: route.command.__name__)
def test_the_documented_example_of_every_command_has_its_shape(route: CommandRoute) -> None:
    model = body_of(route)
    (example,) = model.model_json_schema()["examples"]
    assert parsed(model, json.dumps(example).encode()).model_fields_set == set(model.model_fields)


@pytest.mark.parametrize("route", COMMANDS, ids=lambda route: route.command.__name__)
def test_every_field_of_every_command_is_described(route: CommandRoute) -> None:
    assert all(field.description for field in body_of(route).model_fields.values())


@pytest.mark.parametrize("content", [b"{", b"nul", b'{"a":1,}', b"\xff", b"[" * 5000])
def test_what_is_not_json_is_422(idle: Api, content: bytes) -> None:
    assert code(send(idle, content)) == (422, "malformed-json")


@pytest.mark.parametrize("content", [b"[]", b"null", b'"text"', b"3"])
def test_what_is_not_an_object_is_422(idle: Api, content: bytes) -> None:
    assert code(send(idle, content)) == (422, "malformed-value")


def test_every_missing_unknown_and_mistyped_field_is_named_at_once(idle: Api) -> None:
    body = {"name": {"ko": "리마", "fr": "Lima"}, "region": 7, "mayor": "x"}
    answer = idle.post(PATH, "officer-1", body)
    assert answer.status_code == 422
    assert faults(answer) == {
        "name.en": "missing-field",
        "name.fr": "unknown-field",
        "country": "missing-field",
        "region": "malformed-value",
        "mayor": "unknown-field",
    }
    values = {error["field"]: error["value"] for error in answer.json()["errors"]}
    assert (values["region"], values["mayor"], values["country"]) == ("7", "x", "")


def test_an_empty_body_lacks_what_the_command_needs(idle: Api) -> None:
    answer = send(idle, b"")
    assert code(answer) == (422, "missing-field")
    assert set(faults(answer)) == {"name", "country"}


def test_a_command_without_fields_needs_no_body(api: Api) -> None:
    rounds.announce(api)
    api.clock.move_to(rounds.DEADLINE)
    headers = api.headers("officer-1") | {"If-Match": '"1"'}
    assert api.http.post("/calls/seoul-2024/close", headers=headers).status_code == 201


@pytest.mark.parametrize("year", ["2024", 2024.5, True, None])
def test_a_text_is_not_taken_for_a_number(idle: Api, year: object) -> None:
    path, body = "/calls/seoul-2024/announce", {**rounds.ANNOUNCEMENT, "year": year}
    answer = idle.post(path, "officer-1", body)
    assert code(answer) == (422, "malformed-value")
    assert faults(answer) == {"year": "malformed-value"}


def test_a_long_value_is_shown_shortened(idle: Api) -> None:
    answer = idle.post(PATH, "officer-1", {**LIMA, "mayor": "x" * 1000})
    (error,) = answer.json()["errors"]
    assert len(error["value"]) == 120


def test_an_id_in_the_path_is_not_accepted_in_the_body(idle: Api) -> None:
    answer = idle.post(PATH, "officer-1", {**LIMA, "city_id": "phnom-penh"})
    assert faults(answer) == {"city_id": "unknown-field"}


def test_a_nul_character_is_refused_wherever_it_stands(idle: Api) -> None:
    answer = idle.post(PATH, "officer-1", {"name": {"en": "Li\0ma"}, "country": "PE"})
    assert code(answer) == (400, "nul-character")
    assert faults(answer) == {"name.en": "nul-character"}


def test_a_broken_rule_in_a_sound_body_is_400(idle: Api) -> None:
    answer = idle.post(PATH, "officer-1", {**LIMA, "country": "Peru"})
    assert code(answer) == (400, "malformed-country")
    assert faults(answer) == {"country": "malformed-country"}


@pytest.mark.parametrize("city", ["a%20b", "-lima", "li%00ma", "x" * 81, "%ED%95%9C"])
def test_a_malformed_id_in_the_path_is_400(idle: Api, city: str) -> None:
    answer = idle.post(f"/cities/{city}/register", "officer-1", LIMA)
    assert code(answer) == (400, "malformed-id")
    assert faults(answer) == {"city_id": "malformed-id"}


def test_another_media_type_is_415(idle: Api) -> None:
    assert code(send(idle, b"a=1", "application/x-www-form-urlencoded")) == (
        415,
        "unsupported-media-type",
    )


def test_a_body_that_is_too_large_is_413(idle: Api) -> None:
    assert code(send(idle, b"[" + b" " * (1 << 20) + b"]")) == (413, "body-too-large")


def test_an_unknown_address_is_404_and_another_method_405(idle: Api) -> None:
    assert code(idle.post("/cities/lima/crown", "officer-1")) == (404, "not-found")
    answer = idle.get(PATH, "officer-1")
    assert code(answer) == (405, "method-not-allowed")
    assert answer.headers["Allow"] == "POST"
