"""The live tables say at every position what a fold of the records says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from core.ledger.ledger import Ledger
from core.ledger.records import Recorded
from projections.projector import Projector, progress, set_up_views
from projections.reading import MalformedRecord, records
from projections.time_travel import fold
from projections.view import Rows, View
from projections.views import VIEWS
from tests import scenes
from tests.projections.logs import (
    broken_ranges,
    causes,
    connect,
    kill,
    live,
    more,
    raw,
    refill,
    wait_for,
)
from tests.rounds import Round
from tests.stories import recorded


def test_live_tables_equal_a_fold_in_memory_at_every_position(round_: Round) -> None:
    ledger = round_.whole().ledger
    projector = Projector(ledger.url, VIEWS, batch=7)
    last = projector.catch_up()
    projector.stop()
    read = list(ledger.read())
    assert last == read[-1].position
    for view in VIEWS:
        for position in range(len(read)):
            assert live(ledger.url, view, position) == fold(view, read[: position + 1]), (
                view.name,
                position,
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
    wait_for(round_.ledger.url, round_.ledger.store.size() - 1)
    kill(round_.ledger.url)
    round_.score()
    wait_for(round_.ledger.url, round_.ledger.store.size() - 1)
    projector.stop()


def at_least(url: str) -> int:
    with psycopg.connect(url) as connection:
        return min(progress(connection).values())


def test_a_view_whose_fold_fails_does_not_hold_up_the_others(round_: Round) -> None:
    def broken(record: Recorded, rows: Rows[Any]) -> None:
        del rows
        if record.position == 2:
            msg = "a defect"
            raise ValueError(msg)

    broken_view = replace(VIEWS[0], fold=broken, folds=None)
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
    assert set_up_views(round_.ledger.url, VIEWS) == []
    assert set_up_views(round_.ledger.url, newer) == [view.name for view in VIEWS]
    with psycopg.connect(round_.ledger.url) as connection:
        assert set(progress(connection).values()) == {-1}
    again = Projector(round_.ledger.url, newer)
    assert again.catch_up() == last
    again.stop()


def test_no_range_overlaps_and_no_version_repeats_the_one_before(round_: Round) -> None:
    round_.whole()
    caught_up(round_.ledger.url, batch=5)
    for view in VIEWS:
        assert broken_ranges(round_.ledger.url, view) == [], view.name


def test_views_are_filled_on_every_server_that_we_promise_to_run_on(any_database_url: str) -> None:
    refill(any_database_url, scenes.FINAL_APPROVED)
    caught_up(any_database_url, batch=20)
    for view in VIEWS:
        expected = fold(view, recorded(scenes.FINAL_APPROVED))
        assert live(any_database_url, view, len(scenes.FINAL_APPROVED) - 1) == expected


def caught_up(url: str, batch: int = 1_000) -> int:
    projector = Projector(url, VIEWS, batch=batch)
    last = projector.catch_up()
    projector.stop()
    assert projector.failures() == {}
    return last


def tripping(at: int, how: Callable[[], None]) -> View[Any]:
    """Return the pool with a fold in which something happens at a position, each time."""

    def trip(record: Recorded, rows: Rows[Any]) -> None:
        VIEWS[0].fold(record, rows)
        if record.position == at:
            how()

    return replace(VIEWS[0], fold=trip, folds=None)


def test_a_batch_that_fails_half_way_leaves_nothing_in_table_or_cache(database_url: str) -> None:
    refill(database_url, scenes.RECEIVED)
    tries: list[int] = []

    def once() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise psycopg.OperationalError

    last = len(scenes.RECEIVED) - 1
    view = tripping(last, once)
    projector = Projector(database_url, (view,))
    with pytest.raises(psycopg.OperationalError):
        projector.catch_up()
    assert causes(database_url, view) == []
    assert at_least(database_url) == -1
    assert projector.catch_up() == last
    projector.stop()
    assert live(database_url, view, last) == fold(VIEWS[0], recorded(scenes.RECEIVED))


def test_a_connection_lost_in_the_middle_of_a_batch_loses_nothing_else(database_url: str) -> None:
    refill(database_url, scenes.ADVANCED)
    tries: list[int] = []

    def cut() -> None:
        tries.append(1)
        if len(tries) == 1:
            kill(database_url)

    view = tripping(20, cut)
    projector = Projector(database_url, (view, *VIEWS[1:]), batch=15, poll_s=0.02, most=2)
    projector.start()
    last = len(scenes.ADVANCED) - 1
    wait_for(database_url, last)
    projector.stop()
    assert projector.failures() == {}
    for each in VIEWS:
        assert live(database_url, each, last) == fold(each, recorded(scenes.ADVANCED)), each.name


def test_projectors_that_run_at_once_never_fold_a_record_twice(database_url: str) -> None:
    refill(database_url, scenes.SCORED)
    projectors = [Projector(database_url, VIEWS, batch=2, poll_s=0.01, most=5) for _ in range(3)]
    for projector in projectors:
        projector.start()
    more(database_url, scenes.FINAL_APPROVED, len(scenes.SCORED))
    last = len(scenes.FINAL_APPROVED) - 1
    wait_for(database_url, last)
    for projector in projectors:
        projector.stop()
        assert projector.failures() == {}
    for view in VIEWS:
        assert broken_ranges(database_url, view) == []
        expected = fold(view, recorded(scenes.FINAL_APPROVED))
        assert live(database_url, view, last) == expected, view.name


def test_a_record_of_another_program_is_passed_over(database_url: str) -> None:
    refill(database_url, scenes.RECEIVED)
    raw(database_url, "library:Dog.Registered", b'"data_base64":"AAEC"}')
    tricks = (*scenes.RECEIVED, scenes.checked(scenes.LIMA, holds=False))
    assert caught_up(database_url) == len(scenes.RECEIVED)
    more(database_url, tricks, len(scenes.RECEIVED))
    last = caught_up(database_url)
    with Ledger(database_url) as ledger:
        read = list(records(ledger.store))
    assert [r.position for r in read] == [*range(len(scenes.RECEIVED)), last]
    for view in VIEWS:
        assert live(database_url, view, last) == fold(view, read)


def test_a_malformed_record_stops_every_view_just_before_it(database_url: str) -> None:
    refill(database_url, scenes.RECEIVED)
    raw(database_url, "cities.registered.2", b'"data":{"city_id":"x"}}')
    projector = Projector(database_url, VIEWS)
    projector.catch_up()
    projector.stop()
    place = f"position {len(scenes.RECEIVED)} (cities.registered.2) cannot be read"
    assert set(projector.failures()) == {view.name for view in VIEWS}
    assert all(reason.startswith(place) for reason in projector.failures().values())
    with connect(database_url) as connection:
        assert set(progress(connection).values()) == {len(scenes.RECEIVED) - 1}
    with Ledger(database_url) as ledger, pytest.raises(MalformedRecord, match="cannot be read"):
        list(records(ledger.store))


def test_a_projector_of_an_older_version_stops_when_a_newer_one_has_come(database_url: str) -> None:
    refill(database_url, scenes.RECEIVED)
    running, reconnecting = Projector(database_url, VIEWS), Projector(database_url, VIEWS)
    reconnecting.catch_up()
    kill(database_url)
    running.catch_up()
    newer = tuple(replace(view, version=view.version + 1) for view in VIEWS)
    set_up_views(database_url, newer)
    more(database_url, scenes.SCORING, len(scenes.RECEIVED))
    with pytest.raises(psycopg.OperationalError):
        reconnecting.catch_up()
    for older in (running, reconnecting):
        older.catch_up()
        older.stop()
        assert set(older.failures()) == {view.name for view in VIEWS}
    assert set_up_views(database_url, newer) == []
    with connect(database_url) as connection:
        assert set(progress(connection).values()) == {-1}


def test_a_table_that_is_made_anew_is_filled_from_the_first_record(database_url: str) -> None:
    refill(database_url, scenes.RECEIVED)
    projector = Projector(database_url, VIEWS, batch=4)
    projector.catch_up()
    newer = tuple(replace(view, version=view.version + 1) for view in VIEWS)
    set_up_views(database_url, newer)
    set_up_views(database_url, VIEWS)
    more(database_url, scenes.SCORING, len(scenes.RECEIVED))
    last = projector.catch_up()
    projector.stop()
    assert projector.failures() == {}
    for view in VIEWS:
        assert live(database_url, view, last) == fold(view, recorded(scenes.SCORING)), view.name


def test_what_a_table_refuses_stops_its_view_alone(database_url: str) -> None:
    refill(database_url, scenes.RECEIVED)
    projector = Projector(database_url, VIEWS, batch=5)
    set_up_views(database_url, VIEWS)
    with connect(database_url) as connection:
        connection.execute("alter table views.partner_pools add check (since < 7)")
    projector.catch_up()
    projector.stop()
    assert list(projector.failures()) == ["partner_pools"]
    assert projector.failures()["partner_pools"].startswith("CheckViolation")
    with connect(database_url) as connection:
        assert progress(connection)["partner_pools"] == 4


def test_a_thread_that_ends_says_why(database_url: str) -> None:
    with connect(database_url) as connection:
        connection.execute("drop schema ledger cascade")
    projector = Projector(database_url, VIEWS)
    projector.run()
    assert set(projector.failures()) == {view.name for view in VIEWS}
    assert "UndefinedTable" in projector.failures()["ranking"]
