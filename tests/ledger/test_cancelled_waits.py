"""A commit whose wait for the standby was cancelled is not told as a success, ever after.

PostgreSQL answers such a statement as it answers any other, with a warning before. What it
committed can be read, here, and would be gone if the standby took over.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from core.cities.commands import RegisterCity
from core.decider import Act
from core.ledger.draft import Envelope
from core.ledger.ledger import Ledger
from core.ledger.requests import Key, NewEvent, Request
from core.ledger.writer import OutcomeUnknown, Writer
from core.vocabulary import ActorId, CityId, Role, Text
from tests.ledger.standby import end_waits, waiting_for_nobody

CANCEL = "pg_cancel_backend(pid)"


def cancelled(server: Connection[Any], act: Callable[[], object]) -> None:
    """Do something whose outcome must not be known, since its wait is cancelled."""
    with ThreadPoolExecutor(1) as thread:
        doubtful = thread.submit(act)
        end_waits(server, CANCEL)
        with pytest.raises(OutcomeUnknown, match="committed locally"):
            doubtful.result(timeout=10)


@pytest.fixture
def register() -> Envelope:
    act = Act(ActorId("o1"), Role.OFFICER, datetime.now(UTC))
    return Envelope(RegisterCity(CityId("VN-HAN"), Text("Hanoi"), "VN"), act, key="once")


def test_an_append_whose_wait_is_cancelled_is_of_unknown_outcome(any_database_url: str) -> None:
    request = Request(
        [NewEvent("s", 1, "tests.written.1", b'"type":"tests.written.1"}')],
        [Key("key", sha256(b"key").digest(), 0, 1)],
    )
    with Writer(any_database_url) as writer:
        with waiting_for_nobody(any_database_url) as server:
            cancelled(server, lambda: writer.append(request))
            cancelled(server, lambda: writer.append(request))
        answer = writer.append(request)
    assert (answer.outcome, answer.first_position) == ("replayed", 0)


def test_a_server_told_to_keep_its_warnings_to_itself_is_still_heard(any_database_url: str) -> None:
    with psycopg.connect(any_database_url, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f'alter database "{name}" set client_min_messages = error'.encode())
    with Writer(any_database_url) as writer, waiting_for_nobody(any_database_url) as server:
        request = Request([NewEvent("s", 1, "tests.written.1", b'"type":"tests.written.1"}')])
        cancelled(server, lambda: writer.append(request))


def test_a_command_sent_again_is_answered_only_when_its_first_commit_is_safe(
    any_database_url: str, register: Envelope
) -> None:
    """After a restart it is read from the log, where its repetition is refused: no answer yet."""
    with Ledger(any_database_url) as ledger, Ledger(any_database_url) as restarted:
        with waiting_for_nobody(any_database_url) as server:
            cancelled(server, lambda: ledger.handle(register))
            assert restarted.store.size() == 1
            cancelled(server, lambda: restarted.handle(register))
        receipt = restarted.handle(register)
    assert (receipt.replayed, receipt.position) == (True, 0)


def test_a_group_that_is_on_record_already_is_answered_only_when_that_is_safe(
    any_database_url: str, register: Envelope
) -> None:
    with Ledger(any_database_url) as ledger:
        draft = ledger.draft()
        draft.decide(register)
        with waiting_for_nobody(any_database_url) as server:
            cancelled(server, lambda: ledger.commit(draft))
            cancelled(server, lambda: ledger.commit(ledger.draft()))
            cancelled(server, lambda: ledger.commit(draft))
        assert ledger.commit(ledger.draft()) is None
        committed = ledger.commit(draft)
    assert committed is not None
    assert (committed.replayed, committed.first_position, committed.count) == (True, 0, 1)
