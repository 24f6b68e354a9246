"""Who acts in the story of the programme, and on which day; everything goes through commands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from datetime import date as day
from typing import TypeVar

import psycopg
import pytest
from psycopg import Connection

from core.decider import Act
from core.errors import DomainError
from core.handlers.table import Command
from core.ledger.codec import Event
from core.ledger.draft import Envelope
from core.ledger.ledger import Ledger
from core.ledger.reactor import Reactor
from core.reactions.table import REACTIONS
from core.vocabulary import ActorId, Role
from projections.projector import Projector
from projections.views import VIEWS

OFFICER, COLLEAGUE = (ActorId("officer-han"), Role.OFFICER), (ActorId("officer-jo"), Role.OFFICER)
MANAGER = (ActorId("manager-seo"), Role.MANAGER)
APPEALS = (ActorId("manager-yun"), Role.MANAGER)
KIM, LEE, PARK = ((ActorId(f"ev-{name}"), Role.EVALUATOR) for name in ("kim", "lee", "park"))
Person = tuple[ActorId, Role]
E = TypeVar("E", bound=Event)


def city(code: str) -> Person:
    """The focal point of a city."""
    return ActorId(f"focal-point-{code.lower()}"), Role.CITY


@dataclass
class Programme:
    """The programme on a ledger of its own: what people do, and what views then show."""

    ledger: Ledger
    today: day = day(2024, 1, 2)

    def on(self, date: str) -> Programme:
        """Let time pass until a day."""
        self.today = day.fromisoformat(date)
        return self

    def does(self, person: Person, *commands: Command) -> None:
        """Let a person do things at noon of the day at hand, each of which is accepted."""
        for command in commands:
            self.ledger.handle(Envelope(command, self._act(person)))

    def may_not(self, person: Person, command: Command, code: str) -> None:
        """Check that a person is refused, and that nothing was recorded."""
        before = self.ledger.store.size()
        with pytest.raises(DomainError) as refused:
            self.ledger.handle(Envelope(command, self._act(person)))
        assert code in {v.code for v in refused.value.violations}, refused.value
        assert self.ledger.store.size() == before

    def system_follows(self) -> None:
        """Let what follows by itself follow."""
        Reactor(self.ledger, REACTIONS).catch_up()

    def shows(self) -> Connection[tuple[object, ...]]:
        """Let all views catch up, and open a connection that they are read by."""
        projector = Projector(self.ledger.url, VIEWS)
        projector.catch_up()
        projector.stop()
        assert projector.failures() == {}
        return psycopg.connect(self.ledger.url)

    def facts(self, kind: type[E]) -> list[E]:
        """Return every fact of a kind so far."""
        return [r.event for r in self.ledger.read() if isinstance(r.event, kind)]

    @property
    def last(self) -> int:
        """The position of the last event."""
        return self.ledger.store.size() - 1

    def _act(self, person: Person) -> Act:
        return Act(*person, datetime.combine(self.today, time(12), UTC))
