"""A group of decisions that is not recorded yet: a single command, or a whole file.

A draft reads through to the log, sees its own events on top, and keeps note of every
version that it read. Recorded, it lands whole or not at all; thrown away, nothing has
happened. Replay decides old commands over old records through the same class.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast
from uuid import uuid4

from core.decider import Act, Decider
from core.errors import require
from core.handlers.reading import Evidence
from core.handlers.table import HANDLERS, Command
from core.ledger.codec import Event
from core.ledger.records import CommandNote, Meta, Origin, body, note
from core.ledger.requests import Key, NewEvent, Request
from core.ledger.sources import AnyDecider, Held, Source

S = TypeVar("S")
SOURCE = "ssp"


@dataclass(frozen=True, slots=True)
class Envelope:
    """A command on its way: who issues it, and how it is told from a repetition.

    `key` makes a retry safe; `expected_version` is the version of the stream that the
    issuer has seen; `policy` is the version of the rule that allowed the access.
    """

    command: Command
    act: Act
    key: str = ""
    expected_version: int | None = None
    command_id: str = ""
    correlation_id: str = ""
    causation_id: str = ""
    policy: str = ""
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """What a command led to: the stream it writes, and the events with their metadata."""

    stream: str
    events: tuple[tuple[Meta, Event], ...]


class Draft:
    """Decisions on top of a source; also the `Reader` that handlers read through."""

    def __init__(self, source: Source) -> None:
        """Begin with nothing decided."""
        self._source = source
        self._held: dict[str, Held] = {}
        self._ahead: dict[str, Held] = {}
        self._preloaded: tuple[str, ...] = ()
        self._reads: dict[str, int] = {}
        self._ranges: dict[str, int] = {}
        # What the command at hand has read: its evidence is its own, not the whole draft's.
        self._asked: dict[str, Held] = {}
        self._asked_ranges: set[str] = set()
        self._events: list[NewEvent] = []
        self._keys: list[Key] = []

    @property
    def position(self) -> int:
        """The last position of the log that is read."""
        return self._source.position

    @property
    def touched(self) -> frozenset[str]:
        """Every stream that was read or is written."""
        return frozenset(self._reads)

    def one(self, decider: Decider[Any, S, Any, Any], stream: str) -> S:
        """Return the state of a stream."""
        return self.each(decider, (stream,))[stream]

    def each(self, decider: Decider[Any, S, Any, Any], streams: Iterable[str]) -> Mapping[str, S]:
        """Return the states of many streams, those not seen before in one query."""
        wanted = tuple(dict.fromkeys(streams))
        unseen = [s for s in wanted if s not in self._held]
        ahead = {
            s: self._ahead.get(s) or Held(decider, decider.initial)
            for s in unseen
            if s.startswith(self._preloaded)
        }
        self._note(ahead)
        if further := [s for s in unseen if s not in ahead]:
            self._note(self._source.load(decider, further))
        self._asked.update((stream, self._held[stream]) for stream in wanted)
        return {stream: self._held[stream].state for stream in wanted}

    def preload(self, decider: AnyDecider, prefix: str) -> None:
        """Read all streams under a prefix in one query: any other there counts as empty.

        Only those that are asked for afterwards become part of what was read.
        """
        self._ahead.update(self._source.under(decider, prefix))
        self._preloaded += (prefix,)

    def every(self, decider: Decider[Any, S, Any, Any], prefix: str) -> Mapping[str, S]:
        """Return the state of each stream under a prefix, with what was decided here."""
        found = self._source.under(decider, prefix)
        self._range(prefix)
        here = {s: h for s, h in self._held.items() if s.startswith(prefix) and h.version}
        found = dict(sorted({**found, **here}.items())) if here else found
        self._asked.update(found)
        return {stream: held.state for stream, held in found.items()}

    def changed(self, prefix: str, after: int) -> tuple[str, ...]:
        """Name the streams under a prefix that grew after a position."""
        self._range(prefix)
        return self._source.grown(prefix, after)

    def evidence(self) -> tuple[Evidence, ...]:
        """Return everything that the command at hand read and that exists, by name."""
        return tuple(
            Evidence(stream, held.version, held.leaf)
            for stream, held in sorted(self._asked.items())
            if held.version
        )

    def decide(self, envelope: Envelope) -> Decided:
        """Decide a command on top of what was decided before; raises `DomainError`."""
        command, act = envelope.command, envelope.act
        described = note(command, envelope.command_id or str(uuid4()), act)
        _without_nul(described.body)
        handler = HANDLERS[type(command)]
        self._asked, self._asked_ranges = {}, set()
        stream = handler.stream(command)
        state = self.one(handler.decider, stream)
        version = self._held[stream].version
        expected = envelope.expected_version
        require(
            expected is None or expected == version,
            "stale-version",
            f"the stream has grown; it is at version {version}",
            field="expected_version",
            value=expected,
        )
        facts = handler.facts(command, act, self)
        if self._asked_ranges:
            self._all_recorded()
            described = replace(described, position=self.position)
        events = handler.decider.decide(command, act, state, facts)
        return self._stage(stream, events, envelope, described)

    def record(self, decider: AnyDecider, stream: str, event: Event, envelope: Envelope) -> Decided:
        """Put down a fact as it was, without asking the rules: imported history only."""
        self.one(decider, stream)
        described = replace(
            note(envelope.command, envelope.command_id or str(uuid4()), envelope.act),
            name="history",
        )
        return self._stage(stream, (event,), envelope, described)

    def request(self) -> Request:
        """Return the group to be appended."""
        return Request(
            tuple(self._events), tuple(self._keys), dict(self._reads), dict(self._ranges)
        )

    def held(self) -> dict[str, Held]:
        """Return every stream as it will be once the group is recorded."""
        return dict(self._held)

    def _note(self, loaded: Mapping[str, Held]) -> None:
        self._held.update(loaded)
        for stream, held in loaded.items():
            self._reads[stream] = held.version

    def _range(self, prefix: str) -> None:
        self._ranges[prefix] = self.position
        self._asked_ranges.add(prefix)

    def _all_recorded(self) -> None:
        """Refuse to decide over a whole prefix on what has no position and no leaf yet.

        Such a decision names the position that it saw and proves its inputs by their
        leaves; what this draft holds itself has neither before it is recorded.
        """
        here = {event.stream for event in self._events}
        ranges = tuple(self._asked_ranges)
        unrecorded = sorted(s for s in here if s in self._asked or s.startswith(ranges))
        require(
            not unrecorded,
            "reads-unrecorded",
            "a decision over a whole stage rests on recorded facts only; record these first",
            field="stage",
            value=", ".join(unrecorded[:10]),
        )

    def _stage(
        self,
        stream: str,
        events: Sequence[Event],
        envelope: Envelope,
        described: CommandNote,
    ) -> Decided:
        act, held = envelope.act, self._held[stream]
        staged: list[tuple[Meta, Event]] = []
        for index, event in enumerate(events):
            meta = Meta(
                id=f"{described.id}.{index}",
                source=SOURCE,
                subject=stream,
                version=held.version + 1,
                occurred_at=act.at,
                actor=act.actor,
                role=act.role,
                on_behalf_of=act.on_behalf_of,
                reason=getattr(envelope.command, "reason", ""),
                correlation_id=envelope.correlation_id or described.id,
                causation_id=envelope.causation_id,
                policy=envelope.policy,
                imported=envelope.origin,
                command=described if index == 0 else replace(described, body=None),
            )
            held = held.after(meta.version, "", event)
            staged.append((meta, event))
        if staged:
            self._keys.append(
                Key(
                    envelope.key or described.id,
                    bytes.fromhex(described.digest),
                    len(self._events),
                    len(staged),
                )
            )
            self._events += [
                NewEvent(stream, meta.version, event.WIRE, body(meta, event))
                for meta, event in staged
            ]
            self._held[stream] = held
        return Decided(stream, tuple(staged))


def _without_nul(value: Any, path: str = "") -> None:  # noqa: ANN401  # any part of a JSON document
    """Refuse text that PostgreSQL cannot hold as text: analysts read records as JSON."""
    if isinstance(value, str):
        require(
            "\x00" not in value,
            "nul-character",
            "text holds no NUL character",
            field=path,
            value=value,
        )
        return
    items: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        items = cast("Mapping[Any, Any]", value).items()
    elif isinstance(value, list):
        items = enumerate(cast("Iterable[Any]", value))
    for key, item in items:
        _without_nul(item, f"{path}.{key}" if path else str(key))
