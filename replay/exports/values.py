"""A row's JSON to values: decimals, days and instants again, and personal text as a text.

How a shape is read is found out once, not for each row: most of what rows hold is read as it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, assert_never

from core.ledger.tokens import replaced
from replay.exports.shapes import Keyed, Many, Parts, Scalar, Shape

Read = Callable[[Any], Any]
"""From a JSON value to what its shape says that it is; None stays None."""
Reads = Mapping[Scalar, Read]
"""How scalars are read that are no other value than their JSON."""


def same(given: Any) -> Any:  # noqa: ANN401  # any JSON
    """Return what is no other value than its JSON."""
    return given


def reader_of(shape: Shape, reads: Reads) -> Read:
    """Return what reads the JSON of a shape."""
    read = _reader(shape, reads)
    return read if read is same else lambda given: None if given is None else read(given)


def _reader(shape: Shape, reads: Reads) -> Read:
    match shape:
        case Parts(parts=parts):
            readers = [(name, reader_of(part, reads)) for name, part in parts]
            if all(read is same for _, read in readers):
                return same
            return lambda given: {name: read(given.get(name)) for name, read in readers}
        case Many(of=inner):
            item = reader_of(inner, reads)
            return same if item is same else lambda given: [item(one) for one in given]
        case Keyed(of=inner):
            value = reader_of(inner, reads)
            return lambda given: {key: value(one) for key, one in given.items()}
        case Scalar():
            return reads.get(shape, same)
        case _:
            assert_never(shape)


def as_json(value: Any) -> str:  # noqa: ANN401  # any JSON
    """Return JSON in one line."""
    return _ENCODER.encode(value)


def _opened(given: str | dict[str, Any]) -> str:
    """Say in place of a text why it is not here; whose it was is known to the log as well."""
    if isinstance(given, str):
        return given
    why = next((word for word in ("erased", "unreadable") if word in given), "sealed")
    return f"[{why}: {given['subject']}]"


def _within(given: Any) -> Any:  # noqa: ANN401  # any JSON
    """As `_opened`, wherever JSON of no known shape holds sealed text."""
    return replaced(given, lambda sealed: f"[sealed: {sealed.subject}]")


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
VALUES: Reads = {
    Scalar.PERSONAL: _opened,
    Scalar.DECIMAL: Decimal,
    Scalar.DAY: date.fromisoformat,
    Scalar.INSTANT: datetime.fromisoformat,
    Scalar.JSON: lambda given: as_json(_within(given)),
}
"""Values of Python; of what has no columns, JSON as a text."""
DOCUMENT: Reads = {Scalar.PERSONAL: _opened, Scalar.JSON: _within}
"""JSON that stays JSON, but for personal text."""
