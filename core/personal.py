"""Text about a person, and what is left of it once the person's key is destroyed.

A field of the type `Personal` holds text when a command is issued, and the same text
sealed from before the command is decided on. So rules, folds, views and proofs handle
sealed text only and need no key. `About` says by the field's annotation whose key seals it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from typing import Annotated, Any, TypeVar, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sealed:
    """Text that only the key of its subject opens.

    `commitment` names that key in hexadecimal, `text` is the nonce and the ciphertext in
    base64. `command` and `path` say which command the text was a part of, and where: it
    opens nowhere else.
    """

    subject: str
    commitment: str
    command: str
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Erased:
    """What a reader gets in place of text whose key was destroyed.

    `at_position` is where the log says so.
    """

    subject: str
    at_position: int
    erased: bool = True


@dataclass(frozen=True, slots=True)
class Unopened:
    """What a reader gets in place of text that should open and does not."""

    subject: str
    unreadable: str


Personal = str | Sealed
"""Text about a person: plain only on its way in, sealed from then on."""


@dataclass(frozen=True, slots=True)
class About:
    """Whose text a field holds: the name of the field beside it that holds the person's id.

    Where that field is empty, or none is named, the text is the actor's own.
    """

    field: str = ""


def blank(text: Personal) -> bool:
    """Whether a text says nothing; sealed text never does, for blank text is not sealed."""
    return isinstance(text, str) and not text.strip()


Change = Callable[[str, str, str], Personal]
"""Given the path, the subject and the text of a field, returns what is to stand there."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A field that holds personal text (`about` is set), or a shape that does."""

    name: str
    about: About | None


def rewritten(value: T, change: Change, actor: str, path: str = "") -> T:
    """Return a dataclass with every personal text in it changed; itself where there is none.

    Blank text says nothing about anyone, and sealed text is sealed: neither is changed.
    """
    changed: dict[str, Any] = {}
    shape: Any = type(value)
    for part in _parts(shape):
        inner = getattr(value, part.name)
        at = f"{path}.{part.name}" if path else part.name
        if part.about is None:
            new = _within(inner, change, actor, at)
        elif isinstance(inner, str) and not blank(inner):
            named = getattr(value, part.about.field) if part.about.field else ""
            new = change(at, named or actor, inner)
        else:
            continue
        if new is not inner:
            changed[part.name] = new
    return cast("T", replace(cast("Any", value), **changed)) if changed else value


def personal_fields(shape: Any) -> dict[str, About]:  # noqa: ANN401  # any type
    """Return the fields of a dataclass that hold personal text themselves."""
    return {part.name: part.about for part in _parts(shape) if part.about is not None}


def _within(inner: object, change: Change, actor: str, at: str) -> object:
    if isinstance(inner, tuple):
        items = cast("tuple[object, ...]", inner)
        new = tuple(_within(item, change, actor, f"{at}.{i}") for i, item in enumerate(items))
        return items if all(a is b for a, b in zip(new, items, strict=True)) else new
    return inner if inner is None else rewritten(inner, change, actor, at)


@cache
def _parts(shape: Any) -> tuple[_Part, ...]:  # noqa: ANN401  # any type
    if not isinstance(shape, type) or not is_dataclass(shape):
        return ()
    hints = get_type_hints(shape, include_extras=True)
    found: list[_Part] = []
    for field in fields(shape):
        hint = hints[field.name]
        abouts = [part for part in get_args(hint)[1:] if isinstance(part, About)]
        if get_origin(hint) is Annotated and abouts:
            found.append(_Part(field.name, abouts[0]))
        elif any(_parts(inner) for inner in _shapes(hint)):
            found.append(_Part(field.name, None))
    return tuple(found)


def _shapes(hint: Any) -> Iterator[Any]:  # noqa: ANN401  # any annotation
    if isinstance(hint, type) and is_dataclass(hint):
        yield hint
    for argument in get_args(hint):
        yield from _shapes(argument)
