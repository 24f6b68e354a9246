"""What an import finds out: the rows that are wrong, and what would be or was recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from core.errors import DomainError, Violation
from core.ledger.ledger import Committed

MOST_SHOWN = 100
# Line, column, value and code.
_Place = tuple[int | None, str, str, str]

Progress = Callable[[str, int, int], None]
"""Told of each phase (reading, checking, deciding, recording) what is done, and of how much."""


class ImportRefused(DomainError):
    """The mapping or the file cannot be read at all; nothing was recorded."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """One thing that is wrong with one row.

    `line` is where the row begins in the file, counted from 1 with the header (None where
    no row is at fault); `column` names the columns that hold the value, or the mapping's
    key where the value stands there.
    """

    line: int | None
    column: str
    value: str
    rule: str
    code: str
    section: str

    def __str__(self) -> str:
        """Say where, what and why on one line."""
        place = f"line {self.line}" if self.line else "call"
        column = f", {self.column}" if self.column else ""
        value = f" = {self.value!r}" if self.value else ""
        return f"{place}{column}{value}: {self.rule} [{self.code}]"


@dataclass(slots=True)
class Count:
    """How many facts a section holds: new ones, ones on record already, repeated ones."""

    new: int = 0
    known: int = 0
    repeated: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would record, or did: `recorded` is None until it has.

    `file` is the SHA-256 of the file, which every event of it names.
    """

    file: str
    rows: int
    counts: Mapping[str, Count]
    bad: tuple[BadRow, ...]
    events: int = 0
    recorded: Committed | None = None

    @property
    def new(self) -> int:
        """How many facts are not on record yet."""
        return sum(count.new for count in self.counts.values())

    @property
    def known(self) -> int:
        """How many facts are on record already."""
        return sum(count.known for count in self.counts.values())


@dataclass(slots=True)
class BadRows:
    """What is wrong so far; what several sections find wrong in one cell is said once."""

    _found: dict[_Place, BadRow] = field(default_factory=dict[_Place, BadRow])

    def add(self, section: str, line: int | None, column: str, violation: Violation) -> None:
        """Note a violation at its place."""
        value = shown(violation.value)
        bad = BadRow(line, column, value, violation.rule, violation.code, section)
        self._found.setdefault((line, column, value, violation.code), bad)

    def all(self) -> tuple[BadRow, ...]:
        """Return everything found, in the order of the file."""
        return tuple(sorted(self._found.values(), key=lambda bad: bad.line or 0))


def shown(text: str) -> str:
    """Return text short enough for a message."""
    return text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 1] + "…"
