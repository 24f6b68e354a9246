"""Drift over calls: told among those who marked in both, and by nobody where it cannot be told."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import numpy as np
import pytest
from scipy import stats

from core.cities.events import CityEvent
from core.frameworks.events import FrameworkEvent
from core.ledger.codec import Event, event_from, to_json
from core.ledger.ledger import Ledger
from projections.evaluation_consistency.fold import VIEW as CONSISTENCY
from projections.evaluation_consistency.over_calls import (
    Moved,
    OverCalls,
    Sitting,
    over_calls,
    sitting,
)
from projections.evaluation_consistency.queries import drift_from, drift_over_calls
from projections.projector import Projector, set_up_views
from projections.ranking.fold import VIEW as RANKING
from projections.reading import records
from projections.time_travel import fold_all
from projections.views import VIEWS
from tests.projections.evaluation_consistency.contests import (
    FIRST_OF_MAY,
    contest,
    evaluations,
    rubric,
)
from tests.projections.logs import connect, refill
from tests.scenes import CALL, DOCUMENT, FINAL_APPROVED

Totals = Mapping[str, Mapping[str, float]]


def sat(call: str, year: int, totals: Totals) -> Sitting:
    return Sitting(call, FIRST_OF_MAY + timedelta(days=365 * year), totals)


def drawn(
    seed: int, leanings: Mapping[str, float], applications: int = 40, chance: float = 4
) -> dict[str, dict[str, float]]:
    """Let everyone mark every application, each by its worth, their leaning, and chance."""
    random = Random(seed)
    return {
        f"a{n}": {e: worth + lean + random.gauss(0, chance) for e, lean in leanings.items()}
        for n, worth in ((n, random.gauss(60, 12)) for n in range(applications))
    }


def found(*sittings: Sitting) -> OverCalls:
    return over_calls("document", sittings, None)


def moved(report: OverCalls) -> dict[str, Moved]:
    return {m.evaluator: m for pair in report.comparisons for m in pair.moved}


def test_who_grew_strict_is_found_among_those_who_marked_in_both() -> None:
    before = drawn(1, {"a": 0, "b": 2, "c": -2, "d": 0})
    after = drawn(2, {"a": -8, "b": 2, "c": -2, "d": 0})
    changes = moved(found(sat("2024", 0, before), sat("2025", 1, after)))
    assert sorted(changes) == ["a", "b", "c", "d"]
    assert changes["a"].change == pytest.approx(-6, abs=2)  # 8 less than the mean of all moved
    assert changes["a"].high < 0
    assert sum(m.change for m in changes.values()) == pytest.approx(0)


def test_a_new_colleague_who_is_strict_makes_nobody_seem_lenient() -> None:
    """Held against the whole panel of each call, everyone else would have moved by two points."""
    before = drawn(3, {"a": 0, "b": 0, "c": 0}, chance=0.01)
    after = drawn(4, {"a": 0, "b": 0, "c": 0, "strict": -8}, chance=0.01)
    changes = moved(found(sat("2024", 0, before), sat("2025", 1, after)))
    assert sorted(changes) == ["a", "b", "c"]
    assert all(abs(m.change) < 0.1 for m in changes.values())


def first_against_all(panel: Totals) -> tuple[float, float, int]:
    """Return the mean of one from that of all, its variance, and the degrees of freedom."""
    marks = np.array([[given[e] for e in sorted(given)] for given in panel.values()])
    n, k = marks.shape
    residual = marks - marks.mean(1, keepdims=True) - marks.mean(0) + marks.mean()
    degrees = (n - 1) * (k - 1)
    variance = float(np.square(residual).sum()) / degrees / n * (1 - 1 / k)
    return float(marks.mean(0)[0] - marks.mean()), variance, degrees


def test_on_full_panels_a_change_and_its_interval_are_those_of_means() -> None:
    """Two one-way layouts: a contrast of means, with the variance of each layout's residuals."""
    leanings = {"a": 0.0, "b": 2.0, "c": -2.0, "d": 1.0}
    panels = [drawn(5, leanings, 30), drawn(6, leanings, 20)]
    (change, *_) = moved(found(sat("x", 0, panels[0]), sat("y", 1, panels[1]))).values()

    (before, early, few), (after, late, fewer) = (first_against_all(panel) for panel in panels)
    variance = early + late
    welch = variance**2 / (early**2 / few + late**2 / fewer)
    reach = float(stats.t.ppf(0.975, welch)) * variance**0.5
    assert change.change == pytest.approx(after - before)
    assert (change.low, change.high) == pytest.approx(
        (change.change - reach, change.change + reach)
    )


def test_of_those_who_never_moved_one_in_twenty_seems_to() -> None:
    leanings = dict(zip("abcdef", (3, 1, 0, -1, -2, -1), strict=True))
    outside = 0
    for seed in range(100):
        pair = found(
            sat("x", 0, drawn(2 * seed, leanings, 12)),
            sat("y", 1, drawn(2 * seed + 1, leanings, 9)),
        )
        outside += sum(m.low > 0 or m.high < 0 for m in moved(pair).values())
    assert 10 <= outside <= 55  # of 600, and those of one pair hang together


def test_an_evaluator_who_was_away_is_held_against_their_own_last_call() -> None:
    everyone = dict.fromkeys("abcd", 0.0)
    first, third = drawn(7, everyone), drawn(9, everyone)
    second = drawn(8, dict.fromkeys("abcx", 0.0))
    report = found(sat("1", 1, first), sat("3", 3, third), sat("2", 2, second))
    assert [s.call_id for s in report.sittings] == ["1", "2", "3"]
    told = {(p.earlier, p.later): [m.evaluator for m in p.moved] for p in report.comparisons}
    assert told == {("1", "2"): ["a", "b", "c"], ("2", "3"): ["a", "b", "c"], ("1", "3"): ["d"]}
    assert [p.in_common for p in report.comparisons] == [3, 3, 4]


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("ab", "abcde", "fewer than 3 evaluators marked in both calls"),
        ("abc", "cde", "fewer than 3 evaluators marked in both calls"),
    ],
)
def test_without_colleagues_of_both_calls_there_is_no_yardstick(
    before: Sequence[str], after: Sequence[str], reason: str
) -> None:
    pair = found(
        sat("2024", 0, drawn(1, dict.fromkeys(before, 0.0))),
        sat("2025", 1, drawn(2, dict.fromkeys(after, 0.0))),
    )
    assert [(p.reason, p.moved) for p in pair.comparisons] == [(reason, ())]


def test_a_call_whose_design_cannot_tell_says_why() -> None:
    few = sat("2024", 0, drawn(1, dict.fromkeys("abc", 0.0), 4))
    many = sat("2025", 1, drawn(2, dict.fromkeys("abc", 0.0)))
    for pair in (found(few, many), found(replace(few, began_at=many.began_at), many)):
        assert pair.sittings[0].reason is not None
        assert pair.comparisons[0].reason == f"2024: {pair.sittings[0].reason}"
    nobody = found(sat("2024", 0, {}), many)
    assert (nobody.sittings[0].reason, nobody.comparisons) == ("nobody has marked anything", ())


def test_calls_that_share_nobody_are_not_compared() -> None:
    report = found(
        sat("2024", 0, drawn(1, dict.fromkeys("abc", 0.0))),
        sat("2025", 1, drawn(2, dict.fromkeys("xyz", 0.0))),
    )
    assert report.comparisons == ()
    assert report.advice.startswith("Advisory:")


def next_year(fact: Event) -> Event:
    data = to_json(fact).decode().replace(CALL, "ssp-2025")
    return event_from(fact.WIRE, json.loads(data))


def test_the_tables_tell_what_the_records_do(database_url: str) -> None:
    again = [f for f in FINAL_APPROVED if not isinstance(f, FrameworkEvent | CityEvent)]
    refill(database_url, (*FINAL_APPROVED, *map(next_year, again)))
    set_up_views(database_url, VIEWS)
    projector = Projector(database_url, VIEWS)
    last = projector.catch_up()
    projector.stop()
    with Ledger(database_url) as ledger:
        rows, ranking = fold_all((CONSISTENCY, RANKING), records(ledger.store, 0, last + 1))
    recorded = drift_from(rows.values(), tuple(ranking.values()), DOCUMENT, None)
    with connect(database_url) as connection:
        live = drift_over_calls(connection, last, DOCUMENT)
        nothing = drift_over_calls(connection, last, "interview")
    assert recorded == live
    assert live is not None
    assert [(s.call_id, s.evaluators) for s in live.sittings] == [(CALL, 2), ("ssp-2025", 2)]
    assert nothing is None


def test_a_sitting_takes_the_totals_of_marks_that_count_as_they_were_then() -> None:
    rows = evaluations({f"call:t{n}": dict.fromkeys("xyz", (n % 8 + 1,)) for n in range(6)})
    seen = sitting("call", contest(rubric(), rows, barred=("z",)), rows, None)
    assert seen is not None
    assert seen.began_at == FIRST_OF_MAY
    assert seen.totals["call:t0"] == {"x": 10, "y": 10}
    assert sitting("call", contest(rubric(), rows), rows, FIRST_OF_MAY - timedelta(1)) is None
    assert drift_from(rows, (), "stage", None) is None
