"""A real grant panel, from its file to what an auditor and an analyst ask of it."""

import csv
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from core.decider import Act
from core.evaluations.events import ScoresSubmitted
from core.ledger.ledger import Ledger
from core.vocabulary import CallId
from projections.evaluation_consistency.icc import OneWay
from projections.evaluation_consistency.queries import evaluation_consistency
from replay.decisions import replay_decision
from replay.imports.run import Import, plan, run
from replay.verify import verify
from tests.reference import reference
from tests.replay.imports.decided import catch_up, select, wires

EXAMPLES = Path(__file__).resolve().parents[3] / "replay" / "imports" / "examples"
Announce = Callable[[Ledger], None]


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
        "applications.submitted.2": 72,
        "evaluations.evaluator-appointed.2": 26,
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


def test_a_grant_panel_is_ranked_decided_and_replayed_from_its_file(
    ledger: Ledger, officer: Act, announce_aibs: Announce
) -> None:
    announce_aibs(ledger)
    run(ledger, Import(EXAMPLES / "aibs.toml", reference("AIBS.csv"), officer))
    ranking = select(ledger, CallId("aibs-2014"), 18)

    # Lower is better, and each total is the plain mean of three overall scores.
    with reference("AIBS.csv").open(encoding="utf-8") as file:
        scores: dict[str, list[Decimal]] = {}
        for row in csv.DictReader(file):
            scores.setdefault(f"aibs-2014:aibs-{row['ID']}", []).append(Decimal(row["Score"]))
    totals = [line.scored.total for line in ranking.lines if line.scored.total is not None]
    assert totals == sorted(totals)
    assert len(totals) == 72
    for line in ranking.lines:
        assert line.scored.total is not None
        mean = sum(scores[line.scored.application], Decimal(0)) / 3
        assert abs(line.scored.total - mean) < Decimal("1e-15")

    replayed = replay_decision(ledger.store, "aibs-2014:review")
    assert replayed.identical
    assert replayed.recorded_digest == replayed.replayed_digest
    assert [p.application_id for p in replayed.places] == [
        line.scored.application for line in ranking.lines
    ]
    selected = [p for p in replayed.places if p.outcome == "selected"]
    assert 0 < len(selected) <= 18
    assert all(p.outcome == "selected" for p in replayed.places[: len(selected)])

    last = catch_up(ledger)
    with psycopg.connect(ledger.url) as connection:
        report = evaluation_consistency(connection, last, "aibs-2014", "review")
    assert report is not None
    overall = next(c for c in report.criteria if c.criterion.id == "Score")
    assert (overall.applications, overall.marks, overall.design.kind) == (72, 216, "one-way")
    assert isinstance(overall.icc, OneWay)
    assert overall.icc.single.value == pytest.approx(0.37115, abs=5e-6)
    assert overall.icc.average.value == pytest.approx(0.63907, abs=5e-6)
    assert overall.icc.msb == pytest.approx(1.10901, abs=5e-6)
    assert overall.icc.msw == pytest.approx(0.40028, abs=5e-6)
    assert verify(ledger.store).fault is None
