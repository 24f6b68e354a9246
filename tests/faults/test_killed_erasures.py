"""An erasure that is on record is carried out, though the process that recorded it was killed."""

from __future__ import annotations

import signal
from pathlib import Path

import psycopg
import pytest

from core.cities.commands import RecordEngagement, RegisterCity
from core.decider import Act
from core.ledger import embedded
from core.ledger.draft import Envelope
from core.ledger.ledger import Ledger
from core.ledger.migrate import migrate
from core.ledger.records import as_dict
from core.ledger.sealing import reveal
from core.vocabulary import ActorId, CityId, Role, Text
from tests.processes import called, good, needs_proc, serving, started, until
from tests.rounds import START

pytestmark = pytest.mark.uncounted

LIMA, MARKER = CityId("lima"), "spoke of her brother"
OFFICER = Act(ActorId("officer-1"), Role.OFFICER, START)


def told(ledger: Ledger, who: str) -> int:
    engaged = RecordEngagement(LIMA, "call", MARKER, who)
    return ledger.handle(Envelope(engaged, OFFICER)).position or 0


def shown(ledger: Ledger, position: int) -> object:
    (record,) = ledger.read(position, position + 1)
    return reveal(as_dict(record)["data"]["summary"], ledger.keyring)


def cut_short(url: str, folder: Path, errors: Path, who: str) -> None:
    """Kill `ssp erase` after it has recorded the erasure, and before the key is destroyed."""
    with psycopg.connect(url) as blocking, Ledger(url) as ledger:
        size = ledger.store.size()
        blocking.execute("lock table keys.subject_key in access exclusive mode")
        with started(errors, "erase", who, "--reason", "asked", SSP_DATA_DIR=folder) as erasing:
            until(lambda: ledger.store.size() > size)
            assert erasing.stop(signal.SIGKILL) == -signal.SIGKILL


@needs_proc
def test_what_a_killed_erasure_left_is_finished_by_the_doctor_and_at_the_next_start(
    short_folder: Path, tmp_path: Path
) -> None:
    folder = short_folder / "data"
    with embedded.start(folder) as database:
        migrate(database.url)
        with Ledger(database.url) as ledger:
            ledger.handle(Envelope(RegisterCity(LIMA, Text("Lima"), "PE"), OFFICER))
            ana, ben = told(ledger, "ana"), told(ledger, "ben")

            cut_short(database.url, folder, tmp_path, "ana")
            assert shown(ledger, ana) == MARKER
            at = ledger.store.size() - 1
            assert "finished now" in called("doctor", SSP_DATA_DIR=folder).stdout
            gone = {"subject": "ana", "at_position": at, "erased": True}
            assert shown(ledger, ana) == gone

            cut_short(database.url, folder, tmp_path, "ben")
            assert shown(ledger, ben) == MARKER
            with serving(tmp_path, SSP_DATA_DIR=folder):
                assert shown(ledger, ben) == {**gone, "subject": "ben", "at_position": at + 1}


def test_keys_that_come_back_with_a_backup_are_destroyed_again(database_url: str) -> None:
    with Ledger(database_url) as ledger, psycopg.connect(database_url, autocommit=True) as owner:
        ledger.handle(Envelope(RegisterCity(LIMA, Text("Lima"), "PE"), OFFICER))
        position = told(ledger, "ana")
        owner.execute("create table kept as table keys.subject_key")
        good("erase", "ana", "--reason", "asked", SSP_DATABASE_URL=database_url)
        assert shown(ledger, position) != MARKER
        owner.execute("truncate keys.subject_key")
        owner.execute("insert into keys.subject_key table kept")
        assert shown(ledger, position) == MARKER

        assert ledger.finish_erasures() == 1
        assert ledger.finish_erasures() == 0
        assert shown(ledger, position) != MARKER
