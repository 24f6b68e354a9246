"""A process that writes until it is killed, by the ledger's own interface or over HTTP.

    python -m tests.faults.writers NAME NOTES SEED ledger URL CLOCK
    python -m tests.faults.writers NAME NOTES SEED http ADDRESS TOKEN

Whatever it does not know the outcome of it sends again, with the same keys, until it knows; so
does its heir, which is started over the same notes. All writers quarrel over a few cities.
CLOCK is a file with the seconds by which the writer's clock is wrong.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, count
from pathlib import Path
from threading import Thread
from typing import Protocol

import httpx
import psycopg

from core.cities.commands import IdentifyNeed, RegisterCity
from core.decider import Act
from core.errors import DomainError
from core.ledger.draft import Envelope
from core.ledger.ledger import Contended, Ledger
from core.ledger.writer import OutcomeUnknown
from core.vocabulary import ActorId, Channel, CityId, Role, Text
from tests.faults.notes import Group, Notes, Step, read

THREADS, PAUSE_S = 3, 0.04
SHARED, MOST_OF_A_CITY = 4, 40
SECTOR, COUNTRY = "21012", "KE"
ACT = Act(ActorId("writer"), Role.OFFICER, datetime(2024, 6, 3, tzinfo=UTC))


class NoAnswer(Exception):
    """The server did not say what became of a request."""


class Door(Protocol):
    """A way into the log."""

    def send(self, group: Group) -> dict[str, int]:
        """Have a group recorded whole; return the position of each mark."""
        ...


class LedgerDoor:
    """The ledger in this process, with its group commit between all threads."""

    unanswered = (OutcomeUnknown, Contended, psycopg.OperationalError)
    most, patience_s = 5, 0.02

    def __init__(self, url: str, clock: str) -> None:
        """Open the ledger under a clock that can be set wrong."""
        self._wrong_by = Path(clock)
        self._ledger = Ledger(url, clock=self._now)

    def send(self, group: Group) -> dict[str, int]:
        """Handle a single command, or commit a draft of several."""
        if len(group) == 1:
            receipt = self._ledger.handle(_envelope(group[0]))
            (event,) = receipt.events
            return {group[0].mark: event.position}
        self._ledger.forget()  # a draft, unlike a command, does not refresh what it had cached
        try:
            draft = self._ledger.draft()
            for step in group:
                draft.decide(_envelope(step))
            committed = self._ledger.commit(draft)
        except DomainError:
            # What was recorded before is refused when it is decided anew: it has its keys.
            known = self._ledger.store.known([step.mark for step in group])
            if len(known) != len(group):
                raise
            self._ledger.store.settle()
            return {mark: first for mark, (_, first, _) in known.items()}
        assert committed is not None
        return {step.mark: committed.first_position + n for n, step in enumerate(group)}

    def _now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(self._wrong_by.read_text() or 0))


class HttpDoor:
    """A server over HTTP, one command a request."""

    unanswered = (NoAnswer, httpx.TransportError)
    most, patience_s = 1, 0.2

    def __init__(self, address: str, token: str) -> None:
        """Speak for one actor."""
        headers = {"Authorization": f"Bearer {token}", "If-Match": "*"}
        self._http = httpx.Client(base_url=address, timeout=60, headers=headers)

    def send(self, group: Group) -> dict[str, int]:
        """Send the one command of a group; raises `NoAnswer` where the server says so."""
        (step,) = group
        headers = {"Idempotency-Key": step.mark}
        if step.opens:
            body: object = {"name": {"en": step.mark}, "country": COUNTRY}
        else:
            body = {"sector": SECTOR, "channel": "site-visit", "statement": step.mark}
        action = "register" if step.opens else "identify-need"
        request = self._http.build_request(
            "POST", f"/cities/{step.city}/{action}", json=body, headers=headers
        )
        if step.opens:
            del request.headers["If-Match"]
        answer = self._http.send(request)
        if answer.status_code == 503:
            raise NoAnswer(answer.json()["code"])
        assert answer.status_code in {200, 201}, answer.text
        (event,) = answer.json()["events"]
        return {step.mark: event["position"]}


def groups(
    name: str, shared_by: str, done: int, most: int, source: random.Random
) -> Iterator[Group]:
    """Make up groups without an end; those that are `done` are not made again."""
    opened: set[str] = set()
    for number in count(done):
        first = f"{name}.{number}"
        shared = f"{shared_by}.{number // MOST_OF_A_CITY}.{source.randrange(SHARED)}"
        if shared not in opened:
            opened.add(shared)
            yield (Step(shared, shared, opens=True),)
        size = source.randint(1, most)
        yield tuple(
            Step(f"{first}.{n}of{size}", f"{first}.{n}" if opens else shared, opens)
            for n in range(size)
            for opens in [source.random() < 0.3]  # most of them quarrel
        )


def work(door: LedgerDoor | HttpDoor, notes: Notes, todo: Iterator[Group]) -> None:
    """Send one group after the other, each until it is known what became of it."""
    for group in todo:
        notes.sent(group)
        while True:
            try:
                notes.acknowledged(door.send(group))
            except door.unanswered as error:
                notes.doubt(error)
                time.sleep(door.patience_s)
            except Exception as error:
                notes.surprise(error)
                raise
            else:
                break
        time.sleep(PAUSE_S)


def main(name: str, notes: str, seed: str, kind: str, *door_of: str) -> None:
    """Write in some threads for as long as nobody ends this process."""
    before = read([Path(notes)] if Path(notes).exists() else [])
    door = (LedgerDoor if kind == "ledger" else HttpDoor)(*door_of)
    for thread in range(THREADS):
        source = random.Random(f"{seed} {name} {thread}")
        new = groups(f"{name}.{thread}", kind, len(before.sent), door.most, source)
        todo = chain(before.open()[thread::THREADS], new)
        Thread(target=work, args=(door, Notes(Path(notes)), todo)).start()


def _envelope(step: Step) -> Envelope:
    if step.opens:
        return Envelope(
            RegisterCity(CityId(step.city), Text(step.mark), COUNTRY), ACT, key=step.mark
        )
    need = IdentifyNeed(CityId(step.city), SECTOR, Channel.SITE_VISIT, step.mark)
    return Envelope(need, ACT, key=step.mark)


if __name__ == "__main__":
    main(*sys.argv[1:])
