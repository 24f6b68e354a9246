"""Two real files, whole: a grant panel's scores, and a stream of score revisions."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from core.decider import Act
from core.evaluations.events import EvaluatorAssigned, ScoreRevised, ScoresSubmitted
from core.ledger.ledger import Ledger
from replay.imports.run import Import, plan, run
from tests.reference import reference

EXAMPLES = Path(__file__).resolve().parents[3] / "replay" / "imports" / "examples"
Announce = Callable[[Ledger], None]


def wires(ledger: Ledger, start: int = 0) -> Counter[str]:
    return Counter(record.wire for record in ledger.read(start))


def test_a_grant_panel_is_imported_whole_and_once(
    ledger: Ledger, officer: Act, announce_aibs: Announce
) -> None:
    wanted = Import(EXAMPLES / "aibs.toml", reference("AIBS.csv"), officer)
    announce_aibs(ledger)
    start = ledger.store.size()

    tried = plan(ledger, wanted)
    assert tried.bad == ()
    assert ledger.store.size() == start

    done = run(ledger, wanted)
    assert done.bad == ()
    assert done.recorded is not None
    assert (done.recorded.first_position, done.recorded.count) == (start, tried.events)
    assert wires(ledger, start) == {
        "cities.registered.2": 72,
        "applications.submitted.1": 72,
        "evaluations.evaluator-appointed.1": 26,
        "evaluations.conflict-declared.1": 26,
        "evaluations.assigned.1": 216,
        "calls.closed.1": 1,
        "calls.stage-opened.1": 1,
        "evaluations.scores-submitted.1": 216,
    }
    sheets = [r.event.marks for r in ledger.read() if isinstance(r.event, ScoresSubmitted)]
    impact = [m.value for marks in sheets for m in marks if m.criterion == "Impact"]
    assert impact.count(None) == 153
    assert Decimal(0) not in impact

    again = run(ledger, wanted)
    assert (again.new, again.recorded) == (0, None)
    assert again.known == done.new == 72 + 72 + 26 + 26 + 216 + 216
    assert ledger.store.size() == start + done.events


def test_a_stream_of_revisions_is_imported_whole_and_once(
    ledger: Ledger,
    officer: Act,
    announce_iclr: Announce,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = reference("iclr2021_score_events.csv")
    wanted = Import(EXAMPLES / "iclr2021.toml", data, officer)
    announce_iclr(ledger)
    started = time.perf_counter()
    done = run(ledger, wanted)
    took_s = time.perf_counter() - started
    assert done.bad == ()
    found = wires(ledger)
    assert found["evaluations.scores-submitted.1"] == 11_456
    assert found["evaluations.score-revised.1"] == 2_367
    assert done.counts["scores"].new == 13_823
    assert (found["cities.registered.2"], found["applications.submitted.1"]) == (2_966, 2_966)

    started = time.perf_counter()
    again = run(ledger, wanted)
    with capsys.disabled():
        print(  # noqa: T201  # a measurement, for whoever runs the tests
            f"\n{done.events} events of {done.rows} rows in {took_s:.1f} s, "
            f"known again in {time.perf_counter() - started:.1f} s"
        )
    assert (again.new, again.recorded) == (0, None)
    assert again.known == done.new

    held: dict[str, Decimal | None] = {}
    first: dict[str, Decimal | None] = {}
    for record in ledger.read():
        match record.event:
            case ScoresSubmitted(marks=(mark,)):
                held[record.meta.subject] = mark.value
            case ScoreRevised(before=before, after=after):
                assert held[record.meta.subject] == before
                held[record.meta.subject] = after
            case EvaluatorAssigned():
                assert record.meta.imported is not None
            case _:
                continue
        if record.meta.occurred_at.date() == date(2020, 11, 11):
            first[record.meta.subject] = held.get(record.meta.subject)
    assert mean(first) == Decimal("5.1693")
    assert mean(held) == Decimal("5.3674")


def mean(marks: dict[str, Decimal | None]) -> Decimal:
    given = [mark for mark in marks.values() if mark is not None]
    return (sum(given, Decimal(0)) / len(given)).quantize(Decimal("0.0001"))
