"""What was written stays readable: a file for every wire name and version, never deleted.

A file holds the data of a record as it lies in the log. Where one of these tests fails after
a change of an event, the event needs a new version and the old one an upcaster: the file is
right and the change is wrong.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.applications.events import ApplicationSubmitted
from core.cities.events import CityRegistered
from core.frameworks.events import FrameworkDrafted
from core.groups import CityGroup
from core.handlers.table import Command
from core.ledger.codec import (
    COMMANDS,
    EVENTS,
    Event,
    UnknownWireName,
    ValidationError,
    command_from,
    event_from,
    to_json,
)
from core.ledger.upcasters import UPCASTERS
from core.vocabulary import CityId, Text
from tests.examples import EXAMPLES

GOLDEN = Path(__file__).parents[1] / "golden"


def few(shape: Any) -> st.SearchStrategy[tuple[Any, ...]]:  # noqa: ANN401  # a tuple of anything
    """Make short tuples: nested ones grow with every level."""
    inner, _ = get_args(shape)
    return st.lists(st.from_type(inner), max_size=2).map(tuple)


# How `from_type` makes the values that events are built of.
st.register_type_strategy(Decimal, st.decimals(allow_nan=False, allow_infinity=False))
st.register_type_strategy(str, st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
st.register_type_strategy(tuple, few)
st.register_type_strategy(datetime, st.datetimes(timezones=st.just(UTC)))


def golden(wire: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((GOLDEN / f"{wire}.json").read_text(encoding="utf-8"))
    return data


def test_every_wire_name_and_version_has_a_golden_file_and_no_file_is_without_one() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == EVENTS.keys() | UPCASTERS.keys()


def test_every_event_has_an_example() -> None:
    assert sorted(event.WIRE for event in EXAMPLES) == sorted(EVENTS)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.WIRE)
def test_a_golden_file_is_read_as_its_event_and_written_as_it_was(example: Event) -> None:
    data = golden(example.WIRE)
    assert event_from(example.WIRE, data) == example
    assert json.loads(to_json(example)) == data


def test_a_city_registered_in_the_first_version_has_an_english_name_and_is_real() -> None:
    assert event_from("cities.registered.1", golden("cities.registered.1")) == CityRegistered(
        CityId("PELIM"), Text("Lima", ""), "PE", "Latin America", "PELIM", illustrative=False
    )


def test_a_city_of_the_first_version_need_not_have_a_code() -> None:
    data = golden("cities.registered.1")
    del data["unlocode"]
    event = event_from("cities.registered.1", data)
    assert isinstance(event, CityRegistered)
    assert event.unlocode == ""


def test_a_rubric_of_the_first_version_left_every_criterion_to_evaluators() -> None:
    data = golden("frameworks.drafted.1")
    assert [c["kind"] for c in data["rubric"]["criteria"]] == ["qualitative", "quantitative"]
    event = event_from("frameworks.drafted.1", data)
    assert isinstance(event, FrameworkDrafted)
    assert event.rubric.judged == event.rubric.criteria
    assert event.rubric.variants[0].group == CityGroup(("BO", "PE"))


def test_an_application_of_the_first_version_does_not_say_what_was_known_of_its_city() -> None:
    event = event_from("applications.submitted.1", golden("applications.submitted.1"))
    assert isinstance(event, ApplicationSubmitted)
    assert event.city is None


@pytest.mark.parametrize("wire", sorted(UPCASTERS))
def test_an_old_version_leads_to_a_present_one_and_leaves_its_data_alone(wire: str) -> None:
    data = golden(wire)
    event = event_from(wire, data)
    assert event.WIRE in EVENTS
    assert event.WIRE.rpartition(".")[0] == wire.rpartition(".")[0]
    assert data == golden(wire)


def test_a_type_that_is_not_known_and_data_of_another_shape_are_refused() -> None:
    with pytest.raises(UnknownWireName):
        event_from("calls.closed.99", {"call_id": "ssp-2024"})
    with pytest.raises(ValidationError):
        event_from("calls.closed.1", {})
    with pytest.raises(ValidationError):
        event_from(
            "evaluations.score-revised.1", {**golden("evaluations.score-revised.1"), "after": "NaN"}
        )


@pytest.mark.parametrize("wire", sorted(EVENTS))
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_event_is_read_as_it_was_written(wire: str, data: st.DataObject) -> None:
    shape: type[Event] = EVENTS[wire]
    event = data.draw(st.from_type(shape))
    written = to_json(event)
    again = event_from(wire, json.loads(written))
    assert again == event
    assert to_json(again) == written


@pytest.mark.parametrize("name", sorted(COMMANDS))
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_command_is_read_as_it_was_written(name: str, data: st.DataObject) -> None:
    shape: type[Command] = COMMANDS[name]
    command = data.draw(st.from_type(shape))
    assert command_from(name, json.loads(to_json(command))) == command
