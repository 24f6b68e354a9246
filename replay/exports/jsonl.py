"""JSON Lines: what the file is of on the first line, then a line a row, as the view has it."""

from __future__ import annotations

from dataclasses import asdict
from typing import BinaryIO

from replay.exports.layout import KEY, SINCE
from replay.exports.sink import Provenance, Row
from replay.exports.values import as_json


class JsonLines:
    """A row is a JSON object with its key, its cause's position, and the row itself."""

    def __init__(self, file: BinaryIO, provenance: Provenance) -> None:
        """Write the first line."""
        self._file = file
        at = provenance.as_of_recorded_at
        said = {**asdict(provenance), "as_of_recorded_at": at and at.isoformat()}
        self._line({"export": said})

    def add(self, row: Row) -> None:
        """Write a line."""
        self._line({KEY: row.key, SINCE: row.since, "row": row.document})

    def close(self) -> None:
        """End; every line was written already."""

    def _line(self, document: object) -> None:
        self._file.write(as_json(document).encode() + b"\n")
