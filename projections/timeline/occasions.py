"""Facts in the order in which they were recorded, by the command that each is a part of.

A command may bring about several facts, a request several commands, and a fact what follows
by itself. All of it has one correlation, which is one occasion here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.personal import Personal
from core.vocabulary import Instant
from projections.timeline.rows import Row, Said


@dataclass(frozen=True, slots=True)
class Fact:
    """What happened, to whom. Its event is that of its version in its stream."""

    position: int
    event_id: str
    type: str
    stream: str
    version: int
    call_id: str
    stage: str
    city_id: str
    application_id: str
    evaluator_id: str
    applications: tuple[Said, ...]
    evaluators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """What someone did, and why; `facts` are those of its facts that are asked for.

    `because_of` is the id of the fact that called for it, and `because_at` the position of
    that fact where the timeline holds it; they are empty and None where a person acted.
    """

    command: str
    command_id: str
    actor: str
    role: str
    on_behalf_of: str | None
    occurred_at: Instant
    recorded_at: Instant
    reasons: tuple[Personal, ...]
    because_of: str
    because_at: int | None
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Occasion:
    """One request and all that followed from it."""

    correlation_id: str
    commands: tuple[Command, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """What happened to a subject; `next_position` is where to go on, None at the end."""

    of: str
    subject: str
    occasions: tuple[Occasion, ...]
    next_position: int | None


def grouped(rows: Sequence[Row]) -> tuple[Occasion, ...]:
    """Return facts by command and by occasion, each in the order of its first fact."""
    positions = {row.event_id: row.position for row in rows}
    occasions: dict[str, dict[str, list[Row]]] = {}
    for row in rows:
        commands = occasions.setdefault(row.correlation_id or row.command_id, {})
        commands.setdefault(row.command_id, []).append(row)
    return tuple(
        Occasion(correlation, tuple(_command(own, positions) for own in commands.values()))
        for correlation, commands in occasions.items()
    )


def _command(rows: Sequence[Row], positions: Mapping[str, int]) -> Command:
    first = rows[0]
    return Command(
        first.command,
        first.command_id,
        first.actor,
        first.role,
        first.on_behalf_of,
        first.occurred_at,
        first.recorded_at,
        first.reasons,
        first.causation_id,
        positions.get(first.causation_id),
        tuple(map(_fact, rows)),
    )


def _fact(row: Row) -> Fact:
    return Fact(
        row.position,
        row.event_id,
        row.type,
        row.stream,
        row.version,
        row.call_id,
        row.stage,
        row.city_id,
        row.application_id,
        row.evaluator_id,
        row.applications,
        row.evaluators,
    )
