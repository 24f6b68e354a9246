"""Bytes to dataclasses, fast: msgspec reads them, and where it will not, pydantic has the word.

Reading a log is mostly this, and msgspec takes a third of pydantic's time for it. What a record
may hold, and what is said of one that holds something else, stays pydantic's to decide: what
msgspec refuses is read again, and so is what it lets pass and pydantic does not, a decimal that
is no finite number. Decimals are text in every record; one that is written as a JSON number keeps
the digits that stand there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import is_dataclass
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, TypeVar, cast, get_args, get_origin, get_type_hints

import msgspec
from pydantic import TypeAdapter
from pydantic_core import SchemaValidator, core_schema

T = TypeVar("T")
_Check = Callable[[Any], bool]
# What msgspec raises, and what the types that it calls raise: decimals, dates, code points.
_REFUSALS = (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError)


@cache
def adapter(shape: Any) -> TypeAdapter[Any]:  # noqa: ANN401  # any dataclass or union of them
    """Return the validator and serialiser of a dataclass, made once."""
    return TypeAdapter(shape)


def looking_at(fields: Mapping[str, Any]) -> SchemaValidator:
    """Return what reads these fields of a JSON object into a dictionary, and skips all others.

    Half the work of reading all of it first.
    """
    return SchemaValidator(
        core_schema.typed_dict_schema(
            {
                name: core_schema.typed_dict_field(adapter(shape).core_schema)
                for name, shape in fields.items()
            }
        )
    )


@cache
def reader(shape: type[T]) -> Callable[[bytes | str], T]:
    """Return what reads a JSON object as a dataclass, skipping all fields that are not its own.

    That raises pydantic's `ValidationError`.
    """
    exact: Callable[[bytes | str], T] = adapter(cast("Any", shape)).validate_json
    if not quick(shape):
        return exact
    decode, finite = msgspec.json.Decoder(shape).decode, _finite(shape)

    def read(document: bytes | str) -> T:
        try:
            found = decode(document)
        except _REFUSALS:
            return exact(document)
        return found if finite is None or finite(found) else exact(document)

    return read


@cache
def reader_of(field: str, shape: type[T]) -> Callable[[bytes | str], T]:
    """Return what reads one field of a JSON object as a dataclass, and skips all others.

    That raises pydantic's `ValidationError`.
    """
    whole = looking_at({field: shape})

    def exact(document: bytes | str) -> T:
        return cast("T", whole.validate_json(document)[field])

    if not quick(shape):
        return exact
    only = msgspec.defstruct("Only", [(field, shape)], gc=False)
    decode, finite = msgspec.json.Decoder(only).decode, _finite(shape)

    def read(document: bytes | str) -> T:
        try:
            found: T = getattr(decode(document), field)
        except _REFUSALS:
            return exact(document)
        return found if finite is None or finite(found) else exact(document)

    return read


def quick(shape: Any) -> bool:  # noqa: ANN401  # any type
    """Whether msgspec can read a type: a union of its may hold but one dataclass."""
    try:
        msgspec.json.Decoder(shape)
    except TypeError:
        return False
    return True


def _finite(shape: Any) -> _Check | None:  # noqa: ANN401  # any type
    """Return whether all decimals in a value of a type are finite; None where it holds none."""
    if shape is Decimal:
        return Decimal.is_finite
    if isinstance(shape, type) and is_dataclass(shape):
        return _finite_fields(cast("Any", shape))
    if (named := getattr(cast("Any", shape), "__supertype__", None)) is not None:
        return _finite(named)
    if get_origin(shape) is Annotated:
        return _finite(get_args(shape)[0])
    checks: dict[Any, _Check] = {}
    for part in get_args(shape):
        if (check := _finite(part)) is not None:
            checks[part] = check
    return _finite_parts(get_origin(shape), checks) if checks else None


def _finite_parts(origin: Any, checks: Mapping[Any, _Check]) -> _Check:  # noqa: ANN401  # any type
    """Return whether all is finite that a container or a union holds, by its parts' checks."""
    *_, last = checks.values()
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return lambda value: all(map(last, value.values()))
    if isinstance(origin, type) and issubclass(origin, Iterable):
        return lambda value: all(map(last, value))
    kinds = tuple((_kind(part), check) for part, check in checks.items())
    if len(kinds) == 1:
        ((kind, only),) = kinds
        return lambda value: not isinstance(value, kind) or only(value)
    return lambda value: all(not isinstance(value, kind) or check(value) for kind, check in kinds)


def _kind(part: Any) -> type:  # noqa: ANN401  # a part of a union
    """Return the class of a part of a union."""
    while not isinstance(part, type):
        part = getattr(part, "__supertype__", None) or (
            get_args(part)[0] if get_origin(part) is Annotated else get_origin(part)
        )
    return part


@cache
def _finite_fields(shape: type) -> _Check | None:
    hints = get_type_hints(shape, include_extras=True)
    found: list[tuple[str, _Check]] = []
    for name, hint in hints.items():
        if (check := _finite(hint)) is not None:
            found.append((name, check))
    if len(found) == 1:
        ((only, finite),) = found
        return lambda value: finite(getattr(value, only))
    if not found:
        return None
    return lambda value: all(check(getattr(value, name)) for name, check in found)
