"""The live tables say at every position what a fold of the records says."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from core.ledger.records import Recorded
from projections.projector import Projector, progress, set_up
from projections.tables import rows_at
from projections.time_travel import fold
from projections.view import Rows, View
from projections.views import VIEWS
from tests.rounds import Round


def live(url: str, view: View[Any], position: int) -> dict[str, Any]:
    with psycopg.connect(url) as connection:
        return {key: row for key, _, row in rows_at(connection, view, position)}


@pytest.mark.parametrize("batch", [1, 7, 1_000])
def test_live_tables_equal_a_fold_in_memory_at_every_position(round_: Round, batch: int) -> None:
    ledger = round_.whole().ledger
    projector = Projector(ledger.url, VIEWS, batch=batch)
    last = projector.catch_up()
    projector.stop()
    records = list(ledger.read())
    assert last == records[-1].position
    for view in VIEWS:
        for position in range(len(records)):
            assert live(ledger.url, view, position) == fold(view, records[: position + 1]), (
                view.name, position,
            )


def test_a_second_projector_takes_over_where_the_first_left_off(round_: Round) -> None:
    first, second = (Projector(round_.ledger.url, VIEWS, batch=3) for _ in range(2))
    round_.announce()
    first.catch_up()
    round_.score()
    second.catch_up()
    round_.decide()
    last = first.catch_up()
    assert second.catch_up() == last == round_.ledger.store.size() - 1
    first.stop()
    second.stop()
    for view in VIEWS:
        assert live(round_.ledger.url, view, last) == fold(view, round_.ledger.read()), view.name


def test_a_running_projector_survives_the_loss_of_its_connection(round_: Round) -> None:
    projector = Projector(round_.ledger.url, VIEWS, poll_s=0.02)
    projector.start()
    round_.announce()
    with psycopg.connect(round_.ledger.url, autocommit=True) as connection:
        killed = connection.execute(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity "
            "where application_name = 'ssp-projector' and datname = current_database()"
        ).fetchone()
        assert killed
        assert killed[0] >= 1
    round_.score()
    last = round_.ledger.store.size() - 1
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and at_least(round_.ledger.url) < last:
        time.sleep(0.02)
    projector.stop()
    assert at_least(round_.ledger.url) == last


def at_least(url: str) -> int:
    with psycopg.connect(url) as connection:
        return min(progress(connection).values())


def test_a_view_whose_fold_fails_does_not_hold_up_the_others(round_: Round) -> None:
    def broken(record: Recorded, rows: Rows[Any]) -> None:
        del rows
        if record.position == 2:
            msg = "a defect"
            raise ValueError(msg)

    broken_view = replace(VIEWS[0], fold=broken)
    projector = Projector(round_.ledger.url, (broken_view, *VIEWS[1:]), batch=1)
    round_.announce()
    projector.catch_up()
    assert projector.failures() == {"partner_pools": "ValueError: a defect"}
    projector.stop()
    with psycopg.connect(round_.ledger.url) as connection:
        at = progress(connection)
    assert at["partner_pools"] == 1
    assert at["ranking"] == round_.ledger.store.size() - 1


def test_a_view_of_a_new_version_is_filled_anew(round_: Round) -> None:
    round_.announce()
    projector = Projector(round_.ledger.url, VIEWS)
    last = projector.catch_up()
    projector.stop()
    newer = tuple(replace(view, version=view.version + 1) for view in VIEWS)
    with psycopg.connect(round_.ledger.url, autocommit=True) as connection:
        assert set_up(connection, VIEWS) == []
        assert set_up(connection, newer) == [view.name for view in VIEWS]
        assert set(progress(connection).values()) == {-1}
    again = Projector(round_.ledger.url, newer)
    assert again.catch_up() == last
    again.stop()


def test_a_row_that_did_not_change_gets_no_new_version(round_: Round) -> None:
    round_.whole()
    projector = Projector(round_.ledger.url, VIEWS, batch=5)
    projector.catch_up()
    projector.stop()
    with psycopg.connect(round_.ledger.url) as connection:
        for view in VIEWS:
            found = connection.execute(
                f"select count(*) from views.{view.name} a join views.{view.name} b "  # type: ignore[arg-type]  # noqa: S608
                "on a.key = b.key and a.until = b.since where a.doc::text = b.doc::text"
            ).fetchone()
            assert found == (0,), view.name
