"""What is asked of the log, and what it answers: groups that are recorded whole or not at all.

Beside the store, not in it, so that a draft can be decided where there is no database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to be appended; `body` is its record without the opening."""

    stream: str
    version: int
    type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Key:
    """A command's idempotency key: its digest, and which events of the group are its."""

    key: str
    digest: bytes
    offset: int
    count: int


@dataclass(frozen=True, slots=True)
class Request:
    """One group: recorded whole, or not at all.

    `reads` are expected versions by stream (0 for one that must be empty); `ranges`
    are stream-name prefixes under which nothing may have grown since a position.
    """

    events: Sequence[NewEvent]
    keys: Sequence[Key] = ()
    reads: Mapping[str, int] = field(default_factory=dict[str, int])
    ranges: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a request.

    `outcome` is appended, replayed, key-reused or conflict; `detail` names the stream
    or key that stood in the way.
    """

    outcome: str
    first_position: int | None
    at: datetime | None
    detail: str | None
