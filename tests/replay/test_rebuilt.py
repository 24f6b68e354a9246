"""A view whose table is not what the records give is found out, whatever is wrong with a row."""

from __future__ import annotations

from typing import Any, LiteralString

import pytest
from psycopg import sql

from projections.projector import Projector
from projections.ranking.fold import VIEW as RANKING
from projections.timeline.fold import VIEW as TIMELINE
from projections.view import View
from replay.rebuilt import Rebuilt
from tests.projections.logs import connect, refill
from tests.scenes import SCORED
from tests.stories import recorded

VIEWS: dict[str, View[Any]] = {"timeline": TIMELINE, "ranking": RANKING}
"""One whose rows are only added, and one whose rows change."""

CHANGED: LiteralString = (
    "update views.{} set doc = replace(doc::text, 'ssp-2024', 'ssp-2025')::json where key = %s"
)
GONE: LiteralString = "delete from views.{} where key = %s"
KEYS = {"timeline": f"{29:016}", "ranking": "scored:ssp-2024:PELIM:document"}


def finding(url: str, view: View[Any], *, upto: int = len(SCORED) - 1) -> str:
    with connect(url) as connection, connection.transaction():
        rebuilt = Rebuilt(connection, view, upto, batch=5)
        for record in recorded(SCORED)[: upto + 1]:
            view.fold(record, rebuilt)
        return rebuilt.finding()


@pytest.fixture
def filled(database_url: str) -> str:
    """Tables of both views over a stage that was scored."""
    refill(database_url, SCORED)
    projector = Projector(database_url, tuple(VIEWS.values()))
    projector.catch_up()
    projector.stop()
    return database_url


@pytest.mark.parametrize("name", VIEWS)
def test_a_table_that_is_what_the_records_give_is_found_equal(filled: str, name: str) -> None:
    assert finding(filled, VIEWS[name]) == ""
    assert finding(filled, VIEWS[name], upto=20) == ""


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("deed", [CHANGED, GONE])
def test_a_row_that_was_changed_or_taken_is_named(
    filled: str, name: str, deed: LiteralString
) -> None:
    with connect(filled) as connection:
        done = connection.execute(sql.SQL(deed).format(sql.Identifier(name)), (KEYS[name],))
        assert done.rowcount >= 1
    assert finding(filled, VIEWS[name]) == f"1 rows differ, first {KEYS[name]!r}"


@pytest.mark.parametrize("name", VIEWS)
def test_a_row_that_no_record_gives_is_counted(filled: str, name: str) -> None:
    with connect(filled) as connection:
        copy = sql.SQL(
            "create temp table copied on commit drop as select * from views.{0} where key = %s "
            "and until > 1000000"
        )
        with connection.transaction():
            connection.execute(copy.format(sql.Identifier(name)), (KEYS[name],))
            connection.execute("update copied set key = 'more'")
            connection.execute(
                sql.SQL("insert into views.{} select * from copied").format(sql.Identifier(name))
            )
    assert finding(filled, VIEWS[name]) == "1 rows are there that the records do not give"
