"""Bodies of commands: pydantic models made from the command's own dataclass.

Strict: unknown fields are refused, and a text is not taken for a number. Decimals may
be sent as text, which is exact, or as JSON numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, TypeVar, cast, get_type_hints

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from api.fields import Word, word
from api.problems import Problem, shortened
from core.errors import Violation
from core.personal import Sealed, personal_fields

M = TypeVar("M", bound=BaseModel)

_CODES = {
    "missing": "missing-field",
    "extra_forbidden": "unknown-field",
    "unexpected_keyword_argument": "unknown-field",
    "json_invalid": "malformed-json",
}


def body_model(
    command: type[Any], in_path: tuple[str, ...], words: Callable[[str, str], Word] = word
) -> type[BaseModel]:
    """Return the model of a command's body: its fields but those in the path."""
    hints, personal = get_type_hints(command), personal_fields(command)
    shape: dict[str, Any] = {}
    for field in fields(command):
        if field.name not in in_path:
            known = words(command.__name__, field.name)
            default = ... if field.default is MISSING else field.default
            # Text about a person comes in plain: only the ledger seals.
            hint = str if field.name in personal else hints[field.name]
            shape[field.name] = (hint, Field(default, description=known.meaning))
    example = {name: words(command.__name__, name).example for name in shape}
    model: type[BaseModel] = create_model(
        command.__name__,
        __config__=ConfigDict(
            extra="forbid", strict=True, json_schema_extra={"examples": [example]}
        ),
        __doc__=command.__doc__,
        **shape,
    )
    return model


async def raw_body(request: Request) -> bytes:
    """Return the body; 413 where it is too large, 415 where it is not JSON."""
    most: int = request.app.state.wiring.settings.max_body_bytes
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > most:
            raise Problem("body-too-large", f"a body has {most} bytes at most")
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if raw and not (media_type == "application/json" or media_type.endswith("+json")):
        raise Problem(
            "unsupported-media-type",
            "a body is application/json",
            field="Content-Type",
            value=media_type,
        )
    return bytes(raw)


def parsed(model: type[M], raw: bytes) -> M:
    """Return the body as its model, or refuse it with every field that is wrong."""
    try:
        body = model.model_validate_json(raw or b"{}")
    except ValidationError as error:
        found = [
            Violation(
                _CODES.get(e["type"], "malformed-value"),
                e["msg"],
                ".".join(map(str, e["loc"])),
                # Where a field is missing the input is all that surrounds it.
                "" if e["type"] in {"missing", "json_invalid"} else shortened(e["input"]),
            )
            for e in error.errors(include_url=False, include_context=False)
        ]
        raise Problem(found[0].code, found[0].rule, *found) from error
    if any(isinstance(part, Sealed) for part in _parts(dict(body))):
        raise Problem("malformed-value", "text about a person is sent as text")
    rule = "a text holds no NUL character, which PostgreSQL cannot store"
    nul = [
        Violation("nul-character", rule, path, shortened(text))
        for path, text in _texts(dict(body), "")
        if "\0" in text
    ]
    if nul:
        raise Problem("nul-character", rule, *nul)
    return body


def _texts(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    for name, item in _items(value):
        yield from _texts(item, f"{path}.{name}" if path else str(name))


def _parts(value: object) -> Iterator[object]:
    yield value
    for _, item in _items(value):
        yield from _parts(item)


def _items(value: object) -> Iterable[tuple[object, object]]:
    if isinstance(value, dict):
        return cast("dict[str, object]", value).items()
    if isinstance(value, tuple | list):
        return enumerate(cast("Sequence[object]", value))
    if is_dataclass(value):
        return ((f.name, getattr(value, f.name)) for f in fields(value))
    return ()
