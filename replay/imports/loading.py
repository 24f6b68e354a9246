"""Reading a mapping file. It is written by hand, so every key that is wrong is named at once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from core.errors import DomainError, Violation
from replay.imports.findings import ImportRefused, shown
from replay.imports.mapping import ImportMapping
from replay.imports.sections import Table
from replay.imports.templates import Template

MOST_MAPPING_BYTES = 1 << 20


def load_mapping(path: Path) -> ImportMapping:
    """Read a mapping; raises `ImportRefused` with every key that is wrong."""
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_MAPPING_BYTES + 1)
        if len(raw) > MOST_MAPPING_BYTES:
            raise ImportRefused(_violation("a mapping is a small TOML file", "", path.name))
        content = tomllib.loads(raw.decode("utf-8-sig"), parse_float=Decimal)
    except OSError as error:
        raise ImportRefused(
            Violation("unreadable-file", str(error.strerror), "mapping", str(path))
        ) from None
    except UnicodeDecodeError:
        raise ImportRefused(_violation("a mapping is TOML in UTF-8", "", path.name)) from None
    except tomllib.TOMLDecodeError as error:
        rule = f"not TOML: {error}; text and names of other than English letters stand in quotes"
        raise ImportRefused(_violation(rule, "", path.name)) from None
    try:
        mapping = ImportMapping.model_validate(content)
    except ValidationError as error:
        raise ImportRefused(*map(_explained, error.errors())) from None
    if wrong := tuple(_instants(mapping)):
        raise ImportRefused(*wrong)
    return mapping


def _instants(mapping: ImportMapping) -> Iterator[Violation]:
    """Yield what is wrong with the dates that stand in the mapping itself."""
    named: list[tuple[str, Template | None]] = [
        (f"{name}.occurred_at", getattr(mapping, name).occurred_at) for name in mapping.sections()
    ]
    opened = mapping.call.close_and_open_at if mapping.call else None
    if opened is not None and opened.columns:
        yield _violation(
            "one date for all rows: this is no column's", "call.close_and_open_at", opened.source
        )
    named.append(("call.close_and_open_at", opened))
    for key, given in named:
        if given is None or given.columns:
            continue
        try:
            mapping.calendar.instant(given.source, constant=True)
        except DomainError as error:
            yield _violation(error.violations[0].rule, key, given.source)


def _violation(rule: str, key: str, value: str) -> Violation:
    return Violation("bad-mapping", rule, key or "mapping", shown(value))


def _explained(error: Mapping[str, Any]) -> Violation:
    """Return pydantic's finding as a violation: section and key, value, rule."""
    path = [str(part) for part in error["loc"]]
    rule = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        rule = f"there is no such key; here are known: {', '.join(_known(path[:-1]))}"
    elif error["type"] == "missing":
        rule = "this key is missing"
    given = error["input"]
    value = "" if error["type"] == "missing" or isinstance(given, dict) else str(given)
    return _violation(rule, ".".join(path), value)


def _known(path: list[str]) -> list[str]:
    table: Any = ImportMapping
    for part in path:
        annotation = table.model_fields[part].annotation
        choices = getattr(annotation, "__args__", (annotation,))
        table = next((c for c in choices if isinstance(c, type) and issubclass(c, Table)), table)
    return list(table.model_fields)
