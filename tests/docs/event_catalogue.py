"""The catalogue of events, written from the code.

`python -m tests.docs.event_catalogue` writes docs/events.md anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from inspect import cleandoc
from itertools import groupby
from pathlib import Path
from typing import Any, cast, get_args, get_type_hints

from core.ledger.codec import EVENTS
from core.ledger.upcasters import UPCASTERS

DOCUMENT = Path(__file__).parents[2] / "docs" / "events.md"

HEAD = """\
# Events

Every fact that the log can hold, by its wire name. A wire name never changes its meaning:
what must change gets a new version, and the old one is brought to the present shape when it
is read. This page is written from the code by `python -m tests.docs.event_catalogue`.

In a record, ids are text, decimals are strings, instants are UTC, and tuples are lists.
"""


def catalogue() -> str:
    """Return the page."""
    return "\n".join((HEAD, *_events(), *_upcasters(), *_shapes())).rstrip() + "\n"


def _events() -> Iterator[str]:
    for slice_name, wires in groupby(sorted(EVENTS), key=lambda wire: wire.partition(".")[0]):
        yield f"## {slice_name.capitalize()}\n"
        for wire in wires:
            yield from _entry(f"### `{wire}`", EVENTS[wire])


def _upcasters() -> Iterator[str]:
    yield "## Versions of the past\n"
    yield "| Written as | Read as |\n|---|---|"
    for old, (new, _) in sorted(UPCASTERS.items()):
        yield f"| `{old}` | `{new}` |"
    yield ""


def _shapes() -> Iterator[str]:
    yield "## Shapes within events\n"
    found: dict[str, type[Any]] = {}
    for event in EVENTS.values():
        _collect(event, found)
    for name, shape in sorted(found.items()):
        if is_dataclass(shape):
            yield from _entry(f"### `{name}`", shape)
            continue
        values: list[str] = [f"`{member.value}`" for member in cast("type[Enum]", shape)]
        yield f"### `{name}`\n\n{_doc(shape)}\n"
        yield "One of " + ", ".join(values) + ".\n"


def _entry(heading: str, shape: type[Any]) -> Iterator[str]:
    yield f"{heading}\n\n{_doc(shape)}\n"
    yield "| Field | Type |\n|---|---|"
    for field in fields(shape):
        yield f"| `{field.name}` | `{str(field.type).replace('|', 'or')}` |"
    yield ""


def _doc(shape: type[Any]) -> str:
    return cleandoc(shape.__doc__ or "")


def _collect(shape: type[Any], found: dict[str, type[Any]]) -> None:
    """Gather the dataclasses and enumerations that a shape is built of."""
    for hint in get_type_hints(shape).values():
        for part in _parts(hint):
            if part.__name__ not in found:
                found[part.__name__] = part
                if is_dataclass(part):
                    _collect(part, found)


def _parts(hint: Any) -> Iterator[type[Any]]:  # noqa: ANN401  # any annotation
    if isinstance(hint, type) and (is_dataclass(hint) or issubclass(hint, Enum)):
        yield hint
    for argument in get_args(hint):
        yield from _parts(argument)


if __name__ == "__main__":
    DOCUMENT.write_text(catalogue(), encoding="utf-8")
