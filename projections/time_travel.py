"""A view as of any position, folded in memory from the records alone.

What the tables say about a moment can so be checked against the log itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from core.errors import refuse, require
from core.ledger.records import Recorded
from core.ledger.store import Store
from core.vocabulary import Instant
from projections.view import MemoryRows, View

R = TypeVar("R")


def fold(view: View[R], records: Iterable[Recorded]) -> Mapping[str, R]:
    """Return the rows that `view` has after `records`, by key."""
    rows: MemoryRows[R] = MemoryRows()
    for record in records:
        view.fold(record, rows)
    return dict(sorted(rows.rows.items()))


def fold_all(
    views: Sequence[View[Any]], records: Iterable[Recorded]
) -> tuple[Mapping[str, Any], ...]:
    """Return the rows of several views after `records`, in one reading of them."""
    rows = tuple(MemoryRows[Any]() for _ in views)
    for record in records:
        for view, own in zip(views, rows, strict=True):
            view.fold(record, own)
    return tuple(dict(sorted(own.rows.items())) for own in rows)


def position_of(store: Store, as_of: str | None) -> int:
    """Return the position that `as_of` names: a position, or a recorded instant.

    None is the last position (-1 for an empty log). Refuses positions that are not
    recorded yet and instants that are still to come, since their answer could change.
    """
    last = store.size() - 1
    if as_of is None:
        return last
    if as_of.isascii() and as_of.isdigit():
        require(
            int(as_of) <= last,
            "as-of-beyond-log",
            f"the last position is {last}",
            field="as_of",
            value=as_of,
        )
        return int(as_of)
    at = instant_of(as_of, "as_of")
    require(
        at <= datetime.now(UTC),
        "as-of-in-future",
        "what the log will hold at an instant to come is not known yet",
        field="as_of",
        value=as_of,
    )
    return store.position_at(at)


def instant_of(text: str, field: str) -> Instant:
    """Parse an RFC 3339 instant, or refuse it by the name of its field."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        refuse(
            "malformed-instant",
            "a position, or an instant with its offset such as 2024-05-01T09:00:00+09:00",
            field=field,
            value=text,
        )
    return at.astimezone(UTC)
