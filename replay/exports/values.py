"""A row's JSON to values: decimals, days and instants again, and personal text as a text.

How a shape is read is found out once, not for each row: most of what rows hold is read as it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, assert_never

from replay.exports.shapes import Keyed, Many, Parts, Scalar, Shape

Read = Callable[[Any], Any]
"""From a JSON value to what its shape says that it is; None stays None."""


def same(given: Any) -> Any:  # noqa: ANN401  # any JSON
    """Return what is no other value than its JSON."""
    return given


def reader_of(shape: Shape, to_decimal: Read = Decimal) -> Read:
    """Return what reads the JSON of a shape."""
    read = _reader(shape, to_decimal)
    return read if read is same else lambda given: None if given is None else read(given)


def _reader(shape: Shape, to_decimal: Read) -> Read:
    match shape:
        case Parts(parts=parts):
            readers = [(name, reader_of(part, to_decimal)) for name, part in parts]
            if all(read is same for _, read in readers):
                return same
            return lambda given: {name: read(given.get(name)) for name, read in readers}
        case Many(of=inner):
            item = reader_of(inner, to_decimal)
            return same if item is same else lambda given: [item(one) for one in given]
        case Keyed(of=inner):
            value = reader_of(inner, to_decimal)
            return lambda given: {key: value(one) for key, one in given.items()}
        case Scalar.DECIMAL:
            return to_decimal
        case Scalar():
            return _SCALARS.get(shape, same)
        case _:
            assert_never(shape)


def as_json(value: Any) -> str:  # noqa: ANN401  # a value, or JSON
    """Return values as JSON in one line, as the log would write them."""
    return _ENCODER.encode(value)


def _written(value: Decimal | date) -> str:
    return value.isoformat() if isinstance(value, date) else f"{value}"


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_written)


def _opened(given: str | dict[str, Any]) -> str:
    """Say in place of a text why it is not here; whose it was is known to the log as well."""
    if isinstance(given, str):
        return given
    why = next((word for word in ("erased", "unreadable") if word in given), "sealed")
    return f"[{why}: {given['subject']}]"


_SCALARS: Mapping[Scalar, Read] = {
    Scalar.PERSONAL: _opened,
    Scalar.DAY: date.fromisoformat,
    Scalar.INSTANT: datetime.fromisoformat,
    Scalar.JSON: as_json,
}
