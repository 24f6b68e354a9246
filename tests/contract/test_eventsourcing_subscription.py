"""A subscription yields every event once and in order, through outages and without hints."""

from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from threading import Thread, Timer

import psycopg
import pytest
from eventsourcing.persistence import ApplicationRecorder, StoredEvent, Subscription, Tracking
from psycopg import sql

from core.ledger.recorders import LedgerApplicationRecorder, LedgerProcessRecorder

pytestmark = pytest.mark.uncounted


def event(originator: str, version: int = 1, topic: str = "orders:Placed") -> StoredEvent:
    return StoredEvent(originator, version, topic, b"state")


def taken(subscription: Subscription[ApplicationRecorder], count: int) -> list[int]:
    """Return the ids of the next notifications, fewer where one does not come."""
    timer = Timer(20, subscription.stop)
    timer.start()
    try:
        return [notification.id for notification in islice(subscription, count)]
    finally:
        timer.cancel()


def test_a_subscriber_misses_nothing_while_eight_threads_insert(
    recorder: LedgerApplicationRecorder, process: LedgerProcessRecorder
) -> None:
    """Half of the threads share flushes, the others have transactions of their own."""

    def insert(thread: int) -> None:
        for n in range(1, 41):
            if thread % 2:
                process.insert_events([event(f"{thread}", n)], tracking=Tracking(f"{thread}", n))
            else:
                recorder.insert_events([event(f"{thread}", n)])

    with ThreadPoolExecutor(8) as threads, recorder.subscribe() as subscription:
        inserted = threads.map(insert, range(8))
        seen = taken(subscription, 8 * 40)
        assert list(inserted) == [None] * 8
    assert seen == list(range(1, 8 * 40 + 1))


def test_a_subscription_survives_the_loss_of_every_connection(
    recorder: LedgerApplicationRecorder, any_database_url: str
) -> None:
    with (
        ThreadPoolExecutor(1) as thread,
        recorder.subscribe() as subscription,
        psycopg.connect(any_database_url, autocommit=True) as killer,
    ):
        for n in range(1, 5):
            waiting = thread.submit(next, subscription)
            killer.execute("select pg_sleep(0.15)")  # until it listens
            killer.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid()"
            )
            recorder.insert_events([event("a", n)])
            assert waiting.result(timeout=10).id == n


def test_a_subscription_finds_what_it_was_not_notified_of(
    recorder: LedgerApplicationRecorder, any_database_url: str
) -> None:
    with psycopg.connect(any_database_url) as connection:
        row = connection.execute("select pg_get_functiondef('ledger.append'::regproc)").fetchone()
        assert row is not None
        assert "perform pg_notify" in row[0]
        silent = row[0].replace("perform pg_notify", "perform concat")
        connection.execute(sql.SQL(silent))

    with ThreadPoolExecutor(1) as thread, recorder.subscribe() as subscription:
        waiting = thread.submit(next, subscription)
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.2)
        recorder.insert_events([event("a")])
        assert waiting.result(timeout=5).id == 1


def test_a_subscription_to_topics_passes_over_the_others(
    recorder: LedgerApplicationRecorder,
) -> None:
    for n in range(1, 4):
        recorder.insert_events([event("a", 2 * n - 1), event("a", 2 * n, "orders:Shipped")])

    with recorder.subscribe(gt=2, topics=["orders:Shipped"]) as subscription:
        assert taken(subscription, 2) == [4, 6]


def test_a_waiting_subscriber_can_be_stopped_by_another_thread(
    recorder: LedgerApplicationRecorder,
) -> None:
    found: list[int] = []
    subscription = recorder.subscribe()
    reader = Thread(target=lambda: found.extend(n.id for n in subscription))
    with subscription:
        reader.start()
        recorder.insert_events([event("a")])
    reader.join(5)

    assert not reader.is_alive()
