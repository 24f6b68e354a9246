"""Views told as sentences: given these facts, the view shows that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from core.ledger.codec import Event
from core.ledger.records import Recorded
from core.vocabulary import ActorId
from projections.time_travel import fold
from projections.view import View
from tests.stories import recorded

R = TypeVar("R")


@dataclass(frozen=True)
class Dated:
    """A fact with the instant at which it occurred, and who saw to it."""

    event: Event
    at: datetime
    by: str


def on(at: datetime, event: Event, by: str = "officer-1") -> Dated:
    return Dated(event, at, by)


@dataclass(frozen=True)
class Story:
    """Facts as a log holds them."""

    records: Sequence[Recorded]

    def rows(self, view: View[Any], upto: int | None = None) -> Mapping[str, Any]:
        """Return the view's rows after all facts, or those up to a position."""
        return fold(view, self.records[: None if upto is None else upto + 1])

    def row(self, view: View[Any], key: str, kind: type[R]) -> R:
        row = self.rows(view)[key]
        assert isinstance(row, kind)
        return row

    def shows(self, view: View[Any], key: str, **fields: object) -> Story:
        """Check these fields of a row."""
        row = self.rows(view)[key]
        assert {name: getattr(row, name) for name in fields} == fields
        return self

    def lacks(self, view: View[Any], key: str) -> None:
        assert key not in self.rows(view)


def given(*facts: Event | Dated) -> Story:
    """Begin with what happened, in order of position."""
    records = recorded([f.event if isinstance(f, Dated) else f for f in facts])
    return Story(
        [
            replace(r, meta=replace(r.meta, occurred_at=f.at, actor=ActorId(f.by)))
            if isinstance(f, Dated)
            else r
            for r, f in zip(records, facts, strict=True)
        ]
    )
