"""What a writer notes: each group before it is sent, and where it was acknowledged to be.

A line is one write to a file that is only appended to. The system keeps it when the writer is
killed, so whoever reads the notes afterwards knows all that the writer was told.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple


class Step(NamedTuple):
    """One command of a group: `mark` is its key, and stands in its event, nowhere else."""

    mark: str
    city: str
    opens: bool


Group = tuple[Step, ...]


@dataclass(slots=True)
class Noted:
    """What notes say, of one writer or of all."""

    sent: list[Group] = field(default_factory=list[Group])
    places: dict[str, int] = field(default_factory=dict[str, int])
    doubts: Counter[str] = field(default_factory=Counter[str])
    surprises: list[str] = field(default_factory=list[str])

    def open(self) -> list[Group]:
        """Return the groups of which it is not known what became of them, in order."""
        return [group for group in self.sent if group[0].mark not in self.places]


class Notes:
    """The notes of one writer, who alone writes them."""

    def __init__(self, path: Path) -> None:
        """Go on where the file ends."""
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def sent(self, group: Group) -> None:
        """Note what is about to be sent."""
        self._line("sent", group)

    def acknowledged(self, places: Mapping[str, int]) -> None:
        """Note the position that was acknowledged for each mark."""
        self._line("acknowledged", places)

    def doubt(self, error: Exception) -> None:
        """Note that no answer came, and of which kind the failure was."""
        self._line("doubt", type(error).__name__)

    def surprise(self, error: Exception) -> None:
        """Note what should not have happened under any fault."""
        self._line("surprise", f"{type(error).__name__}: {error}")

    def _line(self, kind: str, content: object) -> None:
        os.write(self._file, json.dumps([kind, content]).encode() + b"\n")


def read(paths: Iterable[Path]) -> Noted:
    """Return what all notes say together; a line that is not ended was never written."""
    noted = Noted()
    for path in paths:
        whole, _, _ = path.read_text(encoding="utf-8").rpartition("\n")
        for line in whole.splitlines():
            kind, content = json.loads(line)
            _take(noted, kind, content)
    return noted


def _take(noted: Noted, kind: str, content: Any) -> None:  # noqa: ANN401  # parsed JSON
    if kind == "sent":
        noted.sent.append(tuple(Step(*step) for step in content))
    elif kind == "acknowledged":
        noted.places |= content
    elif kind == "doubt":
        noted.doubts[content] += 1
    else:
        noted.surprises.append(content)
