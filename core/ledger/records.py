"""The record: the exact bytes that are hashed, and what they say.

One JSON object per event, after CloudEvents 1.0 where an attribute fits. The ledger
writes `recorded_at` in front when it knows it; everything else is fixed before. A
record does not hold its position, so a group can be prepared before its place is known.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple

from core.decider import Act
from core.ledger.codec import Event, adapter, event_in, to_json
from core.ledger.decoding import reader
from core.personal import Personal
from core.vocabulary import ActorId, Instant, Role


@dataclass(frozen=True, slots=True)
class Origin:
    """The file and line that an imported event came from."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class CommandNote:
    """Which command led to an event.

    `body` is the command itself, in the first record of its commit only (else None),
    so that its rules can be run again; `position` is what it saw of the log, None where
    it read single streams only.
    """

    name: str
    id: str
    digest: str
    body: Mapping[str, Any] | None
    position: int | None


@dataclass(frozen=True, slots=True)
class Meta:
    """Everything about an event but the event."""

    id: str
    source: str
    subject: str
    version: int
    occurred_at: Instant
    actor: ActorId
    role: Role
    on_behalf_of: ActorId | None
    reason: Personal
    correlation_id: str
    causation_id: str
    policy: str
    imported: Origin | None
    command: CommandNote


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as the ledger holds it. `event` is typed, `wire` is what was written."""

    position: int
    recorded_at: Instant
    wire: str
    meta: Meta
    event: Event
    leaf: bytes


class Stored(NamedTuple):
    """A row of the log, undecoded; a tuple, since a log is read by the hundred thousand."""

    position: int
    stream: str
    version: int
    type: str
    recorded_at: Instant
    record: bytes
    leaf: bytes


def opening(recorded_at: datetime) -> bytes:
    """Return the first bytes of a record, which the ledger writes."""
    return f'{{"recorded_at":"{recorded_at:%Y-%m-%dT%H:%M:%S.%f}Z",'.encode()


def body(meta: Meta, event: Event) -> bytes:
    """Return a record without its opening."""
    head = adapter(Meta).dump_json(meta)
    wire = json.dumps(type(event).WIRE).encode()
    return b'"type":' + wire + b"," + head[1:-1] + b',"data":' + to_json(event) + b"}"


def decode(row: Stored) -> Recorded:
    """Return the event of a row; raises `UnknownWireName` or `ValidationError`."""
    event = event_in(row.type, row.record)
    return Recorded(row.position, row.recorded_at, row.type, meta_of(row.record), event, row.leaf)


meta_of = reader(Meta)
"""Returns everything of a record but its event; raises `ValidationError`."""


def note(command: object, command_id: str, act: Act, digested: object | None = None) -> CommandNote:
    """Describe a command; its digest covers who issued it and in which role.

    `digested` is the command as its digest takes it, where personal text was sealed.
    """
    content = to_json(command)
    digest = digest_of(command, act, content if digested is None else to_json(digested))
    return CommandNote(type(command).__name__, command_id, digest, json.loads(content), None)


def digest_of(command: object, act: Act, content: bytes) -> str:
    """Return what tells a command from another under the same key."""
    name = type(command).__name__
    parts = (name.encode(), act.actor.encode(), act.role.encode(), content)
    return hashlib.sha256(b"\n".join(parts)).hexdigest()


def as_dict(recorded: Recorded) -> dict[str, Any]:
    """Return a record for the feed and for people, with its position and leaf."""
    return {
        "position": recorded.position,
        "recorded_at": recorded.recorded_at,
        "type": recorded.wire,
        **asdict(recorded.meta),
        "leaf": recorded.leaf.hex(),
        "data": json.loads(to_json(recorded.event)),
    }
