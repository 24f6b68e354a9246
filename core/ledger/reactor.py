"""Lets reactions follow the log: each fact is met by the commands that it calls for, once.

All commands that one fact calls for are recorded together or not at all, under keys that are
made of the fact: a reactor that is killed, or runs beside another one, records nothing twice.
Facts that were imported as history call for nothing, since what followed is history too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event as Signal
from threading import Thread

import psycopg
import structlog

from core.decider import Act
from core.errors import DomainError
from core.handlers.table import HANDLERS, Command
from core.ledger.codec import wires_of
from core.ledger.draft import Draft, Envelope
from core.ledger.ledger import Contended, Ledger
from core.ledger.records import Recorded, decode
from core.ledger.roles import DatabaseRole, connect
from core.ledger.store import LOG
from core.ledger.writer import OutcomeUnknown
from core.reactions.reaction import Reaction
from core.vocabulary import ActorId, Role

_log = structlog.get_logger()
_PAGE = 2_000
_ATTEMPTS = 20


@dataclass(slots=True)
class Reactor:
    """Runs reactions over a ledger. One thread at a time may use it.

    `wakes_s` is how often it looks for new facts.
    """

    ledger: Ledger
    reactions: Sequence[Reaction]
    wakes_s: float = 0.5
    _stop: Signal = field(default_factory=Signal)
    _thread: Thread | None = None

    def start(self) -> None:
        """Follow the log in a thread of its own until `stop`."""
        self._thread = Thread(target=self._run, name="reactor", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the fact at hand, and stop following."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def catch_up(self) -> int:
        """Meet every fact recorded so far; return how many commands were recorded.

        What is recorded on the way may call for more, which is met as well. Raises
        `Contended` where other writers were always faster.
        """
        called: defaultdict[str, list[Reaction]] = defaultdict(list)
        for reaction in self.reactions:
            for wire in wires_of(reaction.fact.WIRE):
                called[wire].append(reaction)
        recorded, position = 0, self._position()
        while not self._stop.is_set() and (rows := self.ledger.store.page(position + 1, _PAGE)):
            for row in rows:
                if row.type in called:
                    recorded += self._meet(called[row.type], decode(row))
                    self._reached(row.position)
            position = rows[-1].position
            self._reached(position)
        return recorded

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.catch_up()
            except (psycopg.Error, OutcomeUnknown, Contended) as error:
                _log.warning("reactor.waiting", error=f"{type(error).__name__}: {error}".strip())
            self._stop.wait(self.wakes_s)

    def _meet(self, reactions: Sequence[Reaction], record: Recorded) -> int:
        if record.meta.imported is not None:
            return 0
        for _ in range(_ATTEMPTS):
            draft = self.ledger.draft(fresh=True)
            decided = sum(_decided(draft, reaction, record) for reaction in reactions)
            try:
                self.ledger.commit(draft)
            except (Contended, DomainError):
                # Others wrote meanwhile, or another reactor has met the fact: looked at anew,
                # nothing more may be called for.
                continue
            return decided
        raise Contended(", ".join(reaction.name for reaction in reactions))

    def _position(self) -> int:
        with self.ledger.connection() as connection:
            found = connection.execute(
                "select position from ledger.reacted where log_id = %s", (LOG,)
            ).fetchone()
        return found[0] if found else -1

    def _reached(self, position: int) -> None:
        url = self.ledger.url
        with connect(url, DatabaseRole.WRITER, application="ssp-reactor") as connection:
            connection.execute(
                "insert into ledger.reacted as r (log_id, position) values (%s, %s) "
                "on conflict (log_id) do update set position = excluded.position "
                "where r.position < excluded.position",
                (LOG, position),
            )


def _decided(draft: Draft, reaction: Reaction, record: Recorded) -> int:
    """Decide what a reaction calls for; return how many commands led to something."""
    decided = 0
    for command in list(reaction.then(record.event, record.meta.occurred_at, draft)):
        try:
            decided += bool(draft.decide(_envelope(reaction, record, command)).events)
        except DomainError as refusal:
            # The rules have the last word, and whoever runs the server is told.
            _log.error(
                "reaction.refused",
                reaction=reaction.name,
                fact=record.meta.id,
                command=type(command).__name__,
                codes=[v.code for v in refusal.violations],
            )
    return decided


def _envelope(reaction: Reaction, record: Recorded, command: Command) -> Envelope:
    """Return a command as the system's own, at the time of the fact that called for it."""
    stream = HANDLERS[type(command)].stream(command)
    return Envelope(
        command,
        Act(ActorId("reaction"), Role.SYSTEM, record.meta.occurred_at),
        key=f"{record.meta.id}:{reaction.name}:{type(command).__name__}:{stream}",
        correlation_id=record.meta.correlation_id,
        causation_id=record.meta.id,
        policy=f"reaction:{reaction.name}",
    )
