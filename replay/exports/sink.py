"""What every format is given: rows one after another, and what the file says of itself."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Protocol

from core.vocabulary import Instant


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a file says of itself.

    `as_of_recorded_at` is when the record at the position was recorded, None in an empty log;
    `log_root` is the root of the log's tree up to it, in hexadecimal: what checkpoints sign.
    """

    view: str
    view_version: int
    as_of_position: int
    as_of_recorded_at: Instant | None
    log_root: str

    def texts(self) -> dict[str, str]:
        """Return all of it as texts, by name."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        at = self.as_of_recorded_at
        said = {name: str(value) for name, value in given.items()}
        return {**said, "as_of_recorded_at": at.isoformat() if at else ""}


@dataclass(frozen=True, slots=True)
class Row:
    """A row on its way into a file: its key, the position that made it so, and its JSON.

    `kind` is one of its view's kinds; `letters` is how long that JSON was.
    """

    key: str
    since: int
    kind: str
    document: dict[str, Any]
    letters: int


class Sink(Protocol):
    """A file of one format."""

    def add(self, row: Row) -> None:
        """Write a row, now or with those that follow it."""
        ...

    def close(self) -> None:
        """Write what is left and what ends the file."""
        ...
