"""The fast reader says what the exact one says, of good records and of bad ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, NewType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.evaluations.events import ScoreRevised, ScoresSubmitted
from core.ledger.codec import EVENTS, Event, event_in, looking_at, to_json
from core.ledger.decoding import quick, reader, reader_of
from core.ledger.records import Meta
from tests.examples import EXAMPLES

SUBMITTED = next(e for e in EXAMPLES if isinstance(e, ScoresSubmitted))
REVISED = next(e for e in EXAMPLES if isinstance(e, ScoreRevised))


def record(event: Event, **changed: object) -> bytes:
    data = {**json.loads(to_json(event)), **changed}
    return json.dumps({"type": event.WIRE, "data": data}).encode()


def exactly(event: Event, document: bytes) -> Any:  # noqa: ANN401  # an event, or the error
    """Return what pydantic alone says."""
    try:
        return looking_at({"data": type(event)}).validate_json(document)["data"]
    except ValidationError as error:
        return error.errors(include_url=False)


def fast(event: Event, document: bytes) -> Any:  # noqa: ANN401  # an event, or the error
    try:
        return event_in(event.WIRE, document)
    except ValidationError as error:
        return error.errors(include_url=False)


@pytest.mark.parametrize(
    "shape", [Meta, *EVENTS.values()], ids=lambda s: getattr(s, "WIRE", "meta")
)
def test_no_event_is_left_to_the_slow_reader(shape: type) -> None:
    assert quick(shape)


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: event.WIRE)
def test_both_readers_read_every_event_alike(event: Event) -> None:
    document = record(event)
    assert fast(event, document) == exactly(event, document) == event


@pytest.mark.parametrize(
    "value", ["NaN", "nan", "sNaN", "-Infinity", "inf", "1e5", "1_0", " 1 ", 7, 7.5, None, "", "x"]
)
def test_a_decimal_is_taken_or_refused_as_the_exact_reader_does(value: object) -> None:
    document = record(REVISED, after=value)
    assert fast(REVISED, document) == exactly(REVISED, document)
    marks = [{"criterion": "need", "value": "90"}, {"criterion": "fit", "value": value}]
    document = record(SUBMITTED, marks=marks)
    assert fast(SUBMITTED, document) == exactly(SUBMITTED, document)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals().map(str),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


@given(event=st.sampled_from(EXAMPLES), data=st.data())
def test_whatever_stands_in_a_field_both_say_the_same(event: Event, data: st.DataObject) -> None:
    field = data.draw(st.sampled_from(sorted(json.loads(to_json(event)))))
    document = record(event, **{field: data.draw(ANY)})
    assert spelled(fast(event, document)) == spelled(exactly(event, document))


def test_a_number_where_decimals_are_text_keeps_the_digits_that_it_was_written_with() -> None:
    """No record of ours has one; the exact reader would make a float of it on the way."""
    event = event_in(REVISED.WIRE, record(REVISED, after=0.5).replace(b"0.5", b"0.50"))
    assert isinstance(event, ScoreRevised)
    assert repr(event.after) == "Decimal('0.50')"


def spelled(found: object) -> str:
    """Return every digit of an event; each reader has an object of its own for UTC."""
    return repr(found).replace("TzInfo(0)", "datetime.timezone.utc")


Won = NewType("Won", Decimal)


@dataclass(frozen=True)
class Sums:
    by_name: Mapping[str, Decimal]
    of: str | tuple[Decimal, ...]
    won: Annotated[Won, "KRW"] | None = None


@dataclass(frozen=True)
class One:
    a: int


@dataclass(frozen=True)
class Either:
    part: One | Sums


def test_a_decimal_is_found_in_whatever_holds_it() -> None:
    good = b'{"by_name":{"a":"1.5"},"of":["1","2"]}'
    assert reader(Sums)(good) == Sums({"a": Decimal("1.5")}, (Decimal(1), Decimal(2)))
    assert reader(Sums)(b'{"by_name":{},"of":"NaN"}') == Sums({}, "NaN")
    for bad in (
        b'{"by_name":{"a":"NaN"},"of":[]}',
        b'{"by_name":{},"of":["1","inf"]}',
        b'{"by_name":{},"of":[],"won":"NaN"}',
    ):
        with pytest.raises(ValidationError, match="finite"):
            reader(Sums)(bad)


def test_a_shape_that_the_fast_reader_does_not_know_is_read_all_the_same() -> None:
    assert not quick(Either)
    assert reader(Either)(b'{"part":{"a":1}}') == Either(One(1))
    assert reader_of("either", Either)(b'{"b":2,"either":{"part":{"a":1}}}') == Either(One(1))
