"""Notes which records are read, so that it can be said what a decision rested on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.ledger.merkle import leaf_hash
from core.ledger.records import Stored
from core.ledger.sources import Rows


class Noted:
    """Rows that keep note of each row that they hand out: what a decision has read."""

    def __init__(self, rows: Rows) -> None:
        """Hand out what `rows` has."""
        self._rows = rows
        self._seen: dict[int, Stored] = {}

    def upto(self, position: int) -> tuple[Stored, ...]:
        """Return what was handed out, up to a position and in order."""
        return tuple(row for at, row in sorted(self._seen.items()) if at <= position)

    def streams(self, after: Mapping[str, int], upto: int | None = None) -> Sequence[Stored]:
        """Return the rows of streams beyond a version each, in order of position."""
        return self._noted(self._rows.streams(after, upto))

    def under(self, prefix: str, upto: int) -> Sequence[Stored]:
        """Return the rows of every stream under a prefix, up to and including a position."""
        return self._noted(self._rows.under(prefix, upto))

    def grown(self, prefix: str, after: int, upto: int) -> tuple[str, ...]:
        """Name the streams under a prefix that grew, and note what made them grow."""
        grown = self._rows.grown(prefix, after, upto)
        self._noted(self._rows.streams(dict.fromkeys(grown, 0), upto))
        return grown

    def _noted(self, rows: Sequence[Stored]) -> Sequence[Stored]:
        self._seen.update((row.position, row) for row in rows)
        return rows

    def altered(self) -> tuple[int, ...]:
        """Name the positions of rows that are not what the log's tree has the leaf of."""
        return tuple(
            sorted(at for at, row in self._seen.items() if leaf_hash(row.record) != row.leaf)
        )
