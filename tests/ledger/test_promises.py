"""Any interleaving of requests, refusals and restarts keeps the six promises.

Two writers append at once to a real server; connections are ended and the server is stopped as
by a crash, each while requests are under way. After every step the log must be what a list in
memory would be, had it taken the same requests one after the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from psycopg import Connection

from core.ledger.merkle import Frontier, leaf_hash
from core.ledger.migrate import migrate
from core.ledger.requests import Answer, Key, NewEvent, Request
from core.ledger.writer import OutcomeUnknown, Writer
from tests.faults.clusters import Cluster, programs, running
from tests.ledger.model import UNKNOWN, Model, Told
from tests.processes import needs_proc, until

TYPE = "tests.written.1"
STREAMS = ("a-0", "a-1", "b-0", "b-1")
END = (
    "select count(pg_terminate_backend(pid)) from pg_stat_activity "
    "where application_name = 'ssp-writer'"
)


@st.composite
def shapes(draw: st.DrawFn) -> dict[str, Any]:
    """What a request is to be like, seen from whatever the log then holds."""
    return {
        "streams": draw(st.lists(st.sampled_from(STREAMS), min_size=1, max_size=4)),
        "behind": draw(st.sampled_from((0, 0, 0, 1))),
        "reads": draw(st.sets(st.sampled_from(STREAMS))),
        "ranges": draw(st.dictionaries(st.sampled_from(("a-", "b-")), st.sampled_from((0, 0, 2)))),
        "clock": draw(st.integers(-60, 60)),
        "keys": draw(st.sampled_from(("none", "one", "each", "each", "old", "reused"))),
    }


class Promises(RuleBasedStateMachine):
    """One log of its own in a server that all examples share."""

    cluster: Cluster
    logs = count(2)

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.now = datetime(2024, 6, 3, tzinfo=UTC)
        self.names = count()
        self.crashed = False
        self.log = next(self.logs)
        with closing(self.connected()) as connection:
            connection.execute(
                "insert into ledger.head (log_id, name) values (%s, %s)", (self.log, f"{self.log}")
            )
        self.writers = [self.writer(), self.writer()]

    def teardown(self) -> None:
        for writer in self.writers:
            writer.close()

    def connected(self) -> Connection[Any]:
        return psycopg.connect(self.cluster.url, autocommit=True)

    def writer(self) -> Writer:
        return Writer(self.cluster.url, clock=lambda: self.now, log=self.log)

    @rule(shaped=st.lists(shapes(), min_size=1, max_size=4))
    def append_at_once(self, shaped: Sequence[dict[str, Any]]) -> None:
        """From two processes, as it were, and several threads of each."""
        requests = [self.request(shape) for shape in shaped]
        with ThreadPoolExecutor(len(requests)) as threads:
            answers = self.sent(threads, requests)
        self.check(requests, answers, lost=False)

    @rule(shaped=st.lists(shapes(), min_size=1, max_size=3))
    def end_connections_meanwhile(self, shaped: Sequence[dict[str, Any]]) -> None:
        requests = [self.request(shape) for shape in shaped]
        with ThreadPoolExecutor(len(requests)) as threads, closing(self.connected()) as server:
            answers = self.sent(threads, requests)
            server.execute(END)
        self.check(requests, answers, lost=True)

    @precondition(lambda self: not self.crashed)  # a restart takes half a second
    @rule(shaped=st.lists(shapes(), min_size=1, max_size=3))
    def crash_meanwhile(self, shaped: Sequence[dict[str, Any]]) -> None:
        self.crashed = True
        requests = [self.request(shape) for shape in shaped]
        with ThreadPoolExecutor(len(requests)) as threads:
            answers = self.sent(threads, requests)
            self.cluster.stop("immediate")
            self.cluster.start()
        self.check(requests, answers, lost=True)

    @rule(shape=shapes())
    def hold_up_and_end(self, shape: dict[str, Any]) -> None:
        """What waits for the head's lock is lost with its connection, and sent again."""
        request = self.request(shape)
        with ThreadPoolExecutor(1) as threads, closing(self.connected()) as server:
            holder = self.connected()
            with closing(holder), holder.transaction():
                holder.execute("select from ledger.head where log_id = %s for update", (self.log,))
                answers = self.sent(threads, [request])
                until(lambda: self.waiting(server), 30)
                server.execute(END)
        self.check([request], answers, lost=True)

    @rule(number=st.sampled_from((0, 1)))
    def restart_a_writer(self, number: int) -> None:
        self.writers[number].close()
        self.writers[number] = self.writer()

    def request(self, shape: dict[str, Any]) -> Request:
        """Make the request that somebody would send who saw the log so many events ago."""
        model, name = self.model, next(self.names)
        self.now += timedelta(seconds=shape["clock"])
        versions = {s: max(0, model.version(s) - shape["behind"]) for s in STREAMS}
        events: list[NewEvent] = []
        at = dict(versions)
        for stream in shape["streams"]:
            at[stream] += 1
            body = f'"type":"{TYPE}","n":"{name}.{len(events)}"}}'.encode()
            events.append(NewEvent(stream, at[stream], TYPE, body))
        last = len(model.events) - 1
        return Request(
            events,
            list(self.keys(shape["keys"], name, len(events))),
            {stream: versions[stream] for stream in shape["reads"]},
            {prefix: max(-1, last - back) for prefix, back in shape["ranges"].items()},
        )

    def keys(self, kind: str, name: int, events: int) -> Iterator[Key]:
        digest = sha256(f"{name}".encode()).digest()
        known = list(self.model.keys.items())
        if kind in {"old", "reused"} and known:
            key, (old, _, _) = known[name % len(known)]
            yield Key(key, old if kind == "old" else digest, 0, events)
        elif kind == "each":
            for n in range(events):
                yield Key(f"{name}.{n}", digest, n, 1)
        elif kind != "none":
            yield Key(f"{name}", digest, 0, events)

    def sent(
        self, threads: ThreadPoolExecutor, requests: Sequence[Request]
    ) -> list[Future[Answer]]:
        return [
            threads.submit(self.writers[n % 2].append, request)
            for n, request in enumerate(requests)
        ]

    def waiting(self, server: Connection[Any]) -> bool:
        row = server.execute(
            "select count(*) from pg_stat_activity where application_name = 'ssp-writer' "
            "and wait_event_type = 'Lock'"
        ).fetchone()
        return row is not None and row[0] > 0

    def check(
        self, requests: Sequence[Request], answers: Sequence[Future[Answer]], *, lost: bool
    ) -> None:
        """Compare all that is stored with the model, after what was answered."""
        told = [_told(answer) for answer in answers]
        with closing(self.connected()) as connection:
            rows = connection.execute(
                "select position, stream, version, type, record, leaf, recorded_at "
                "from ledger.event where log_id = %s order by position",
                (self.log,),
            ).fetchall()
            head = connection.execute(
                "select size, ledger.root(frontier) from ledger.head where log_id = %s", (self.log,)
            ).fetchone()
            keys = connection.execute(
                "select key, digest, first_position, event_count from ledger.command "
                "where log_id = %s",
                (self.log,),
            ).fetchall()
        assert [row[0] for row in rows] == list(range(len(rows)))
        stored = [NewEvent(row[1], row[2], row[3], _body(row[4])) for row in rows]
        assert stored[: len(self.model.events)] == self.model.events
        self.model = self.model.after(requests, told, stored, lost=lost)
        assert {key: tuple(rest) for key, *rest in keys} == self.model.keys
        tree = Frontier()
        for row in rows:
            assert row[5] == leaf_hash(row[4])
            tree.add(row[5])
        assert head == (len(rows), tree.root())
        assert all(a[6] <= b[6] for a, b in pairwise(rows))
        for answer in answers:
            if answer.exception() is None and (first := answer.result().first_position) is not None:
                assert answer.result().at == rows[first][6]


def _told(answer: Future[Answer]) -> Told:
    try:
        found = answer.result(60)
    except OutcomeUnknown:
        return UNKNOWN, None
    return found.outcome, found.first_position


def _body(record: bytes) -> bytes:
    """Return what was sent of a record: the ledger wrote the instant in front."""
    return record.partition(b",")[2]


@pytest.mark.uncounted
@needs_proc
@pytest.mark.parametrize(
    "version", ["18-embedded", pytest.param("15-debian", marks=pytest.mark.campaign)]
)
def test_any_interleaving_keeps_the_six_promises(
    short_folder: Path, version: str, rounds: int
) -> None:
    given = Cluster(short_folder / "pg", programs(version))
    given.folder.mkdir()
    with running(given):
        migrate(given.url)

        class OnThisServer(Promises):
            cluster = given

        run_state_machine_as_test(
            OnThisServer,
            settings=settings(
                max_examples=12 * rounds,
                stateful_step_count=10,
                suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
            ),
        )
