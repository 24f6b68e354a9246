"""A cell's content and what it means: text, a decimal number, an instant. Never a guess."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache, lru_cache
from typing import assert_never
from zoneinfo import ZoneInfo

from core.errors import DomainError, Violation, refuse, require
from core.vocabulary import Instant

MOST_DIGITS = 24
_FIRST_YEAR, _LAST_YEAR = 1900, 9999
# The directives of `strptime` that say more than the day.
_TIME_OF_DAY = re.compile(r"%[HIMSpcXf]")


@dataclass(frozen=True, slots=True)
class Uncalculated:
    """A formula whose result the program that wrote the workbook did not store."""

    def __str__(self) -> str:
        """Say what stands in the cell."""
        return "formula"


_UNCALCULATED = Violation(
    "formula-without-value",
    "the formula's result is not stored in the file: open it in a spreadsheet program and save "
    "it, or paste the values",
    value="formula",
)

Cell = str | Decimal | datetime | date | Uncalculated
"""CSV gives text only; a workbook gives numbers and dates too. Empty is the empty text."""


def as_text(cell: Cell) -> str:
    """Return what a person would read in the cell."""
    match cell:
        case str():
            return cell
        case Decimal():
            return f"{cell:f}"
        case datetime() | date():
            return cell.isoformat()
        case Uncalculated():
            raise DomainError(_UNCALCULATED)
        case _:
            assert_never(cell)


def canonical(value: Decimal) -> Decimal:
    """Return the same number without trailing zeros, so that 2.0 and 2 are one value."""
    plain = f"{value:f}"
    return Decimal(plain.rstrip("0").rstrip(".") if "." in plain else plain)


@cache
def _number(decimal: str, thousands: str) -> re.Pattern[str]:
    whole = "[0-9]+"
    if thousands:
        whole = f"(?:[0-9]+|[0-9]{{1,3}}(?:{re.escape(thousands)}[0-9]{{3}})+)"
    return re.compile(f"[+-]?{whole}(?:{re.escape(decimal)}[0-9]+)?")


def decimal_of(cell: Cell, decimal: str = ".", thousands: str = "") -> Decimal:
    """Return a cell as a decimal number; refuses everything that is not plainly one."""
    if isinstance(cell, Decimal):
        decimal, thousands = ".", ""
    text = as_text(cell)
    require(
        len(text) <= MOST_DIGITS and _number(decimal, thousands).fullmatch(text),
        "not-a-number",
        f"a number is written in digits, such as 1200{decimal}5",
        value=text,
    )
    plain = text.replace(thousands, "") if thousands else text
    return canonical(Decimal(plain.replace(decimal, ".")))


@dataclass(frozen=True, slots=True)
class Calendar:
    """How dates are read: in which time zone, at which time of day, in which formats."""

    zone: ZoneInfo | None = None
    time_of_day: time | None = None
    formats: tuple[str, ...] = ()

    def instant(self, cell: Cell, *, constant: bool = False) -> Instant:
        """Return a cell as an instant in UTC; a mapping's constant is always ISO 8601."""
        match cell:
            case datetime():
                return self._placed(cell, as_text(cell))
            case date():
                return self._of_day(cell, as_text(cell))
            case _:
                text = as_text(cell)
        formats = () if constant else self.formats
        return _parsed(self, text, formats)

    def day(self, cell: Cell, *, constant: bool = False) -> date:
        """Return a cell as a day of the calendar, which has no time; a constant is ISO 8601."""
        if isinstance(cell, date):  # an instant is one, too
            midnight = not isinstance(cell, datetime) or cell.time() == time.min
            require(midnight, "not-a-date", "this is a day, without a time", value=as_text(cell))
            return date(cell.year, cell.month, cell.day)
        text = as_text(cell)
        formats = () if constant else self.formats
        found = next(_days(text, formats), None)
        if found is None or not _FIRST_YEAR < found.year < _LAST_YEAR:
            written = " or ".join(formats) or "2024-05-31"
            refuse("not-a-date", f"a day is written {written} here", value=text)
        return found

    def parse(self, text: str, formats: tuple[str, ...]) -> Instant:
        """Return a text as an instant, in the first of the formats that fits."""
        for form in formats:
            try:
                moment = datetime.strptime(text, form)  # noqa: DTZ007  # placed in its zone next
            except ValueError:
                continue
            if _TIME_OF_DAY.search(form):
                return self._placed(moment, text)
            return self._of_day(moment.date(), text)
        if formats:
            refuse("not-a-date", f"dates are written as {' or '.join(formats)} here", value=text)
        try:
            if len(text) <= len("2024-05-31"):
                return self._of_day(date.fromisoformat(text), text)
            return self._placed(datetime.fromisoformat(text), text)
        except ValueError:
            refuse(
                "not-a-date",
                "a date is written 2024-05-31, an instant "
                "2024-05-31T18:00:00+09:00; other formats are named in the mapping's "
                "[dates] formats",
                value=text,
            )

    def _of_day(self, day: date, text: str) -> Instant:
        if self.time_of_day is None:
            refuse(
                "date-without-time",
                "a date becomes an instant by the mapping's [dates] time_zone and time_of_day",
                value=text,
            )
        return self._placed(datetime.combine(day, self.time_of_day), text)

    def _placed(self, moment: datetime, text: str) -> Instant:
        if not _FIRST_YEAR < moment.year < _LAST_YEAR:
            refuse("not-a-date", "no date of this programme lies there", value=text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
        if self.zone is None:
            refuse(
                "instant-without-offset",
                "a local time becomes an instant by the mapping's [dates] time_zone",
                value=text,
            )
        local = moment.replace(tzinfo=self.zone)
        require(
            local.utcoffset() == local.replace(fold=1).utcoffset(),
            "ambiguous-instant",
            "clocks were set at this hour, so it happened twice or never; give its offset from UTC",
            value=text,
        )
        return local.astimezone(UTC)


@lru_cache(maxsize=4096)
def _parsed(calendar: Calendar, text: str, formats: tuple[str, ...]) -> Instant:
    """Files repeat few dates in many rows."""
    return calendar.parse(text, formats)


def _days(text: str, formats: tuple[str, ...]) -> Iterator[date]:
    """Yield a text as a day, in each format that fits it; ISO 8601 where none is named."""
    for form in formats:
        if not _TIME_OF_DAY.search(form):
            with suppress(ValueError):
                yield datetime.strptime(text, form).date()  # noqa: DTZ007  # a day has no zone
    if not formats:
        with suppress(ValueError):
            yield date.fromisoformat(text)
