"""What a view's row consists of, read off its type: so a new view is exported without a word here.

A row reaches us as the JSON in which its table keeps it. Its type says which texts in there are
decimal numbers, days and instants, and which columns there will be before the first row is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from core.personal import Sealed


class Scalar(StrEnum):
    """A value without parts. `JSON` is whatever has no columns of its own: it stays JSON."""

    TEXT = "text"
    PERSONAL = "personal"
    WHOLE = "whole"
    DECIMAL = "decimal"
    REAL = "real"
    FLAG = "flag"
    DAY = "day"
    INSTANT = "instant"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Many:
    """Any number of values of one shape."""

    of: Shape


@dataclass(frozen=True, slots=True)
class Keyed:
    """Values of one shape, each under a text."""

    of: Shape


@dataclass(frozen=True, slots=True)
class Parts:
    """Values that have names."""

    parts: tuple[tuple[str, Shape], ...]


Shape = Scalar | Many | Keyed | Parts

# A bool is an int and a datetime is a date, so what is more special comes first.
_SCALARS: tuple[tuple[type, Scalar], ...] = (
    (bool, Scalar.FLAG),
    (int, Scalar.WHOLE),
    (float, Scalar.REAL),
    (Decimal, Scalar.DECIMAL),
    (datetime, Scalar.INSTANT),
    (date, Scalar.DAY),
    (str, Scalar.TEXT),
)
_MANY = (list, set, frozenset, Sequence)
_KEYED = (dict, Mapping)


@cache
def shape_of(hint: Any, inside: tuple[Any, ...] = ()) -> Shape:  # noqa: ANN401  # any annotation
    """Return the shape of a type; `inside` are the dataclasses that it is a part of.

    A dataclass without fields, one that holds itself, and a choice between several shapes have no
    columns: they stay JSON.
    """
    hint = _plain(hint)
    if get_origin(hint) is not None:
        return _composed(get_origin(hint), get_args(hint), inside)
    if isinstance(hint, type) and is_dataclass(hint):
        return Parts(parts) if (parts := _parts(hint, inside)) else Scalar.JSON
    known = (
        scalar for kind, scalar in _SCALARS if isinstance(hint, type) and issubclass(hint, kind)
    )
    return next(known, Scalar.JSON)


def _composed(origin: Any, arguments: tuple[Any, ...], inside: tuple[Any, ...]) -> Shape:  # noqa: ANN401  # as above
    if origin in (Union, UnionType):
        choices = {choice for choice in arguments if choice is not NoneType}
        if choices == {str, Sealed}:
            return Scalar.PERSONAL
        return _shared(shape_of(choice, inside) for choice in choices)
    if origin is Literal:
        kinds: set[Any] = {type(word) for word in arguments}
        return _shared(map(shape_of, kinds))
    if origin in _MANY or (origin is tuple and arguments[1:] == (...,)):
        return Many(shape_of(arguments[0], inside))
    if origin in _KEYED and shape_of(arguments[0]) is Scalar.TEXT:
        return Keyed(shape_of(arguments[1], inside))
    return Scalar.JSON


def _shared(shapes: Iterable[Shape]) -> Shape:
    found = set(shapes)
    return found.pop() if len(found) == 1 else Scalar.JSON


def parts_of(row: type) -> tuple[tuple[str, Shape], ...]:
    """Return the fields of a row's type with their shapes."""
    return _parts(row, ())


def _parts(row: type, inside: tuple[Any, ...]) -> tuple[tuple[str, Shape], ...]:
    if row in inside:
        return ()
    hints = get_type_hints(row, include_extras=True)
    return tuple((f.name, shape_of(hints[f.name], (*inside, row))) for f in fields(row))


def _plain(hint: Any) -> Any:  # noqa: ANN401  # any annotation
    """Return what an annotated or a named type stands for."""
    while get_origin(hint) is Annotated or hasattr(hint, "__supertype__"):
        hint = get_args(hint)[0] if get_origin(hint) is Annotated else hint.__supertype__
    return hint
