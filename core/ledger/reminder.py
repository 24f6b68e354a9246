"""Lets the calendar be heard: once a day, every project is looked at for what is late.

Nothing in the log says that a day has gone by, so someone has to come and look. The look is a
command like any other, by the actor `reminder` and dated by its clock; the rules say what is
late as of that day. What is known to be late is not recorded again, so that several servers, or
a server and a timer of the system, may all remind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from threading import Event as Signal
from threading import Thread

import psycopg
import structlog

from core.decider import Act
from core.errors import DomainError
from core.ledger.draft import Envelope
from core.ledger.ledger import Contended, Ledger, Receipt
from core.ledger.writer import OutcomeUnknown
from core.monitoring.commands import ReviewProgress
from core.projects import events as project_events
from core.projects import rules as projects
from core.reactions.reviewing import review
from core.vocabulary import ActorId, Instant, ProjectId, Role, seoul_day

_log = structlog.get_logger()


def remind(ledger: Ledger, at: Instant) -> Iterator[tuple[ProjectId, Receipt]]:
    """Review every project that can be late, as of a day; yield what was recorded of each.

    Raises as `Ledger.handle` does, but for a refusal: that a project was suspended or cancelled
    since it was read holds nothing up.
    """
    known = ledger.draft(fresh=True).every(projects.DECIDER, project_events.STREAMS)
    for stream, project in known.items():
        project_id = ProjectId(stream.removeprefix(project_events.STREAMS))
        for command in review(project_id, project):
            try:
                yield project_id, ledger.handle(_envelope(command, at))
            except DomainError as refusal:
                codes = [v.code for v in refusal.violations]
                _log.warning("reminder.refused", project=project_id, codes=codes)


def _envelope(command: ReviewProgress, at: Instant) -> Envelope:
    return Envelope(command, Act(ActorId("reminder"), Role.SYSTEM, at), policy="reminder")


@dataclass(slots=True)
class Reminder:
    """Reminds at once and then on every new day in Seoul, in a thread of its own.

    `looks_s` is how often it looks at the `clock`; `reminded_on` is the last day that it did.
    """

    ledger: Ledger
    clock: Callable[[], datetime]
    looks_s: float = 60.0
    reminded_on: date | None = None
    _stop: Signal = field(default_factory=Signal)
    _thread: Thread | None = None

    def start(self) -> None:
        """Remind until `stop`."""
        self._thread = Thread(target=self._run, name="reminder", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the project at hand, and stop."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            now = self.clock()
            if seoul_day(now) != self.reminded_on and self._reminded(now):
                self.reminded_on = seoul_day(now)
            self._stop.wait(self.looks_s)

    def _reminded(self, now: datetime) -> bool:
        """Remind, and say whether it was done to the end."""
        try:
            for project_id, receipt in remind(self.ledger, now):
                if receipt.events:
                    _log.info("reminder.found", project=project_id, late=len(receipt.events))
                if self._stop.is_set():
                    return False
        except (psycopg.Error, OutcomeUnknown, Contended) as error:
            _log.warning("reminder.waiting", error=f"{type(error).__name__}: {error}".strip())
            return False
        return True
