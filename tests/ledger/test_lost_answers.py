"""A commit whose answer was lost on the way is found again, not repeated and not refused.

PostgreSQL commits before it waits for a standby: a backend that is terminated while it
waits has committed, and its client never learns of it.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from typing import TypeVar

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent
from eventsourcing.utils import Environment

from core.cities.commands import IdentifyNeed, RegisterCity
from core.decider import Act
from core.ledger.draft import Envelope
from core.ledger.factory import LedgerFactory
from core.ledger.ledger import Ledger
from core.ledger.requests import Key, NewEvent, Request
from core.ledger.writer import OutcomeUnknown, Writer
from core.vocabulary import ActorId, Channel, CityId, Role, Text
from tests.ledger.standby import end_waits, waiting_for_nobody

T = TypeVar("T")
HANOI = CityId("VN-HAN")
NEED = IdentifyNeed(HANOI, "21012", Channel.SITE_VISIT, "buses")


def with_its_answer_lost(url: str, act: Callable[[], T]) -> T:
    """Let `act` commit, terminate its backend before it can say so, and return what it found."""
    with ThreadPoolExecutor(1) as thread:
        with waiting_for_nobody(url) as server:
            found = thread.submit(act)
            end_waits(server, "pg_terminate_backend(pid, 5000)")
        return found.result(timeout=10)


def recorded(url: str) -> list[tuple[str, int]]:
    with psycopg.connect(url) as connection:
        return connection.execute(
            "select stream, version from ledger.event order by log_id, position"
        ).fetchall()


@pytest.fixture
def need() -> Envelope:
    return Envelope(NEED, Act(ActorId("o1"), Role.OFFICER, datetime.now(UTC)))


def test_an_append_sent_again_gets_the_positions_of_the_first(any_database_url: str) -> None:
    request = Request(
        [NewEvent("s", 1, "tests.written.1", b'"type":"tests.written.1"}')],
        [Key("key", sha256(b"key").digest(), 0, 1)],
    )
    with Writer(any_database_url) as writer:
        answer = with_its_answer_lost(any_database_url, lambda: writer.append(request))

    assert (answer.outcome, answer.first_position) == ("replayed", 0)
    assert recorded(any_database_url) == [("s", 1)]


def test_a_group_without_a_key_cannot_be_told_from_another_with_which_it_conflicts(
    any_database_url: str,
) -> None:
    request = Request([NewEvent("s", 1, "tests.written.1", b'"type":"tests.written.1"}')])
    with Writer(any_database_url) as writer, pytest.raises(OutcomeUnknown, match="without a key"):
        with_its_answer_lost(any_database_url, lambda: writer.append(request))

    assert recorded(any_database_url) == [("s", 1)]


@pytest.mark.parametrize("key", ["", "a-key"])
def test_a_command_is_recorded_once_with_a_key_of_its_own_or_without(
    any_database_url: str, need: Envelope, key: str
) -> None:
    with Ledger(any_database_url) as ledger:
        ledger.handle(Envelope(RegisterCity(HANOI, Text("Hanoi"), "VN"), need.act))
        envelope = Envelope(NEED, need.act, key=key)
        receipt = with_its_answer_lost(any_database_url, lambda: ledger.handle(envelope))

    assert (receipt.position, receipt.version) == (1, 2)
    assert recorded(any_database_url) == [("city-VN-HAN", 1), ("city-VN-HAN", 2)]


def test_a_draft_is_recorded_once(any_database_url: str, need: Envelope) -> None:
    with Ledger(any_database_url) as ledger:
        draft = ledger.draft()
        draft.decide(Envelope(RegisterCity(HANOI, Text("Hanoi"), "VN"), need.act))
        draft.decide(need)
        committed = with_its_answer_lost(any_database_url, lambda: ledger.commit(draft))

    assert committed is not None
    assert (committed.first_position, committed.count) == (0, 2)
    assert recorded(any_database_url) == [("city-VN-HAN", 1), ("city-VN-HAN", 2)]


def test_an_application_of_the_library_sees_no_conflict_with_itself(any_database_url: str) -> None:
    factory = LedgerFactory(Environment("Orders", {"SSP_DATABASE_URL": any_database_url}))
    try:
        recorder = factory.application_recorder()
        event = StoredEvent("order-1", 1, "orders:Placed", b"{}")
        ids = with_its_answer_lost(any_database_url, lambda: recorder.insert_events([event]))
        assert ids == [1]
        assert recorder.select_events("order-1") == [event]
    finally:
        factory.close()
