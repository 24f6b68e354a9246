"""A field's value for a row: text in which `{Column}` stands for that column's cell.

One rule covers all three needs: `{ID}` is a column, `US` a constant, `aibs-{ID}` both.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, cast

from pydantic import PlainValidator

_PART = re.compile(r"\{\{|\}\}|\{[^{}]*\}|[{}]|[^{}]+")


@dataclass(frozen=True, slots=True)
class Template:
    """Literal text and column names in turn; `quoted` where a word is meant as it stands."""

    source: str
    parts: tuple[tuple[str, bool], ...]
    quoted: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it reads."""
        return tuple(text for text, is_column in self.parts if is_column)

    @property
    def alone(self) -> str | None:
        """The column whose cell is the whole value, if it is one."""
        return self.parts[0][0] if len(self.parts) == 1 and self.parts[0][1] else None


def column_name(text: str) -> str:
    """Return a column's name as it is compared: one form of letters, no stray blanks.

    Files made on a Mac hold Korean letters in parts, and Excel breaks lines in headers.
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


def template(value: object) -> Template:
    """Return a mapping's value as a template; raises `ValueError` where it is none."""
    if isinstance(value, dict):
        given = cast("dict[str, object]", value)
        if list(given) != ["text"] or not isinstance(given["text"], str):
            msg = "write text, {Column} in text, or {text = '...'} for a word as it stands"
            raise ValueError(msg)
        return Template(given["text"], ((given["text"], False),), quoted=True)
    if isinstance(value, datetime | date):
        return template({"text": value.isoformat()})
    if isinstance(value, Decimal) or (isinstance(value, int) and not isinstance(value, bool)):
        return template({"text": str(value)})
    if not isinstance(value, str):
        msg = "write text, in which {Column} stands for a column"
        raise ValueError(msg)  # noqa: TRY004  # pydantic reports values, not types
    return Template(value, tuple(_parts(value)))


def _parts(source: str) -> list[tuple[str, bool]]:
    found: list[tuple[str, bool]] = []
    for part in _PART.findall(source):
        if part in ("{{", "}}"):
            found.append((part[0], False))
        elif part in ("{", "}"):
            msg = "a brace is left open; write {Column}, or {{ and }} for braces themselves"
            raise ValueError(msg)
        elif part.startswith("{"):
            name = column_name(part[1:-1])
            if not name:
                msg = "braces without a column's name"
                raise ValueError(msg)
            found.append((name, True))
        else:
            found.append((part, False))
    return found


Field = Annotated[Template, PlainValidator(template)]
