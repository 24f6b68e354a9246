"""Records a scripted programme group by group: each whole, each once, whoever plays it when.

A play that was interrupted is taken up where it ended, and two that run at once record the
same: every command has a key by its number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.decider import Act
from core.errors import DomainError
from core.handlers.table import Command
from core.ledger.draft import Envelope
from core.ledger.ledger import Contended, Ledger
from core.vocabulary import ActorId, Role

_ATTEMPTS = 5


@dataclass(slots=True)
class Game:
    """Issues commands on a day of the programme, counted from `begins`.

    `progress` is told how many commands are recorded, and what they are about.
    """

    ledger: Ledger
    name: str
    begins: datetime
    progress: Callable[[int, str], None]
    day: float = 0
    issued: int = 0
    _group: list[Envelope] = field(default_factory=list[Envelope])

    def do(self, command: Command, actor: ActorId, role: Role) -> None:
        """Put a command into the group at hand."""
        self.issued += 1
        act = Act(actor, role, self.begins + timedelta(days=self.day))
        key = key_of(self.name, self.issued)
        self._group.append(Envelope(command, act, key=key, correlation_id=self.name, policy="demo"))

    def record(self, doing: str) -> None:
        """Record the group at hand, unless it is on record already."""
        for left in reversed(range(_ATTEMPTS)):
            if self.ledger.store.known([self._group[0].key]):
                break
            try:
                draft = self.ledger.draft()
                for envelope in self._group:
                    draft.decide(envelope)
                self.ledger.commit(draft)
                break
            except (Contended, DomainError):
                # Another play may have been faster, and then the group is on record now.
                if not left:
                    raise
                self.ledger.forget()
        self._group.clear()
        self.progress(self.issued, doing)


def key_of(name: str, number: int) -> str:
    """Return the key of a play's command."""
    return f"{name}.{number}"
