"""The benchmark runs whole, in the smallest size, against ours and the limit alone."""

import pytest

from benchmarks.chart import chart
from benchmarks.contenders.table import CONTENDERS
from benchmarks.figures import checks
from benchmarks.losses import Losses, compared
from benchmarks.report import page, table
from benchmarks.run import APPENDS, TINY, Found, run

pytestmark = pytest.mark.uncounted

MEASURED = ("ours", "unaudited", "plain")
PEERS = {name: "not asked for" for name in CONTENDERS if name not in MEASURED}


@pytest.fixture(scope="module")
def found() -> Found:
    return run(list(CONTENDERS), PEERS, TINY)


def test_every_job_is_done_by_ours_and_by_the_limit(found: Found) -> None:
    assert found.absent == PEERS
    for name in ("ours", "plain"):
        for measure in (*APPENDS, "read_all", "read_stream"):
            rate = found.of(measure, "rate", name)
            assert rate is not None, (name, measure)
            assert rate > 0
    assert all(found.of("proof", place, "ours") for place in ("first", "middle", "last"))
    assert found.of("verify", "rate", "ours")


def test_a_reader_of_ours_misses_nothing(found: Found) -> None:
    assert found.losses["ours"].acknowledged > 0
    assert found.losses["ours"].unseen == 0


def test_the_page_judges_every_figure_and_names_who_could_not_be_measured(found: Found) -> None:
    text = page(found, TINY)

    for check in checks(found):
        assert check.of in text
        assert check.held_to in text
    for entry in CONTENDERS.values():
        assert entry.label in text
    assert "not asked for" in text
    assert "fsync on" in text
    assert table(found).count("\n") + 1 == len(list(checks(found)))


def test_the_chart_has_a_bar_for_each_contender_that_was_measured(found: Found) -> None:
    assert chart(found).count(f">{CONTENDERS['ours'].label}<") == len(APPENDS)


def test_what_was_acknowledged_and_never_seen_is_lost() -> None:
    written = {"a": 3, "b": 2}

    assert compared(written, {"a": [1, 2, 3], "b": [2, 1]}) == Losses(5, 0)
    assert compared(written, {"a": [1, 3, 3]}) == Losses(5, 3)


def test_a_figure_is_missed_by_the_least_that_is_too_little() -> None:
    found = Found()
    found.put("append-1", "rate", "ready", 74.0)
    found.put("append-1", "rate", "plain", 100.0)
    (first, *_) = checks(found)
    assert (first.found, first.met) == ("0.74 ×", False)

    found.put("append-1", "rate", "ready", 76.0)
    found.put("append-1", "rate", "plain", 100.0)
    (first, *_) = checks(found)
    assert (first.found, first.met) == ("0.75 ×", True)


def test_what_was_not_measured_is_neither_met_nor_missed() -> None:
    assert {check.met for check in checks(Found())} == {None}
