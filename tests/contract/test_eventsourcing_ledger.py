"""What applications of the library get from this ledger beyond the library's own contract."""

import base64
import json
from hashlib import sha256
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import (
    DataError,
    IntegrityError,
    OperationalError,
    StoredEvent,
    Tracking,
)
from eventsourcing.utils import Environment

from core.ledger.factory import LedgerFactory
from core.ledger.ledger import Ledger
from core.ledger.recorders import LedgerApplicationRecorder, LedgerProcessRecorder

pytestmark = pytest.mark.uncounted


def event(originator: UUID | str, version: int = 1, topic: str = "orders:Placed") -> StoredEvent:
    return StoredEvent(originator, version, topic, b"\x00state")


def test_an_event_is_a_record_under_the_root_of_its_applications_log(
    recorder: LedgerApplicationRecorder, any_database_url: str
) -> None:
    originator = uuid4()
    recorder.insert_events([event(originator)])

    with psycopg.connect(any_database_url) as connection:
        row = connection.execute(
            "select e.record, e.leaf, ledger.root(h.frontier), h.size from ledger.event e "
            "join ledger.head h using (log_id) where h.name = 'eventsourcing:Orders'"
        ).fetchone()
    assert row is not None
    record, leaf, root, size = row
    content = json.loads(record)
    assert content.pop("recorded_at")
    assert base64.b64decode(content.pop("data_base64")) == b"\x00state"
    assert content == {
        "type": "orders:Placed",
        "source": "Orders",
        "subject": str(originator),
        "subject_type": "uuid",
        "version": 1,
    }
    assert leaf == root == sha256(b"\x00" + record).digest()
    assert size == 1


def test_applications_and_our_own_log_do_not_see_each_others_events(
    recorder: LedgerApplicationRecorder, any_database_url: str
) -> None:
    other = LedgerFactory(Environment("Payments", {"SSP_DATABASE_URL": any_database_url}))
    try:
        assert recorder.insert_events([event("a"), event("b")]) == [1, 2]
        assert other.application_recorder().insert_events([event("a")]) == [1]
        assert [n.id for n in recorder.select_notifications(None, 10)] == [1, 2]
    finally:
        other.close()
    with Ledger(any_database_url) as ledger:
        assert list(ledger.read()) == []


def test_the_same_events_under_one_key_are_recorded_once(
    recorder: LedgerApplicationRecorder,
) -> None:
    assert recorder.insert_events([event("a")], key="once") == [1]
    assert recorder.insert_events([event("a")], key="once") == [1]
    with pytest.raises(IntegrityError, match="key-reused"):
        recorder.insert_events([event("b")], key="once")


def test_a_decision_that_names_what_it_read_is_refused_where_that_has_changed(
    recorder: LedgerApplicationRecorder,
) -> None:
    recorder.insert_events([event("a")])

    with pytest.raises(IntegrityError, match="conflict: a"):
        recorder.insert_events([event("b")], reads={"a": 0})
    assert recorder.insert_events([event("b")], reads={"a": 1, "b": 0}) == [2]


def test_a_conflicting_event_leaves_no_progress_behind(process: LedgerProcessRecorder) -> None:
    process.insert_events([event("a")])

    with pytest.raises(IntegrityError):
        process.insert_events([event("b"), event("a")], tracking=Tracking("upstream", 1))

    assert process.max_tracking_id("upstream") is None
    assert process.max_notification_id() == 1


def test_what_was_processed_before_leaves_no_event_behind(process: LedgerProcessRecorder) -> None:
    process.insert_events([], tracking=Tracking("upstream", 2))

    with pytest.raises(IntegrityError):
        process.insert_events([event("a")], tracking=Tracking("upstream", 2))

    assert process.select_events("a") == []
    assert process.insert_events([event("a")], tracking=Tracking("upstream", 3)) == [1]


def test_refusals_have_the_librarys_names(
    factory: LedgerFactory, recorder: LedgerApplicationRecorder
) -> None:
    with pytest.raises(DataError, match="invalid byte sequence"):
        recorder.insert_events([event("a\x00b")])
    factory.close()
    with pytest.raises(OperationalError):
        recorder.insert_events([event("a")])
    with pytest.raises(OperationalError):
        recorder.max_notification_id()
