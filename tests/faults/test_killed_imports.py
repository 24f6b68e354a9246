"""An import is there whole and once, whatever is killed meanwhile and however often it is repeated.

Processes are killed with signal 9 at the moments that the import itself announces. Nothing waits
for a time: the limits only end a test that has failed.
"""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from core.decider import Act
from core.ledger import embedded
from core.ledger.ledger import Ledger
from core.ledger.migrate import migrate
from core.vocabulary import ActorId, Role
from projections.projector import Projector
from projections.views import VIEWS
from replay.imports.run import Import, run
from replay.verify import verify, verify_views
from tests.faults.files import CITIES, EVALUATORS, EVENTS, announce, write_files
from tests.processes import (
    TIMEOUT_S,
    Started,
    assert_nothing_runs_in,
    kill_database,
    needs_proc,
    ssp,
    started,
    until,
)

pytestmark = pytest.mark.uncounted

ANNOUNCED = 3
WHOLE = {
    "cities.registered": CITIES,
    "applications.submitted": CITIES,
    "calls.closed": 1,
    "calls.stage-opened": 1,
    "evaluations.evaluator-appointed": EVALUATORS,
    "evaluations.conflict-declared": EVALUATORS,
    "evaluations.assigned": CITIES * EVALUATORS,
    "evaluations.scores-submitted": CITIES * EVALUATORS,
}
# Where an import is killed: after this was announced, and up to so many milliseconds later.
MOMENTS = [("checking", 50), ("deciding", 100), ("recording", 0), ("recording", 100)]


def begun(importing: Started, phase: str) -> bool:
    return importing.said(f"large.csv: {phase}")


def writers(url: str) -> int:
    """How many backends still work for a writer: they may finish what a killed client sent."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "select count(*) from pg_stat_activity "
            "where application_name = 'ssp-writer' and datname = current_database()"
        ).fetchone()
    return int(row[0]) if row else 0


def assert_whole_and_once(url: str) -> None:
    """The log holds the file once, proves whole, and every view is what a rebuild gives."""
    with Ledger(url) as ledger:
        events = list(ledger.read(ANNOUNCED))
        # Without the version of the wire name, which may grow.
        assert Counter(event.wire.rpartition(".")[0] for event in events) == WHOLE
        facts = Counter((event.wire, event.meta.subject) for event in events)
        assert facts.most_common(1)[0][1] == 1
        assert verify(ledger.store).fault is None
        projector = Projector(url, VIEWS)
        assert projector.catch_up() == ANNOUNCED + EVENTS - 1
        projector.stop()
        assert [(v.position, v.finding) for v in verify_views(ledger)] == [
            (ANNOUNCED + EVENTS - 1, "")
        ] * len(VIEWS)


@pytest.mark.parametrize(("phase", "most_ms"), MOMENTS)
def test_an_import_that_is_killed_leaves_all_or_nothing_and_can_be_repeated(
    database_url: str, tmp_path: Path, phase: str, most_ms: int
) -> None:
    mapping, data = write_files(tmp_path)
    with Ledger(database_url) as ledger:
        announce(ledger)
    with started(tmp_path, "import", mapping, data, SSP_DATABASE_URL=database_url) as importing:
        until(lambda: begun(importing, phase))
        time.sleep(random.uniform(0, most_ms / 1_000))  # any moment of the phase
        importing.process.kill()
        ended = importing.process.wait()
    until(lambda: not writers(database_url))
    with Ledger(database_url) as ledger:
        recorded = ledger.store.size() - ANNOUNCED
        assert recorded in {0, EVENTS}
        assert recorded or ended == -signal.SIGKILL
        assert verify(ledger.store).fault is None
        act = Act(ActorId("importer"), Role.OFFICER, datetime.now(UTC))
        again = run(ledger, Import(mapping, data, act))
        assert again.bad == ()
        assert (again.new if recorded else again.known) == 0
    assert_whole_and_once(database_url)


@needs_proc
@pytest.mark.parametrize("phase", ["deciding", "recording"])
def test_an_import_survives_the_database_being_killed_or_can_be_repeated(
    short_folder: Path, tmp_path: Path, phase: str
) -> None:
    folder = short_folder / "data"
    mapping, data = write_files(tmp_path)
    with embedded.start(folder) as server:
        migrate(server.url)
        with Ledger(server.url) as ledger:
            announce(ledger)
        with started(tmp_path, "import", mapping, data, SSP_DATA_DIR=folder) as importing:
            until(lambda: begun(importing, phase))
            kill_database(folder)
            with embedded.start(folder) as restarted:
                code = importing.process.wait(TIMEOUT_S)
                assert code in {0, 3}
                assert "Traceback" not in importing.errors.read_text()
                until(lambda: not writers(restarted.url))
                with Ledger(restarted.url) as ledger:
                    recorded = ledger.store.size() - ANNOUNCED
                    assert recorded in {0, EVENTS}
                    # What was acknowledged is there.
                    assert recorded or code == 3
        again = ssp("import", mapping, data, SSP_DATA_DIR=folder)
        assert again.returncode == 0, again.stderr
        assert_whole_and_once(server.url)
    assert_nothing_runs_in(folder)
