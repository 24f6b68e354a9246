"""The benchmark of the views runs whole, over the smallest of programmes."""

from __future__ import annotations

import psycopg
import pytest

from benchmarks import stores
from benchmarks.views import run
from benchmarks.views.figures import Measured, checks
from benchmarks.views.lag import Lags, lags
from benchmarks.views.past import QUESTIONS, asked
from benchmarks.views.report import page, table
from benchmarks.views.run import TINY, Caught, Slice


@pytest.fixture(scope="module")
def found() -> Measured:
    with stores.postgres() as server:
        log = stores.new_database(server, "catch_up")
        caught = run.caught_up(log, TINY)
        caught.settings = stores.settings(server)
        same_rows(log)
        past = asked(log, TINY.asked)
        ours, stock = (stores.new_database(server, name) for name in ("lag_ours", "lag_stock"))
        return Measured(caught, past, lags(ours, stock, TINY.lag_s, TINY.lag_rounds))


def same_rows(url: str) -> None:
    """Check that the plain loop made the very rows that the view has, in all their versions."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "select count(*), count(p.key), count(*) filter (where v.until = p.until "
            "and v.call_id = p.call_id and v.stage = p.stage and v.doc::jsonb = p.doc::jsonb) "
            "from views.evaluation_consistency v full join plain.rows p using (key, since)"
        ).fetchone()
    assert row is not None
    assert row[0] == row[1] == row[2] > 100


def test_everyone_folds_every_event_and_every_question_is_answered(found: Measured) -> None:
    for name in ("ours", "one", "plain"):
        assert sum(s.events for s in found.caught.slices[name]) == TINY.programme.events
    assert sum(s.events for s in found.caught.slices["stock"]) == TINY.stock * TINY.slices
    assert found.past.keys() == QUESTIONS.keys()
    for answered in found.past.values():
        assert len(answered.past) == len(answered.now) == TINY.asked
    assert [len(times) for times in found.lags.ours] == [50]
    assert [len(times) for times in found.lags.stock] == [50]


def test_the_page_judges_every_figure(found: Measured) -> None:
    text = page(found, TINY)
    for check in checks(found):
        assert check.of in text
        assert check.held_to in text
    assert table(found).count("\n") + 1 == len(list(checks(found)))


def test_a_figure_is_missed_by_the_least_that_is_too_little() -> None:
    def met(ours_s: float, ours_ms: float, peak_mib: float) -> set[bool | None]:
        slices = {
            "ours": [Slice(100, ours_s, 1, peak_mib)],
            "one": [Slice(100, ours_s, 1, peak_mib)],
            "plain": [Slice(100, 1, 1, 1)],
            "stock": [Slice(1, 1, 1, 1)],
        }
        measured = Measured(Caught(slices), {}, Lags([[ours_ms] * 3], [[10.0] * 3]))
        return {check.met for check in checks(measured)}

    assert met(1.0, 10.0, 1_000) == {True}
    assert False in met(4.0, 10.0, 1_000)
    assert False in met(1.0, 10.1, 1_000)
    assert False in met(1.0, 10.0, 1_024)
