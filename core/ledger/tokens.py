"""Sealed text in JSON: how it is found, and what stands in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from typing import Any, cast

from core.personal import Sealed

MARK = b'"commitment"'
"""Whatever JSON holds sealed text holds this."""

_SHAPE = frozenset(field.name for field in fields(Sealed))


def tokens_of(document: Any, path: str = "") -> Iterator[tuple[str, Sealed]]:  # noqa: ANN401
    """Yield every sealed text of a JSON document, with its path.

    No other object has this shape: what people send are texts in places made for texts.
    """
    if (token := _token(document)) is not None:
        yield path, token
        return
    for name, inner in _items(document):
        yield from tokens_of(inner, f"{path}.{name}" if path else str(name))


def replaced(document: Any, change: Callable[[Sealed], Any]) -> Any:  # noqa: ANN401
    """Return a JSON document with something else in place of each sealed text."""
    if (token := _token(document)) is not None:
        return change(token)
    if isinstance(document, dict):
        members = cast("dict[str, Any]", document)
        return {name: replaced(inner, change) for name, inner in members.items()}
    if isinstance(document, list | tuple):
        return [replaced(inner, change) for inner in cast("list[Any]", document)]
    return document


def _token(document: object) -> Sealed | None:
    if isinstance(document, dict):
        members = cast("dict[str, str]", document)
        if members.keys() == _SHAPE:
            return Sealed(**members)
    return None


def _items(document: object) -> Iterable[tuple[object, Any]]:
    if isinstance(document, dict):
        return cast("dict[str, Any]", document).items()
    if isinstance(document, list | tuple):
        return enumerate(cast("list[Any]", document))
    return ()
