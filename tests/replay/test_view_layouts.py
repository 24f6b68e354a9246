"""A view's columns are read off the type of its rows, whatever that is made of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, NewType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from core.personal import About, Personal, Sealed
from projections.view import View
from replay.exports.layout import cells_of, columns_of, kinds_of
from replay.exports.shapes import Keyed, Many, Parts, Scalar, Shape, shape_of
from replay.exports.sink import Row
from replay.exports.table import Table
from replay.exports.values import VALUES, reader_of

CityName = NewType("CityName", str)


class Tier(StrEnum):
    READY = "ready"


@dataclass(frozen=True)
class Part:
    amount: Decimal
    on: date | None = None


@dataclass(frozen=True)
class Nothing:
    pass


@dataclass(frozen=True)
class Tree:
    name: str
    under: tuple[Tree, ...] = ()


@dataclass(frozen=True)
class CityRow:
    name: CityName
    tier: Tier | None
    parts: tuple[Part, ...]
    best: Part | None
    note: Annotated[Personal, About()]
    at: datetime
    good: bool = True
    key: int = 0
    kind: Literal["city"] = "city"


@dataclass(frozen=True)
class CallRow:
    name: CityName
    best: int
    kind: Literal["call"] = "call"


def view(row: Any) -> View[Any]:  # noqa: ANN401  # a union of types is no type
    return View("made_up", 1, row, lambda _record, _rows: None)


PART = Parts((("amount", Scalar.DECIMAL), ("on", Scalar.DAY)))


@pytest.mark.parametrize(
    ("hint", "shape"),
    [
        (CityName, Scalar.TEXT),
        (Tier | None, Scalar.TEXT),
        (Literal["a", "b"], Scalar.TEXT),
        (bool, Scalar.FLAG),
        (int | None, Scalar.WHOLE),
        (float, Scalar.REAL),
        (datetime, Scalar.INSTANT),
        (Personal, Scalar.PERSONAL),
        (Annotated[Personal, About("contact")], Scalar.PERSONAL),
        (Personal | None, Scalar.PERSONAL),
        (Part, PART),
        (tuple[Part, ...] | None, Many(PART)),
        (list[Decimal], Many(Scalar.DECIMAL)),
        (frozenset[Tier], Many(Scalar.TEXT)),
        (dict[str, int], Keyed(Scalar.WHOLE)),
        (Mapping[CityName, Part], Keyed(PART)),
        # What has no columns of its own stays JSON.
        (Any, Scalar.JSON),
        (Part | int, Scalar.JSON),
        (tuple[str, int], Scalar.JSON),
        (dict[int, str], Scalar.JSON),
        (Nothing, Scalar.JSON),
        (Literal["a", 1], Scalar.JSON),
        (Tree, Parts((("name", Scalar.TEXT), ("under", Many(Scalar.JSON))))),
    ],
    ids=str,
)
def test_every_type_has_a_shape(hint: Any, shape: Shape) -> None:  # noqa: ANN401  # any annotation
    assert shape_of(hint) == shape


def test_kinds_share_a_column_where_name_and_shape_are_one() -> None:
    both = view(CityRow | CallRow)
    assert list(kinds_of(both)) == ["city", "call"]
    columns = {column.name: column for column in columns_of(both)}
    assert columns["name"].kinds == {"city", "call"}
    # One is a structure and the other a number, and the table has a key of its own.
    assert set(columns) >= {"best_of_city", "best_of_call", "key_of_city"}
    table = Table(columns_of(both))
    line = table.line(Row("k", 1, "call", {"kind": "call", "name": "n", "best": 3}, 0))
    said = dict(zip(table.names, line, strict=True))
    assert (said["best_of_call"], said["best_of_city.amount"], said["name"]) == (3, None, "n")
    # A name does not depend on which kinds are asked for.
    assert [c.name for c in columns_of(both, ["call"])] == ["name", "best_of_call", "kind"]


def test_parts_are_cells_with_dotted_names_and_what_repeats_is_one() -> None:
    names = [cell.name for _, cells in cells_of(columns_of(view(CityRow))) for cell in cells]
    assert names == [
        *("name", "tier", "parts", "best.amount", "best.on", "note", "at", "good"),
        *("key_of_city", "kind"),
    ]


def test_two_cells_never_share_a_name() -> None:
    @dataclass(frozen=True)
    class Odd:
        best: Part
        kind: Literal["odd"] = "odd"

    columns = columns_of(view(Odd))
    with pytest.raises(ValueError, match=r"best\.amount"):
        cells_of((*columns, *columns))


ROWS = st.builds(
    CityRow,
    name=st.text().map(CityName),
    tier=st.sampled_from((None, Tier.READY)),
    parts=st.lists(
        st.builds(
            Part,
            st.decimals(allow_nan=False, allow_infinity=False),
            st.none() | st.dates(),
        )
    ).map(tuple),
    best=st.none() | st.just(Part(Decimal("1.50"))),
    note=st.text(),
    at=st.datetimes(timezones=st.just(UTC)),
    good=st.booleans(),
    key=st.integers(),
)


@given(ROWS)
def test_what_is_read_from_json_is_what_the_row_was(row: CityRow) -> None:
    document = json.loads(TypeAdapter(CityRow).dump_json(row))
    read = reader_of(shape_of(CityRow), VALUES)(document)
    assert read == TypeAdapter(CityRow).dump_python(row) | {
        "parts": [TypeAdapter(Part).dump_python(part) for part in row.parts]
    }


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ("plain", "plain"),
        ({"subject": "p", "commitment": "", "command": "", "path": "", "text": ""}, "[sealed: p]"),
        ({"subject": "p", "at_position": 7, "erased": True}, "[erased: p]"),
        ({"subject": "p", "unreadable": "no key"}, "[unreadable: p]"),
    ],
)
def test_personal_text_that_is_not_open_is_told_by_whose_it_is(given_: object, said: str) -> None:
    assert reader_of(Scalar.PERSONAL, VALUES)(given_) == said


SEALED = {"subject": "p", "commitment": "c", "command": "d", "path": "e", "text": "f"}


@dataclass(frozen=True)
class Filed:
    """A row of a view with one kind of rows; what it calls its kind is something else."""

    data: dict[str, Any]
    key: str
    kind: str = "x"


def test_json_of_no_known_shape_stays_json_and_is_not_written_twice() -> None:
    table = Table(columns_of(view(Filed)))
    document = {"data": {"a": {"b": [1, SEALED]}}, "key": "k2", "kind": "y"}
    assert list(kinds_of(view(Filed))) == [""]
    line = table.line(Row("k", 1, "", document, 0))
    assert table.names == ["key", "since_position", "data", "key_of_row", "kind"]
    assert line == ["k", 1, '{"a":{"b":[1,"[sealed: p]"]}}', "k2", "y"]
    read = reader_of(shape_of(dict[str, Any]), VALUES)
    assert read(document["data"]) == {"a": '{"b":[1,"[sealed: p]"]}'}


def test_sealed_text_is_recognised_by_its_type() -> None:
    assert shape_of(Sealed | str) is Scalar.PERSONAL
