"""What a mapping file says: which columns of a spreadsheet mean what.

TOML, a section for each kind of fact. `{Column}` in a value stands for that column's cell,
and a value with an empty cell in it is empty as a whole.
"""

from __future__ import annotations

import codecs
from datetime import time
from typing import Annotated, Literal, Self, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, PlainValidator, model_validator

from core.errors import DomainError
from core.vocabulary import CallId, StageId, slug
from replay.imports.cells import Calendar
from replay.imports.sections import (
    Applications,
    Cities,
    Consultations,
    Indicators,
    Needs,
    Observations,
    Panel,
    Revisions,
    Scores,
    Table,
)
from replay.imports.templates import Field, column_name


def _zone(value: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        msg = "a time zone is named as in the IANA database, such as Asia/Seoul"
        raise ValueError(msg) from None


def _encoding(value: str) -> str:
    try:
        return codecs.lookup(value).name
    except LookupError:
        msg = "no such encoding is known; Korean Excel writes cp949"
        raise ValueError(msg) from None


def _delimiter(value: str) -> str:
    if len(value) != 1 or value in '"\r\n':
        msg = r"a delimiter is one character, such as ',' or ';' or '\t'"
        raise ValueError(msg)
    return value


def _time_of_day(value: object) -> time:
    parsed = value if isinstance(value, time) else time.fromisoformat(str(value))
    if parsed.tzinfo is not None:
        msg = "a local time of day is written 09:00"
        raise ValueError(msg)
    return parsed


def _slug(value: str) -> str:
    try:
        return slug(value, "id")
    except DomainError as error:
        raise ValueError(error.violations[0].rule) from None


def _by_column(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return {column_name(str(name)): table for name, table in value.items()}  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


class FileShape(Table):
    """How the file is written: nothing but the encoding is ever found out from it."""

    encoding: Annotated[str, AfterValidator(_encoding)] | None = None
    delimiter: Annotated[str, AfterValidator(_delimiter)] = ","
    sheet: str | None = None
    header_line: int = 1
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", " ", "'"] = ""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.decimal == self.thousands:
            msg = "decimal and thousands are the same sign"
            raise ValueError(msg)
        if self.header_line < 1:
            msg = "lines count from 1"
            raise ValueError(msg)
        return self


class Dates(Table):
    """What makes a date an instant."""

    time_zone: Annotated[ZoneInfo, PlainValidator(_zone)]
    time_of_day: Annotated[time, BeforeValidator(_time_of_day)]
    formats: tuple[str, ...] = ()


class Call(Table):
    """The call that all rows belong to; it was announced before.

    `close_and_open_at` closes it and opens its stage, between the panel and the scores,
    unless that was done; without it, nothing but what the rows say is recorded.
    """

    id: Annotated[CallId, AfterValidator(_slug)]
    stage: Annotated[StageId, AfterValidator(_slug)] | None = None
    close_and_open_at: Field | None = None


SectionName = Literal[
    "cities",
    "needs",
    "applications",
    "consultations",
    "panel",
    "scores",
    "revisions",
    "indicators",
    "observations",
]
SECTIONS: tuple[SectionName, ...] = get_args(SectionName)
"""In the order in which they are decided."""
_WITHOUT_CALL = {"cities", "needs"}


class ImportMapping(Table):
    """A whole mapping file."""

    file: FileShape = FileShape()
    dates: Dates | None = None
    call: Call | None = None
    values: Annotated[dict[str, dict[str, str]], BeforeValidator(_by_column)] = {}  # noqa: RUF012  # pydantic gives each a copy
    cities: Cities | None = None
    needs: Needs | None = None
    applications: Applications | None = None
    consultations: Consultations | None = None
    panel: Panel | None = None
    scores: Scores | None = None
    revisions: Revisions | None = None
    indicators: Indicators | None = None
    observations: Observations | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        present = self.sections()
        if not present:
            msg = f"a mapping has at least one of the sections {', '.join(SECTIONS)}"
            raise ValueError(msg)
        if self.call is None and any(name not in _WITHOUT_CALL for name in present):
            msg = "applications, and all that belongs to them, need [call] with its id"
            raise ValueError(msg)
        staged = self.scores or self.revisions or (self.panel and self.panel.city)
        opened = self.call and self.call.close_and_open_at
        if (staged or opened) and not (self.call and self.call.stage):
            msg = "assignments and scores need the stage in [call]"
            raise ValueError(msg)
        return self

    def sections(self) -> tuple[SectionName, ...]:
        """Name the sections that are there, in the order in which they are decided."""
        return tuple(name for name in SECTIONS if getattr(self, name) is not None)

    @property
    def calendar(self) -> Calendar:
        """How this mapping reads dates."""
        if self.dates is None:
            return Calendar()
        return Calendar(self.dates.time_zone, self.dates.time_of_day, self.dates.formats)
