"""The faults, as data: what each is called, how it is brought about, and how it is healed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import psycopg

from tests.faults.stage import Program, Stage
from tests.ledger.standby import waiting_for_nobody


def _nothing(_: Stage) -> None:
    """Some faults heal by themselves."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong at a random moment, and what makes it right again.

    `rare` ones happen in a campaign only: they need a server, or are much like another.
    """

    name: str
    inject: Callable[[Stage], None]
    heal: Callable[[Stage], None] = _nothing
    rare: bool = False


def _start_cluster(stage: Stage) -> None:
    stage.cluster.start()


def _start_what_ended(stage: Stage) -> None:
    for program in (*stage.servers, *stage.writers):
        if program.process is not None and program.process.poll() is not None:
            program.start()


def _kill_one(stage: Stage, programs: list[Program]) -> None:
    stage.random.choice(programs).kill()


def _kill_a_backend(stage: Stage) -> None:
    """PostgreSQL then ends all others, and recovers as after a crash."""
    with psycopg.connect(stage.cluster.url, autocommit=True) as connection:
        found = connection.execute(
            "select pid from pg_stat_activity where application_name = 'ssp-writer'"
        ).fetchall()
    with suppress(ProcessLookupError):
        os.kill(stage.random.choice(found)[0], signal.SIGKILL)


def _end_connections(stage: Stage) -> None:
    with psycopg.connect(stage.cluster.url, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() "
            "and backend_type = 'client backend'"
        )


def _lose(kind: str, share: float) -> Callable[[Stage], None]:
    def lose(stage: Stage) -> None:
        stage.proxy.losing[kind] = share
        before = stage.proxy.lost
        while stage.proxy.lost < before + 8:
            time.sleep(0.02)

    return lose


def _lose_nothing(stage: Stage) -> None:
    stage.proxy.losing = dict.fromkeys(stage.proxy.losing, 0.0)


def _stop_a_writer(stage: Stage) -> None:
    stopped = stage.random.choice(stage.writers)
    stopped.send(signal.SIGSTOP)
    stage.until_all_write(but=[stopped])


def _continue_all(stage: Stage) -> None:
    for writer in stage.writers:
        writer.send(signal.SIGCONT)


def _step_clock(stage: Stage) -> None:
    for seconds in (86_400, -86_400, stage.random.uniform(-3_600, 3_600)):
        stage.clock.write_text(f"{seconds}")
        stage.until_all_write(1)


def _set_clock_right(stage: Stage) -> None:
    stage.clock.write_text("0")


def _cancel_waits(stage: Stage) -> None:
    """Let commits wait for a standby that is not there, and cancel the waits.

    Nothing may be acknowledged meanwhile, and nothing of it after the fact by a repetition.
    """
    with waiting_for_nobody(stage.cluster.url) as server:
        time.sleep(0.2)  # what was answered before is noted by now
        before = set(stage.noted().places)
        deadline, cancelled = time.monotonic() + 5, 0
        while cancelled < 12 and time.monotonic() < deadline:
            row = server.execute(
                "select count(*) filter (where pg_cancel_backend(pid)) from pg_stat_activity "
                "where wait_event = 'SyncRep'"
            ).fetchone()
            cancelled += row[0] if row else 0
            time.sleep(0.05)
        time.sleep(0.2)
        told = set(stage.noted().places) - before
    assert cancelled
    assert not told, f"acknowledged although no standby had it: {sorted(told)}"


FAULTS = (
    Fault("server killed", lambda s: _kill_one(s, s.servers), _start_what_ended, rare=True),
    Fault("writer killed", lambda s: _kill_one(s, s.writers), _start_what_ended),
    Fault("PostgreSQL killed", lambda s: s.cluster.kill(), _start_cluster),
    Fault("PostgreSQL stopped at once", lambda s: s.cluster.stop("immediate"), _start_cluster),
    Fault("PostgreSQL stopped", lambda s: s.cluster.stop("fast"), _start_cluster, rare=True),
    Fault("backend killed", _kill_a_backend, rare=True),
    Fault("backends ended", _end_connections, rare=True),
    Fault("connections cut", lambda s: s.proxy.cut(), rare=True),
    Fault("requests lost", _lose("requests", 0.1), _lose_nothing),
    Fault("answers lost", _lose("answers", 0.1), _lose_nothing),
    Fault("writer stopped", _stop_a_writer, _continue_all),
    Fault("clock stepped", _step_clock, _set_clock_right),
    Fault("waits for a standby cancelled", _cancel_waits),
)
