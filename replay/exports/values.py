"""A row's JSON to values: decimals, days and instants again, and personal text as a text."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, assert_never

from replay.exports.shapes import Keyed, Many, Parts, Scalar, Shape

ToDecimal = Callable[[str], Any]


def value_of(shape: Shape, given: Any, to_decimal: ToDecimal = Decimal) -> Any:  # noqa: ANN401  # any JSON
    """Return a JSON value as its shape says; None stays None."""
    if given is None:
        return None
    match shape:
        case Parts(parts=parts):
            return {name: value_of(part, given.get(name), to_decimal) for name, part in parts}
        case Many(of=inner):
            return [value_of(inner, item, to_decimal) for item in given]
        case Keyed(of=inner):
            return {key: value_of(inner, item, to_decimal) for key, item in given.items()}
        case Scalar.DECIMAL:
            return to_decimal(given)
        case Scalar():
            return _READ[shape](given) if shape in _READ else given
        case _:
            assert_never(shape)


def as_json(value: Any) -> str:  # noqa: ANN401  # a value, or JSON
    """Return values as JSON in one line, as the log would write them."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_written)


def _written(value: Decimal | date) -> str:
    return value.isoformat() if isinstance(value, date) else f"{value}"


def _said_of(unopened: dict[str, Any]) -> str:
    """Say in place of a text why it is not here; whose it was is known to the log as well."""
    why = next((word for word in ("erased", "unreadable") if word in unopened), "sealed")
    return f"[{why}: {unopened['subject']}]"


_READ: Mapping[Scalar, Callable[[Any], Any]] = {
    Scalar.PERSONAL: lambda given: given if isinstance(given, str) else _said_of(given),
    Scalar.DAY: date.fromisoformat,
    Scalar.INSTANT: datetime.fromisoformat,
    Scalar.JSON: as_json,
}
