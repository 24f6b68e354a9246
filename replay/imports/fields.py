"""A row under a section of the mapping: its fields, parsed, each fault noted where it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from core.decider import Act
from core.errors import DomainError, Violation, refuse
from core.results import Dimension, Period, period
from core.vocabulary import Instant
from replay.imports.cells import Cell, as_text, decimal_of
from replay.imports.findings import BadRows
from replay.imports.mapping import FileShape, ImportMapping
from replay.imports.sections import Section
from replay.imports.table import Row
from replay.imports.templates import Template

T = TypeVar("T")
Kind = TypeVar("Kind", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Reading:
    """What all rows of an import share."""

    mapping: ImportMapping
    index: Mapping[str, int]
    act: Act
    bad: BadRows

    @property
    def shape(self) -> FileShape:
        """How numbers are written."""
        return self.mapping.file


def label(section: str, key: str, template: Template | None) -> str:
    """Say where a value comes from: its columns, or else the mapping's key."""
    if template is not None and template.columns:
        return ", ".join(dict.fromkeys(template.columns))
    return f"[{section}] {key}"


class Fields:
    """One row for one section. A fault counts in `faults` and leaves the value empty."""

    def __init__(self, reading: Reading, section: str, row: Row) -> None:
        """Begin with no fault."""
        self._reading = reading
        self._section = section
        self._row = row
        self.faults = 0

    @property
    def sound(self) -> bool:
        """Whether no fault was found so far."""
        return not self.faults

    @property
    def line(self) -> int:
        """The line on which the row begins."""
        return self._row.line

    def text(
        self,
        key: str,
        template: Template | None,
        check: Callable[[str, str], str] | None = None,
        *,
        optional: bool = False,
    ) -> str:
        """Return a text, "" for an optional one that is not there."""

        def parsed() -> str:
            text = self._text(template)
            if not text and optional:
                return ""
            if not text:
                refuse("empty-cell", "this must be filled")
            return check(text, key) if check else text

        return self._noted(key, template, parsed, "")

    def texts(
        self,
        key: str,
        templates: Sequence[Template],
        check: Callable[[str, str], str] | None = None,
    ) -> tuple[str, ...]:
        """Return the texts of a list that are there."""
        found = (self.text(f"{key}.{i}", t, check, optional=True) for i, t in enumerate(templates))
        return tuple(text for text in found if text)

    def choice(self, key: str, template: Template | None, kinds: type[Kind]) -> Kind | None:
        """Return one of a few words, None where it is not there."""

        def parsed() -> Kind | None:
            text = self._text(template)
            if not text:
                return None
            try:
                return kinds(text)
            except ValueError:
                refuse(
                    "unlisted-value",
                    f"this is one of {', '.join(kinds)}; other words are "
                    "translated in the mapping's [values]",
                    value=text,
                )

        return self._noted(key, template, parsed, None)

    def number(self, key: str, template: Template | None, na: Sequence[str] = ()) -> Decimal | None:
        """Return a number, None where the cell says N/A outright; emptiness alone says nothing."""

        def parsed() -> Decimal | None:
            cell = self._cell(template)
            if as_text(cell) in na:
                return None
            if cell == "":
                refuse(
                    "empty-cell",
                    "a missing number is never taken for zero; where an empty "
                    'cell means N/A, say na = [""] in the mapping',
                )
            return decimal_of(cell, self._reading.shape.decimal, self._reading.shape.thousands)

        return self._noted(key, template, parsed, None)

    def whole(self, key: str, template: Template | None) -> int | None:
        """Return a whole number, None where it is not there."""

        def parsed() -> int | None:
            cell = self._cell(template)
            if cell == "":
                return None
            number = decimal_of(cell, self._reading.shape.decimal, self._reading.shape.thousands)
            if number != number.to_integral_value():
                refuse("not-whole", "this is a whole number", value=number)
            return int(number)

        return self._noted(key, template, parsed, None)

    def day(self, key: str, template: Template | None, *, optional: bool = False) -> date | None:
        """Return a day of the calendar, None for an optional one that is not there."""

        def parsed() -> date | None:
            cell = self._cell(template)
            if cell == "" and optional:
                return None
            if template is None or cell == "":
                refuse("empty-cell", "this must be filled")
            return self._reading.mapping.calendar.day(cell, constant=not template.columns)

        return self._noted(key, template, parsed, None)

    def days(
        self,
        first: tuple[str, Template | None],
        last: tuple[str, Template | None],
        *,
        optional: bool = False,
    ) -> Period | None:
        """Return the days from a first to a last one, each with its key; None as in `day`.

        Backwards they mean nothing, in history either.
        """
        starts, ends = self.day(*first, optional=optional), self.day(*last, optional=optional)
        if starts is None or ends is None:
            return None
        return self._noted(*first, lambda: period(Period(starts, ends), first[0]), None)

    def dimensions(self, templates: Mapping[str, Template]) -> tuple[Dimension, ...]:
        """Return what a number is broken down by, in the order of the names."""
        found = (
            Dimension(name, self.text(f"dimensions.{name}", template, optional=True))
            for name, template in sorted(templates.items())
        )
        return tuple(dimension for dimension in found if dimension.value)

    def instant(self, spec: Section) -> Instant:
        """Return when the row's fact occurred: now, where the mapping says nothing else."""
        template, otherwise = spec.occurred_at, self._reading.act.at
        if template is None:
            return otherwise
        calendar = self._reading.mapping.calendar

        def parsed() -> Instant:
            cell = self._cell(template)
            if cell == "":
                refuse("empty-cell", "this must be filled")
            return calendar.instant(cell, constant=not template.columns)

        return self._noted("occurred_at", template, parsed, otherwise)

    def _noted(
        self, key: str, template: Template | None, parse: Callable[[], T], otherwise: T
    ) -> T:
        try:
            return parse()
        except DomainError as error:
            self.faults += 1
            place = label(self._section, key, template)
            for v in error.violations:
                value = v.value or self._given(template)
                self._reading.bad.add(
                    self._section, self.line, place, Violation(v.code, v.rule, key, value)
                )
            return otherwise

    def _given(self, template: Template | None) -> str:
        columns = template.columns if template else ()
        return " ".join(str(self._row.cells[self._reading.index[c]]) for c in columns)

    def _cell(self, template: Template | None) -> Cell:
        if template is not None and template.alone is not None:
            return self._column(template.alone)
        return self._text(template)

    def _text(self, template: Template | None) -> str:
        if template is None:
            return ""
        found: list[str] = []
        for part, is_column in template.parts:
            text = as_text(self._column(part)) if is_column else part
            if is_column and not text:
                return ""
            found.append(text)
        return "".join(found)

    def _column(self, name: str) -> Cell:
        cell = self._row.cells[self._reading.index[name]]
        words = self._reading.mapping.values.get(name)
        if words is None or cell == "":
            return cell
        text = as_text(cell)
        if text not in words:
            refuse(
                "unlisted-value",
                f"the mapping's [values] of this column knows {', '.join(words)[:300]}",
                value=text,
            )
        return words[text]
