"""However a command ends: its log is whole, its server has stopped, and its code tells why."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from core.cities.commands import RegisterCity
from core.ledger import embedded
from core.ledger.ledger import Ledger
from core.ledger.migrate import migrate
from core.vocabulary import CityId, Text
from projections.projector import progress
from replay.demo import round_2024
from replay.verify import verify
from tests.processes import (
    SSP,
    TIMEOUT_S,
    assert_nothing_runs_in,
    called,
    environment,
    needs_proc,
    started,
    until,
)
from tests.projections.logs import drop_views
from tests.rounds import Round


@pytest.mark.uncounted
@needs_proc
@pytest.mark.parametrize(
    ("number", "code", "phase"),
    [(signal.SIGINT, 130, "applications"), (signal.SIGTERM, 143, "document evaluation")],
)
def test_a_demo_that_is_stopped_leaves_nothing_running_and_is_taken_up_again(
    short_folder: Path, tmp_path: Path, number: signal.Signals, code: int, phase: str
) -> None:
    folder = short_folder / "data"
    with started(tmp_path, "demo", SSP_DATA_DIR=folder) as playing:
        until(lambda: playing.said(phase))
        # As a terminal does on Ctrl-C: to every process of the group.
        os.killpg(playing.process.pid, number)
        assert playing.process.wait(TIMEOUT_S) == code
        said = playing.errors.read_text()
    assert "Traceback" not in said
    assert ("interrupted" in said) == (code == 130)
    assert_nothing_runs_in(folder)
    with embedded.start(folder) as server, Ledger(server.url) as ledger:
        partly = ledger.store.size()
        assert 0 < partly < round_2024.COMMANDS
        assert verify(ledger.store).fault is None
        # What was begun is ended, and only then is the log not the demo's to play into.
        round_2024.play(ledger)
        assert ledger.store.size() == round_2024.EVENTS
        assert verify(ledger.store).fault is None
        assert called("demo", SSP_DATA_DIR=folder).returncode == 2


def test_a_reader_that_goes_away_ends_a_command_without_a_complaint(database_url: str) -> None:
    with Ledger(database_url) as ledger:
        Round(ledger).whole()
    for line in ("replay view ranking", "verify --no-views", "migrate"):
        with closed_pipe() as pipe:
            done = subprocess.run(
                [SSP, *line.split()],
                check=False,
                env=environment(SSP_DATABASE_URL=database_url),
                stdout=pipe,
                stderr=subprocess.PIPE,
                text=True,
            )
        assert done.returncode == 141, line
        assert "Broken" not in done.stderr
        assert "Traceback" not in done.stderr


@contextmanager
def closed_pipe() -> Generator[int]:
    """The end of a pipe for writing, when nobody will read."""
    read, write = os.pipe()
    os.close(read)
    try:
        yield write
    finally:
        os.close(write)


def test_a_database_that_goes_away_meanwhile_is_an_error_and_not_a_trace(
    database_url: str, tmp_path: Path
) -> None:
    """The head is locked, so that the command waits in the middle of its first append."""
    with (
        psycopg.connect(database_url) as holder,
        psycopg.connect(database_url, autocommit=True) as killer,
    ):
        holder.execute("select from ledger.head where log_id = 1 for update")
        with started(tmp_path, "demo", SSP_DATABASE_URL=database_url) as playing:
            waiting = "select count(*) from pg_locks where not granted"
            until(lambda: killer.execute(waiting).fetchone() != (0,))
            killer.execute(
                "select pg_cancel_backend(pid) from pg_stat_activity "
                "where application_name = 'ssp-writer' and datname = current_database()"
            )
            assert playing.process.wait(TIMEOUT_S) == 3
            said = playing.errors.read_text()
    assert "ssp: the database does not answer: canceling statement" in said
    assert "Traceback" not in said


def positions(url: str) -> set[int]:
    """Where the views are."""
    with psycopg.connect(url) as connection:
        return set(progress(connection).values())


@needs_proc
def test_the_projector_stops_when_told_and_fails_when_it_cannot_go_on(
    short_folder: Path, tmp_path: Path
) -> None:
    folder = short_folder / "data"
    with embedded.start(folder) as server:
        migrate(server.url)
        with Ledger(server.url) as ledger:
            Round(ledger).whole()
            last = ledger.store.size() - 1
        for number in (signal.SIGTERM, signal.SIGINT):
            with started(tmp_path, "project", SSP_DATA_DIR=folder) as projecting:
                until(lambda: projecting.said("projector.started"))
                until(lambda: positions(server.url) == {last})
                assert projecting.stop(number) == 0
        with (
            started(tmp_path, "project", SSP_DATA_DIR=folder) as projecting,
            Ledger(server.url) as ledger,
            psycopg.connect(server.url, autocommit=True) as connection,
        ):
            register(ledger, "v")
            until(lambda: positions(server.url) == {last + 1})
            drop_views(connection)
            register(ledger, "w")
            assert projecting.process.wait(TIMEOUT_S) == 3
            assert "ssp: no view can be kept up any more" in projecting.errors.read_text()
    assert_nothing_runs_in(folder)


def register(ledger: Ledger, city: str) -> None:
    Round(ledger).do(RegisterCity(CityId(city), Text(city), "PE", "Latin America"))
