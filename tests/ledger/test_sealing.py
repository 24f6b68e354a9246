"""Personal text is sealed in all that is stored, and opens for readers until it is erased."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from core.cities.commands import CityCommand, RecordEngagement, RegisterCity
from core.decider import Act
from core.errors import DomainError
from core.ledger.draft import Envelope
from core.ledger.key_encryption import KeyEncryption
from core.ledger.key_files import KeyRefused
from core.ledger.ledger import Contended, Ledger, Receipt
from core.ledger.records import as_dict
from core.ledger.roles import DatabaseRole, connect
from core.ledger.sealing import reveal
from core.subjects.commands import EraseSubject
from core.vocabulary import ActorId, CityId, Role, Text
from tests.rounds import START

LIMA = CityId("PE-LIM")
OFFICER, MANAGER = ActorId("officer-1"), ActorId("manager-1")
MARKER = "Ana Quispe said that her brother bids"
ENGAGED = RecordEngagement(LIMA, "call", MARKER, "contact-7", "Ana Quispe", "ana@example.org")


def act(role: Role = Role.OFFICER) -> Act:
    return Act(OFFICER if role is Role.OFFICER else MANAGER, role, START)


def send(ledger: Ledger, command: CityCommand, key: str = "") -> Receipt:
    return ledger.handle(Envelope(command, act(), key=key))


def erase(ledger: Ledger, subject: str = "contact-7", key: str = "") -> Receipt:
    command = EraseSubject(ActorId(subject), "asked for")
    return ledger.handle(Envelope(command, act(Role.MANAGER), key=key))


def refusal(ledger: Ledger, command: CityCommand, key: str = "") -> str:
    with pytest.raises(DomainError) as refused:
        send(ledger, command, key)
    return refused.value.code


def read(ledger: Ledger, position: int) -> dict[str, Any]:
    (record,) = ledger.read(position, position + 1)
    shown: dict[str, Any] = reveal(as_dict(record)["data"], ledger.keyring)
    return shown


def stored(url: str) -> str:
    """Everything that the database holds, as text."""
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "select schemaname, tablename from pg_tables where schemaname in ('ledger', 'keys')"
        ).fetchall()
        found = [
            row
            for table in tables
            for row in connection.execute(
                sql.SQL("select t::text from {} t").format(sql.Identifier(*table))
            )
        ]
        records = connection.execute("select convert_from(record, 'UTF8') from ledger.event")
        return repr(found) + repr(records.fetchall())


@pytest.fixture
def ledger(any_database_url: str) -> Iterator[Ledger]:
    with Ledger(any_database_url) as ledger:
        send(ledger, RegisterCity(LIMA, Text("Lima"), "PE"))
        yield ledger


def test_personal_text_is_nowhere_in_the_database_and_opens_for_readers(ledger: Ledger) -> None:
    position = send(ledger, ENGAGED, "k").position or 0

    assert "officer-1" in stored(ledger.url)
    for text in (MARKER, "Ana Quispe", "ana@example.org"):
        assert text not in stored(ledger.url)
    shown = read(ledger, position)
    assert shown["summary"] == MARKER
    assert (shown["contact_name"], shown["contact_email"]) == ("Ana Quispe", "ana@example.org")


def test_what_was_erased_is_shown_as_erased_and_where_the_log_says_so(ledger: Ledger) -> None:
    position = send(ledger, ENGAGED).position or 0
    at = erase(ledger).position

    gone = {"subject": "contact-7", "at_position": at, "erased": True}
    assert read(ledger, position)["summary"] == gone
    assert read(ledger, position)["kind"] == "call"
    with psycopg.connect(ledger.url) as connection:
        rows = connection.execute("select subject, wrapped, erased_position from keys.subject_key")
        assert rows.fetchall() == [("contact-7", None, at)]


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        (DatabaseRole.READER, "select * from keys.subject_key"),
        (DatabaseRole.PROJECTOR, "select * from keys.subject_key"),
        (DatabaseRole.READER, "select keys.write_anew()"),
        (DatabaseRole.WRITER, "delete from keys.subject_key"),
        (DatabaseRole.WRITER, "truncate keys.subject_key"),
        (DatabaseRole.WRITER, "drop table keys.subject_key"),
    ],
)
def test_keys_are_closed_to_who_handles_sealed_text_only(
    any_database_url: str, role: DatabaseRole, statement: LiteralString
) -> None:
    with (
        connect(any_database_url, role, application="test") as connection,
        pytest.raises(InsufficientPrivilege),
    ):
        connection.execute(statement)


def test_the_table_s_own_file_holds_the_wrapped_key_no_longer(ledger: Ledger) -> None:
    def on_disk() -> bytes:
        with psycopg.connect(ledger.url, autocommit=True) as owner:
            owner.execute("checkpoint")
            row = owner.execute(
                "select pg_read_binary_file(pg_relation_filepath('keys.subject_key'))"
            ).fetchone()
        assert row is not None
        return bytes(row[0])

    send(ledger, ENGAGED)
    with psycopg.connect(ledger.url) as owner:
        row = owner.execute("select wrapped from keys.subject_key").fetchone()
    assert row is not None
    assert row[0] in on_disk()
    erase(ledger)
    assert b"contact-7" in on_disk()
    assert row[0] not in on_disk()


def test_another_ledger_shows_it_as_erased_at_once(ledger: Ledger) -> None:
    position = send(ledger, ENGAGED).position or 0
    with Ledger(ledger.url) as there:
        assert read(there, position)["summary"] == MARKER
        erase(ledger)
        assert read(there, position)["summary"]["erased"]


def test_nothing_more_is_sealed_about_someone_who_was_erased_not_even_from_an_old_cache(
    ledger: Ledger,
) -> None:
    with Ledger(ledger.url) as there:
        send(there, ENGAGED)
        erase(ledger)

        assert refusal(there, ENGAGED) == "subject-erased"
    assert refusal(ledger, ENGAGED) == "subject-erased"
    assert send(ledger, RecordEngagement(LIMA, "call", "about buses")).version == 3


def test_a_retry_is_recognised_by_its_text_and_another_text_is_refused(ledger: Ledger) -> None:
    first = send(ledger, ENGAGED, "once")
    with Ledger(ledger.url) as there:
        again = send(there, ENGAGED, "once")
        other = replace(ENGAGED, summary=f"{MARKER}.")
        assert refusal(there, other, "once") == "idempotency-key-reused"

    assert (again.replayed, again.events) == (True, first.events)


def test_a_retry_about_someone_who_was_erased_is_refused_and_never_recorded_twice(
    ledger: Ledger,
) -> None:
    send(ledger, ENGAGED, "once")
    erase(ledger, key="erasure")
    size = ledger.store.size()

    assert refusal(ledger, ENGAGED, "once") == "subject-erased"
    assert erase(ledger, key="erasure").replayed
    with pytest.raises(DomainError) as refused:
        erase(ledger)
    assert refused.value.code == "already-erased"
    assert ledger.store.size() == size


def test_the_same_text_in_the_command_its_event_and_its_reason_is_one_ciphertext(
    ledger: Ledger,
) -> None:
    position = send(ledger, ENGAGED).position or 0
    (record,) = ledger.read(position)
    assert record.meta.command.body is not None
    data = json.loads(json.dumps(as_dict(record)["data"]))
    assert record.meta.command.body["summary"] == data["summary"]
    assert data["summary"]["command"] == record.meta.command.id
    assert data["summary"]["path"] == "summary"


def test_blank_text_is_not_sealed_and_still_refused_where_it_must_be_filled(
    ledger: Ledger,
) -> None:
    assert refusal(ledger, RecordEngagement(LIMA, "call", " ")) == "empty-text"
    position = send(ledger, RecordEngagement(LIMA, "call", "about buses")).position or 0
    (record,) = ledger.read(position)
    assert as_dict(record)["data"]["contact_name"] == ""
    assert as_dict(record)["data"]["summary"]["subject"] == OFFICER


def test_a_refused_command_leaves_no_key(ledger: Ledger) -> None:
    assert refusal(ledger, RecordEngagement(CityId("nowhere"), "call", MARKER)) == "unknown-city"
    with psycopg.connect(ledger.url) as connection:
        assert connection.execute("select * from keys.subject_key").fetchall() == []


def test_without_its_key_encryption_key_a_ledger_neither_seals_nor_opens(ledger: Ledger) -> None:
    position = send(ledger, ENGAGED).position or 0
    other = KeyEncryption((b"another key of thirty-two bytes!",))
    with Ledger(ledger.url, encryption=other) as there:
        with pytest.raises(KeyRefused, match="not at hand"):
            read(there, position)
        with pytest.raises(KeyRefused, match="not at hand"):
            send(there, ENGAGED)
        with pytest.raises(KeyRefused, match="not at hand"):
            there.keyring.check()


def test_a_key_encryption_key_is_replaced_by_wrapping_again(ledger: Ledger) -> None:
    position = send(ledger, ENGAGED).position or 0
    old, new = bytes(32), b"another key of thirty-two bytes!"
    with Ledger(ledger.url, encryption=KeyEncryption((new, old))) as both:
        assert both.keyring.rewrap() == 1
        assert both.keyring.rewrap() == 0
    with Ledger(ledger.url, encryption=KeyEncryption((new,))) as there:
        assert read(there, position)["summary"] == MARKER


def test_a_group_sealed_with_a_key_that_lost_the_race_is_not_recorded(ledger: Ledger) -> None:
    """Another process met the same person first: nothing would open what was sealed here."""
    hanoi = CityId("VN-HAN")
    send(ledger, RegisterCity(hanoi, Text("Hanoi"), "VN"))
    group = ledger.draft()
    group.decide(Envelope(ENGAGED, act()))
    with Ledger(ledger.url) as there:
        send(there, replace(ENGAGED, city_id=hanoi))
    with pytest.raises(Contended):
        ledger.commit(group)


def test_whoever_meets_a_person_first_from_many_threads_all_text_opens(ledger: Ledger) -> None:
    # Each in a city of their own: the person's key is all that they compete for.
    people = [f"person-{number}" for number in range(20)]
    cities = [CityId(f"city-{number}") for number in range(4)]
    for city in cities:
        send(ledger, RegisterCity(city, Text(city), "PE"))
    with Ledger(ledger.url) as there, ThreadPoolExecutor(4) as threads:
        sent = [
            threads.submit(send, at, RecordEngagement(city, "call", MARKER, who))
            for who in people
            for city, at in zip(cities, (ledger, there) * 2, strict=True)
        ]
        positions = {receipt.result().position or 0 for receipt in sent}
    assert len(positions) == 4 * len(people)
    assert {read(ledger, position)["summary"] for position in positions} == {MARKER}
