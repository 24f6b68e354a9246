"""What a mapping file says: which columns of a spreadsheet mean what.

TOML, a section for each kind of fact. `{Column}` in a value stands for that column's cell,
and a value with an empty cell in it is empty as a whole.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from datetime import time
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainValidator,
    model_validator,
)

from core.errors import DomainError
from core.vocabulary import CallId, StageId, slug
from replay.imports.cells import Calendar
from replay.imports.templates import Field, Template, column_name, template


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


class Table(BaseModel):
    """A table of the mapping; a key that it doesn't know is an error, not a comment."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


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


class Section(Table):
    """What all sections have: without `occurred_at` a fact occurs when it is imported."""

    occurred_at: Field | None = None


class Cities(Section):
    """Each row names a city; rows that say the same are one city.

    `keep_existing` leaves a city as it is that was registered before.
    """

    city: Field
    name: Field
    name_ko: Field | None = None
    country: Field
    region: Field | None = None
    unlocode: Field | None = None
    illustrative: bool = False
    keep_existing: bool = False


class Applications(Section):
    """Each row is a city's application; `occurred_at` is the time of receipt."""

    city: Field
    title: Field
    title_ko: Field | None = None
    sector: Field
    summary: Field | None = None
    channel: Field = template("open-call")
    project_type: Field | None = None
    amount_krw: Field | None = None
    documents: tuple[Field, ...] = ()
    reference: Field | None = None


class Panel(Section):
    """Each row appoints an evaluator; with `conflict` it declares, with `city` it assigns.

    An interest is declared in the row's city, or in the whole call where there is none.
    With `assign = false` a row only declares. `keep_existing` leaves an appointment or an
    assignment as it is that was made before.
    """

    evaluator: Field
    expertise: tuple[Field, ...] = ()
    conflict: Field | None = None
    city: Field | None = None
    assign: bool = True
    keep_existing: bool = False


class Marking(Section):
    """What a score and a revision share; `na` lists the cells that say N/A outright."""

    city: Field
    evaluator: Field
    criterion: Field | None = None
    score: Field | None = None
    old_score: Field | None = None
    reason: Field | None = None
    na: tuple[str, ...] = ()


class Scores(Marking):
    """Each row is an evaluation (criteria in `marks`), or one of its criteria.

    Where `old_score` is mapped, a row in which it is filled is a revision.
    """

    marks: dict[str, Field] = {}
    comment: Field | None = None

    @model_validator(mode="after")
    def _one_layout(self) -> Self:
        in_rows = self.criterion is not None and self.score is not None
        if bool(self.marks) == in_rows or (self.marks and (self.criterion or self.score)):
            msg = "give either marks (a column for each criterion) or both criterion and score"
            raise ValueError(msg)
        if self.old_score is not None and (self.marks or self.reason is None):
            msg = "old_score goes with criterion and score, and a revision needs its reason"
            raise ValueError(msg)
        return self


class Revisions(Marking):
    """Each row changes one mark; `old_score` is compared with what is on record."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.criterion is None or self.score is None or self.reason is None:
            msg = "a revision needs criterion, score and reason"
            raise ValueError(msg)
        return self


SectionName = Literal["cities", "applications", "panel", "scores", "revisions"]
SECTIONS: tuple[SectionName, ...] = ("cities", "applications", "panel", "scores", "revisions")
"""In the order in which they are decided."""


class ImportMapping(Table):
    """A whole mapping file."""

    file: FileShape = FileShape()
    dates: Dates | None = None
    call: Call | None = None
    values: Annotated[dict[str, dict[str, str]], BeforeValidator(_by_column)] = {}
    cities: Cities | None = None
    applications: Applications | None = None
    panel: Panel | None = None
    scores: Scores | None = None
    revisions: Revisions | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        present = self.sections()
        if not present:
            msg = f"a mapping has at least one of the sections {', '.join(SECTIONS)}"
            raise ValueError(msg)
        if self.call is None and any(name != "cities" for name in present):
            msg = "applications, panels and scores need [call] with its id"
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


def fields_of(section: Table) -> Iterator[tuple[str, Template]]:
    """Yield each template of a section with the key that it stands under."""
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, Template):
            yield name, value
        elif isinstance(value, tuple | dict):
            items: Any = value.items() if isinstance(value, dict) else enumerate(value)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType, reportUnknownArgumentType]
            yield from ((f"{name}.{k}", v) for k, v in items if isinstance(v, Template))
