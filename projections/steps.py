"""Statuses with their whole history: what something was, at any moment of both clocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.ledger.records import Recorded
from core.vocabulary import Instant


@dataclass(frozen=True, slots=True)
class Step:
    """What something became: in both clocks, with the position of its event and who did it."""

    status: str
    occurred_at: Instant
    recorded_at: Instant
    position: int
    by: str


def step(status: str, record: Recorded) -> Step:
    """Return the step that a record is."""
    meta = record.meta
    return Step(status, meta.occurred_at, record.recorded_at, record.position, meta.actor)


def in_the_world(steps: Sequence[Step]) -> Iterator[tuple[Step, Instant]]:
    """Yield each step with the instant since which it held.

    Steps are in the order in which they were recorded. One follows on another: however
    early it is dated, it takes effect no earlier than the one before.
    """
    since: Instant | None = None
    for item in steps:
        since = item.occurred_at if since is None else max(since, item.occurred_at)
        yield item, since


def status_at(steps: Sequence[Step], instant: Instant | None) -> tuple[Step, Instant] | None:
    """Return the step that held at an instant in the world, with since when; None before any.

    Without an instant it is the last one: what is known now.
    """
    held = [pair for pair in in_the_world(steps) if instant is None or pair[1] <= instant]
    return held[-1] if held else None
