"""A view as of any position, folded in memory from the records alone.

What the tables say about a moment can so be checked against the log itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from core.ledger.records import Recorded
from projections.view import MemoryRows, View

R = TypeVar("R")


def fold(view: View[R], records: Iterable[Recorded]) -> Mapping[str, R]:
    """Return the rows that `view` has after `records`, by key."""
    rows: MemoryRows[R] = MemoryRows()
    for record in records:
        view.fold(record, rows)
    return dict(sorted(rows.rows.items()))
