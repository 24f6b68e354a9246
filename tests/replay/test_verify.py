"""Verification names the first position that is wrong, whatever was done to the log."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.evaluations.commands import RecuseEvaluator
from core.ledger.requests import NewEvent, Request
from core.ledger.roles import DatabaseRole, connect
from core.ledger.store import append
from projections.projector import Projector
from projections.views import VIEWS
from replay.verify import verify, verify_views
from tests.replay.exports import checkpoint_of
from tests.rounds import Round, app, evaluator_id
from tests.tampering import unguarded


def tamper(round_: Round, statement: str, *parameters: object) -> None:
    with unguarded(round_.ledger.url) as connection:
        connection.execute(statement.encode(), parameters)


def test_an_untouched_log_verifies_and_reports_its_root(round_: Round) -> None:
    round_.whole()
    told: list[tuple[int, int]] = []
    result = verify(round_.ledger.store, lambda done, of: told.append((done, of)))
    assert result.fault is None
    assert result.root == result.head_root == round_.ledger.store.head().root.hex()
    assert told[-1] == (result.size, result.size)


def test_an_empty_log_verifies(round_: Round) -> None:
    assert verify(round_.ledger.store).fault is None


@pytest.mark.parametrize(
    ("statement", "position", "finding"),
    [
        (
            (
                "update ledger.event set record = replace(convert_from(record, 'UTF8'), 'Rubric', "
                "'rubric')::bytea where position = 0"
            ),
            0,
            "the leaf is not the hash",
        ),
        (
            "update ledger.event set leaf = sha256(record) where position = 5",
            5,
            "the leaf is not the hash",
        ),
        ("delete from ledger.event where position = 7", 7, "position 7 is missing"),
        ("update ledger.event set type = 'calls.closed.1' where position = 0", 0, "type is"),
        (
            (
                "update ledger.event set recorded_at = recorded_at - interval '1 hour' "
                "where position = 9"
            ),
            9,
            "recorded_at is",
        ),
        ("update ledger.event set stream = 'call-d' where position = 2", 2, "stream is"),
        ("update ledger.head set size = size - 1", None, "root"),
        ("update ledger.head set frontier = array[sha256(frontier[1])]", None, "root"),
    ],
)
def test_what_was_done_to_the_log_is_named(
    round_: Round, statement: str, position: int | None, finding: str
) -> None:
    round_.whole()
    tamper(round_, statement)
    fault = verify(round_.ledger.store).fault
    assert fault is not None
    assert fault.position == position
    assert finding in fault.finding


def test_the_end_of_the_log_cut_off_is_noticed(round_: Round) -> None:
    round_.whole()
    size = round_.ledger.store.size()
    tamper(round_, "delete from ledger.event where position = %s", size - 1)
    fault = verify(round_.ledger.store).fault
    assert fault is not None
    assert fault.position == size - 1


def test_a_view_that_differs_from_a_rebuild_is_named(round_: Round) -> None:
    assert {(v.position, v.finding) for v in verify_views(round_.ledger)} == {(None, "")}
    round_.whole()
    last = round_.ledger.store.size() - 1
    projector = Projector(round_.ledger.url, VIEWS)
    projector.catch_up()
    projector.stop()
    assert {(v.position, v.finding) for v in verify_views(round_.ledger)} == {(last, "")}
    tamper(
        round_,
        "update views.partner_pools set doc = replace(doc::text, 'Latin', 'Greek')::json "
        "where key = 'y'",
    )
    findings = {v.view: v.finding for v in verify_views(round_.ledger)}
    assert "first 'y'" in findings.pop("partner_pools")
    assert set(findings.values()) == {""}


def test_each_view_is_compared_at_its_own_position(round_: Round) -> None:
    round_.announce()
    first, *others = VIEWS
    ahead = Projector(round_.ledger.url, VIEWS)
    early = ahead.catch_up()
    ahead.stop()
    round_.score()
    ahead = Projector(round_.ledger.url, [first])
    late = ahead.catch_up()
    ahead.stop()
    assert early < late
    found = {v.view: (v.position, v.finding) for v in verify_views(round_.ledger)}
    assert found == {first.name: (late, "")} | {v.name: (early, "") for v in others}


def test_recorded_times_are_read_back_in_utc(round_: Round) -> None:
    round_.announce()
    record = next(round_.ledger.read())
    assert record.recorded_at <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("place", "finding"),
    [
        ("{data,reason}", "sealed for the command"),
        ("{command,body,reason}", "none of the command's"),
        ("{reason}", "sealed for the command"),
    ],
)
def test_sealed_text_of_another_command_is_noticed_though_its_leaf_was_made_anew(
    round_: Round, place: str, finding: str
) -> None:
    """Whoever can write to the log could lend a person's words to another occasion."""
    round_.whole()
    for city in ("x", "y"):
        round_.do(RecuseEvaluator(evaluator_id("e1"), app(city), "her brother works there"))
    last = round_.ledger.store.size() - 1
    assert verify(round_.ledger.store).fault is None
    tamper(
        round_,
        "update ledger.event t set record = convert_to(jsonb_set("
        "convert_from(t.record, 'UTF8')::jsonb, %s::text[], "
        "convert_from(o.record, 'UTF8')::jsonb #> '{data,reason}')::text, 'UTF8') "
        "from ledger.event o where t.position = %s and o.position = %s",
        place,
        last,
        last - 1,
    )
    tamper(
        round_,
        "update ledger.event set leaf = sha256('\\x00'::bytea || record) where position = %s",
        last,
    )
    fault = verify(round_.ledger.store).fault
    assert fault is not None
    assert fault.position == last
    assert finding in fault.finding


def grown(round_: Round, count: int) -> None:
    """Append records that say of themselves what stands beside them."""
    events = [
        NewEvent("s", n + 1, "t.1", f'"type":"t.1","subject":"s","version":{n + 1}}}'.encode())
        for n in range(count)
    ]
    with connect(round_.ledger.url, DatabaseRole.WRITER, application="tests") as connection:
        append(connection, [Request(events)])


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        (
            "update ledger.node set hash = sha256(hash) where index = 1",
            "positions 256 to 511 is not that of their records",
        ),
        (
            "delete from ledger.node where index = 0",
            "positions 0 to 255 is not that of their records",
        ),
        (
            "insert into ledger.node select log_id, 9, 0, hash from ledger.node where index = 0",
            "positions 0 to 511 is none that the tree has",
        ),
        (
            (
                "insert into ledger.event select log_id, 600, 'other', 1, type, recorded_at, "
                "record, leaf from ledger.event where position = 599"
            ),
            "the head counts 600 events, and more are stored",
        ),
    ],
    ids=["changed", "taken", "added", "behind"],
)
def test_what_the_database_keeps_beside_the_records_is_held_against_them(
    round_: Round, statement: str, finding: str
) -> None:
    grown(round_, 600)
    assert verify(round_.ledger.store).fault is None
    tamper(round_, statement)
    fault = verify(round_.ledger.store).fault
    assert fault is not None
    assert finding in fault.finding


def test_the_live_log_goes_on_from_what_was_signed_or_says_that_it_does_not(
    round_: Round,
) -> None:
    grown(round_, 300)
    earlier, _ = checkpoint_of(round_.ledger)
    forked = replace(earlier, root=bytes(32))
    beyond = replace(earlier, size=10_000)
    round_.announce()
    url = round_.ledger.url
    assert verify(round_.ledger.store, checkpoints=[earlier], url=url).fault is None
    for checkpoint, finding in ((forked, "its first 300 records are not"), (beyond, "ends here")):
        fault = verify(round_.ledger.store, checkpoints=[checkpoint]).fault
        assert fault is not None
        assert finding in fault.finding
