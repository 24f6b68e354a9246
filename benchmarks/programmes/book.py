"""A log in memory: every command is decided by the rules, on top of all that went before.

What it gives are the very requests that the ledger would be sent, in order. Their instants of
recording are the programme's, so leaves are known here as the database will write them: a
ranking names the leaves of all that it read.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from core.decider import Act
from core.handlers.table import Command
from core.ledger.codec import Event
from core.ledger.draft import Draft, Envelope
from core.ledger.records import opening
from core.ledger.requests import Request
from core.ledger.sources import AnyDecider, Held
from core.personal import Sealed, rewritten
from core.vocabulary import ActorId, Role

OFFICER, MANAGER, CHAIR = ActorId("officer-1"), ActorId("manager-1"), ActorId("chair-1")
_MOMENT = timedelta(seconds=3)
_NONCE_AND_TAG = 28


@dataclass(frozen=True, slots=True)
class Group:
    """What is recorded at one instant, whole."""

    at: datetime
    request: Request


class Book:
    """Decides, and remembers the states of all streams; also what a draft reads from."""

    def __init__(self, seed: int) -> None:
        """Begin with an empty log."""
        self.random = Random(seed)  # noqa: S311  # chance that can be had again
        self.position = -1
        self._held: dict[str, Held] = {}
        self._last: dict[str, int] = {}
        self._now = datetime(1, 1, 1, tzinfo=UTC)
        self.draft = Draft(self)

    def do(
        self,
        command: Command,
        at: datetime,
        by: ActorId = OFFICER,
        role: Role = Role.OFFICER,
        behalf: ActorId | None = None,
    ) -> tuple[Event, ...]:
        """Decide a command; raises `DomainError`: a story that the rules refuse is none."""
        command_id = str(UUID(int=self.random.getrandbits(128), version=4))
        sealed = rewritten(command, _Sealer(self.random, command_id), by)
        self._now = max(self._now, at)
        envelope = Envelope(
            sealed, Act(by, role, at, behalf), command_id=command_id, policy="access.2"
        )
        return tuple(event for _, event in self.draft.decide(envelope).events)

    def record(self) -> Group:
        """Put down what was decided since the last time, and begin a new draft."""
        now = self._now = self._now + _MOMENT
        request, held = self.draft.request(), self.draft.held()
        leaves: dict[str, str] = {}
        head = b"\0" + opening(now)
        for event in request.events:
            self.position += 1
            leaves[event.stream] = hashlib.sha256(head + event.body).hexdigest()
            self._last[event.stream] = self.position
        for stream, leaf in leaves.items():
            self._held[stream] = replace(held[stream], leaf=leaf)
        self.draft = Draft(self)
        return Group(now, request)

    def forget(self, prefixes: Iterable[str]) -> None:
        """Let go of streams that no story comes back to: a programme is longer than memory."""
        gone = tuple(prefixes)
        for stream in [s for s in self._held if s.startswith(gone)]:
            del self._held[stream], self._last[stream]

    def load(self, decider: AnyDecider, streams: Sequence[str]) -> Mapping[str, Held]:
        """Return each stream as it stands."""
        return {s: self._held.get(s) or Held(decider, decider.initial) for s in streams}

    def under(self, decider: AnyDecider, prefix: str) -> Mapping[str, Held]:
        """Return each stream under a prefix as it stands."""
        del decider
        return {s: self._held[s] for s in sorted(self._held) if s.startswith(prefix)}

    def grown(self, prefix: str, after: int) -> tuple[str, ...]:
        """Name the streams under a prefix that grew after a position."""
        found = (s for s, last in self._last.items() if s.startswith(prefix) and last > after)
        return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class _Sealer:
    """Puts sealed text in place of text about people, as long as theirs, that no key opens."""

    random: Random
    command_id: str

    def __call__(self, path: str, subject: str, text: str) -> Sealed:
        commitment = hashlib.sha256(subject.encode()).hexdigest()
        noise = self.random.randbytes(len(text.encode()) + _NONCE_AND_TAG)
        return Sealed(subject, commitment, self.command_id, path, base64.b64encode(noise).decode())
