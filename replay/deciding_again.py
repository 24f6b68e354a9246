"""Runs a recorded command's rules again over the log as it was, and compares what comes out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from core.decider import Act
from core.errors import DomainError
from core.handlers.reading import Evidence
from core.ledger.codec import COMMANDS, Event, command_from, to_json
from core.ledger.draft import Draft, Envelope
from core.ledger.records import Recorded, Stored
from core.ledger.sources import Recall
from core.selection.events import Input
from core.vocabulary import ActorId, Instant, Role

Inputs = Mapping[str, tuple[int, str]]
"""The version and the leaf of each stream that a ranking names."""

_AROUND = 40


@dataclass(frozen=True, slots=True)
class Seen:
    """What a command's rules had before them.

    `position` is the last position of the log that they could see. Of the streams that they
    read, `digest` is the SHA-256 of a line each, `stream version leaf`, in order of name; those
    that the ranking does not name with that version and leaf are listed as `beyond`.
    """

    position: int
    streams: int
    digest: str
    beyond: tuple[Input, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a decision: who issued it, what they saw, and whether it comes out the same.

    Digests are SHA-256 over the JSON of the command's event; `difference` is empty where the
    replay gives the very bytes that were recorded. `seen` is None where the rules could not be
    run again.
    """

    command: str
    position: int
    leaf: str
    actor: ActorId
    role: Role
    on_behalf_of: ActorId | None
    occurred_at: Instant
    recorded_at: Instant
    seen: Seen | None
    recorded_digest: str
    replayed_digest: str
    difference: str

    @property
    def identical(self) -> bool:
        """Whether the replay gave the very bytes that were recorded."""
        return not self.difference


@dataclass(frozen=True, slots=True)
class Again:
    """A step, and its event as it was recorded and as it comes out; None where it does not."""

    step: Step
    recorded: Event
    replayed: Event | None


@dataclass(frozen=True, slots=True)
class _Outcome:
    difference: str
    event: Event | None = None
    seen: Seen | None = None


def again(recall: Recall, row: Stored, record: Recorded, inputs: Inputs) -> Again:
    """Run a recorded command's rules over the log as it was; `inputs` are the ranking's."""
    meta, recorded = record.meta, to_json(record.event)
    outcome = _decided(recall, record, inputs)
    replayed = b"" if outcome.event is None else to_json(outcome.event)
    step = Step(
        command=meta.command.name,
        position=record.position,
        leaf=record.leaf.hex(),
        actor=meta.actor,
        role=meta.role,
        on_behalf_of=meta.on_behalf_of,
        occurred_at=meta.occurred_at,
        recorded_at=record.recorded_at,
        seen=outcome.seen,
        recorded_digest=hashlib.sha256(recorded).hexdigest(),
        replayed_digest=hashlib.sha256(replayed).hexdigest() if replayed else "",
        difference=outcome.difference or _difference(row, record, recorded, replayed),
    )
    return Again(step, record.event, outcome.event)


def _decided(recall: Recall, record: Recorded, inputs: Inputs) -> _Outcome:
    noted, meta = record.meta.command, record.meta
    if noted.body is None or noted.name not in COMMANDS:
        return _Outcome("the command is not on record: imported as history, without its rules")
    position = record.position - 1 if noted.position is None else noted.position
    act = Act(meta.actor, meta.role, meta.occurred_at, meta.on_behalf_of)
    try:
        command = command_from(noted.name, dict(noted.body))
        draft = Draft(recall.at(position))
        events = draft.decide(Envelope(command, act, command_id=noted.id)).events
    except DomainError as refusal:
        return _Outcome(f"the rules refuse it now: {refusal}")
    except ValueError as error:
        said = " ".join(str(error).split())
        return _Outcome(f"the command that is on record cannot be decided: {said}")
    seen = _seen(position, draft.evidence(), inputs)
    if len(events) != 1:
        return _Outcome(f"one event was recorded, and {len(events)} come out", seen=seen)
    return _Outcome("", events[0][1], seen)


def _seen(position: int, evidence: tuple[Evidence, ...], inputs: Inputs) -> Seen:
    lines = "".join(f"{e.stream} {e.version} {e.leaf}\n" for e in evidence)
    return Seen(
        position,
        len(evidence),
        hashlib.sha256(lines.encode()).hexdigest(),
        tuple(
            Input(e.stream, e.version, e.leaf)
            for e in evidence
            if inputs.get(e.stream) != (e.version, e.leaf)
        ),
    )


def _difference(row: Stored, record: Recorded, recorded: bytes, replayed: bytes) -> str:
    """Say where the bytes differ: those of the record itself, unless an older version wrote it."""
    if recorded != replayed:
        return _first_difference(recorded, replayed)
    as_written = record.wire != type(record.event).WIRE or row.record.endswith(
        b',"data":' + replayed + b"}"
    )
    return "" if as_written else "the event is the same, but its record holds it in other bytes"


def _first_difference(recorded: bytes, replayed: bytes) -> str:
    at = next(
        (i for i, (a, b) in enumerate(zip(recorded, replayed, strict=False)) if a != b),
        min(len(recorded), len(replayed)),
    )
    around = slice(max(0, at - _AROUND), at + _AROUND)
    return (
        f"recorded …{recorded[around].decode(errors='replace')}… but replayed "
        f"…{replayed[around].decode(errors='replace')}…"
    )
