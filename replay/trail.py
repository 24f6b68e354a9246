"""Who did what before a decision, in which order: the commands behind the records that it read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby

from core.ledger.decoding import reader
from core.ledger.records import Origin, Stored
from core.vocabulary import ActorId, Instant, Role


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of a command, by its place in the log; `leaf` is the hash of its record."""

    position: int
    stream: str
    version: int
    type: str
    leaf: str


@dataclass(frozen=True, slots=True)
class Deed:
    """One command that led to what a decision read; `imported` is None where it was issued here.

    `occurred_at` is when it was true in the world, `recorded_at` when the ledger learned of it.
    """

    command: str
    actor: ActorId
    role: Role
    on_behalf_of: ActorId | None
    occurred_at: Instant
    recorded_at: Instant
    imported: Origin | None
    events: tuple[Happened, ...]

    @property
    def position(self) -> int:
        """Where its first event stands."""
        return self.events[0].position


@dataclass(frozen=True, slots=True)
class Run:
    """Deeds in a row of one kind by one person: what a reader looks over at a glance."""

    command: str
    actor: ActorId
    role: Role
    on_behalf_of: ActorId | None
    deeds: tuple[Deed, ...]

    @property
    def streams(self) -> tuple[str, ...]:
        """Which streams they wrote, in order."""
        return tuple(dict.fromkeys(event.stream for d in self.deeds for event in d.events))


@dataclass(frozen=True, slots=True)
class _Named:
    """What is looked at of a command's note."""

    name: str
    id: str


@dataclass(frozen=True, slots=True)
class _Said:
    """What is looked at of a record; all else in it is skipped."""

    command: _Named
    actor: ActorId
    role: Role
    on_behalf_of: ActorId | None
    occurred_at: Instant
    imported: Origin | None


def trail(rows: Iterable[Stored]) -> tuple[Deed, ...]:
    """Return the commands behind rows, which are in order of position."""
    read: Callable[[bytes], _Said] = reader(_Said)
    found: list[tuple[_Said, list[Happened]]] = []
    recorded: list[Instant] = []
    command = ""
    for row in rows:
        said = read(row.record)
        event = Happened(row.position, row.stream, row.version, row.type, row.leaf.hex())
        if said.command.id == command:
            found[-1][1].append(event)
            continue
        command = said.command.id
        found.append((said, [event]))
        recorded.append(row.recorded_at)
    return tuple(
        Deed(
            said.command.name,
            said.actor,
            said.role,
            said.on_behalf_of,
            said.occurred_at,
            at,
            said.imported,
            tuple(events),
        )
        for (said, events), at in zip(found, recorded, strict=True)
    )


def runs(deeds: Iterable[Deed]) -> tuple[Run, ...]:
    """Return deeds in their order, those that repeat each other together."""

    def alike(deed: Deed) -> tuple[str, ActorId, Role, ActorId | None]:
        return deed.command, deed.actor, deed.role, deed.on_behalf_of

    return tuple(Run(*key, tuple(group)) for key, group in groupby(deeds, key=alike))
