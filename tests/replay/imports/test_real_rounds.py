"""Two real rounds from their files to what an auditor and an analyst ask of them."""

import csv
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from core.applications.commands import WithdrawApplication
from core.calls.commands import LockStage
from core.decider import Act
from core.ledger.draft import Envelope
from core.ledger.ledger import Ledger
from core.selection.commands import (
    ApproveSelection,
    Choice,
    ComputeRanking,
    ConfirmQuorum,
    ConvenePanel,
    ProposeSelection,
)
from core.selection.events import Outcome, RankingComputed
from core.vocabulary import ActorId, ApplicationId, CallId, EvaluatorId, Role, StageId
from projections.evaluation_consistency.icc import OneWay
from projections.evaluation_consistency.queries import evaluation_consistency
from projections.projector import Projector
from projections.views import VIEWS
from replay.decisions import replay_decision
from replay.imports.run import Import, run
from replay.verify import verify
from tests.reference import reference

EXAMPLES = Path(__file__).resolve().parents[3] / "replay" / "imports" / "examples"
REVIEW = StageId("review")
Announce = Callable[[Ledger], None]


def catch_up(ledger: Ledger) -> int:
    projector = Projector(ledger.url, VIEWS)
    last = projector.catch_up()
    assert projector.failures() == {}
    projector.stop()
    return last


def select(
    ledger: Ledger, call: CallId, evaluators: tuple[str, ...], slots: int
) -> RankingComputed:
    """Lock, rank, propose the best with lots drawn at the line, and approve."""
    start = datetime(2021, 2, 1, tzinfo=UTC)
    officer = Act(ActorId("officer-1"), Role.OFFICER, start)
    manager = Act(ActorId("manager-1"), Role.MANAGER, start + timedelta(days=1))
    panel = tuple(EvaluatorId(ActorId(e)) for e in evaluators)
    if panel:
        ledger.handle(Envelope(ConvenePanel(call, REVIEW, panel, ActorId("manager-1")), officer))
    ledger.handle(Envelope(LockStage(call, REVIEW), officer))
    ledger.handle(Envelope(ConfirmQuorum(call, REVIEW), officer))
    ledger.handle(Envelope(ComputeRanking(call, REVIEW), officer))
    ranking = next(r.event for r in ledger.read() if isinstance(r.event, RankingComputed))
    best: list[ApplicationId] = []
    for line in ranking.lines:
        place = line.rank or slots + 1
        shared = sum(other.rank == line.rank for other in ranking.lines)
        if place + shared - 1 <= slots:  # whole groups of equals only, so no lot is needed
            best.append(line.scored.application)
    choices = tuple(Choice(a, Outcome.SELECTED) for a in best)
    ledger.handle(Envelope(ProposeSelection(call, REVIEW, choices), officer))
    ledger.handle(Envelope(ApproveSelection(call, REVIEW), manager))
    return ranking


def test_a_grant_panel_is_ranked_decided_and_replayed_from_its_file(
    ledger: Ledger, officer: Act, announce_aibs: Announce
) -> None:
    announce_aibs(ledger)
    run(ledger, Import(EXAMPLES / "aibs.toml", reference("AIBS.csv"), officer))
    ranking = select(ledger, CallId("aibs-2014"), ("rev-7", "rev-22", "rev-26"), 18)

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


def test_a_stream_of_revisions_is_reported_as_of_each_of_its_dates_and_decided(
    ledger: Ledger,
    officer: Act,
    announce_iclr: Announce,
    capsys: pytest.CaptureFixture[str],
) -> None:
    announce_iclr(ledger)
    data = reference("iclr2021_score_events.csv")
    run(ledger, Import(EXAMPLES / "iclr2021.toml", data, officer))
    started = time.perf_counter()
    last = catch_up(ledger)
    caught_up_s = time.perf_counter() - started

    expected, revised, [unscored] = means_by_date(data)
    assert [round(mean, 4) for mean in (expected[0][1], expected[-1][1])] == [
        Decimal("5.1693"),
        Decimal("5.3674"),
    ]
    started = time.perf_counter()
    with psycopg.connect(ledger.url) as connection:
        for day, mean in expected:
            at = datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(hours=23)
            report = evaluation_consistency(connection, last, "iclr-2021", "review", at)
            assert report is not None
            [rating] = report.criteria
            assert rating.mean is not None
            assert abs(rating.mean - mean) < Decimal("1e-12"), day
            assert report.revisions.total.revisions == revised[day], day
            assert [c.of for c in report.revisions.by_day] == [
                d for d, _ in expected if d <= day and revised[d] and d != expected[0][0]
            ]
        before = datetime.fromisoformat(expected[0][0]).replace(tzinfo=UTC)
        nothing = evaluation_consistency(connection, last, "iclr-2021", "review", before)
        assert nothing is not None
        assert [c.mean for c in nothing.criteria] == [None]
    reported_s = time.perf_counter() - started

    # One submission lost all its scores: it is withdrawn, and the others are decided.
    withdrawn = ApplicationId(f"iclr-2021:paper-{unscored}")
    later = Act(officer.actor, officer.role, datetime(2021, 1, 20, tzinfo=UTC))
    ledger.handle(Envelope(WithdrawApplication(withdrawn, "no scores are left"), later))
    started = time.perf_counter()
    ranking = select(ledger, CallId("iclr-2021"), (), 860)
    decided_s = time.perf_counter() - started
    started = time.perf_counter()
    replayed = replay_decision(ledger.store, "iclr-2021:review")
    replayed_s = time.perf_counter() - started
    assert replayed.identical
    assert len(replayed.places) == len(ranking.lines) == 2_965
    with capsys.disabled():
        print(  # noqa: T201  # a measurement, for whoever runs the tests
            f"\nviews over {last + 1} events in {caught_up_s:.1f} s, five reports in "
            f"{reported_s:.1f} s; 2,965 applications decided in {decided_s:.1f} s, replayed in "
            f"{replayed_s:.1f} s"
        )


def means_by_date(data: Path) -> tuple[list[tuple[str, Decimal]], dict[str, int], list[str]]:
    """Compute from the file alone the means and revisions by date, and who is left unscored."""
    with data.open(encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["observed_on"])
    standing: dict[tuple[str, str], str] = {}
    means: dict[str, Decimal] = {}
    revisions: dict[str, int] = {}
    count = 0
    for index, row in enumerate(rows):
        key = (row["paper_id"], row["reviewer_slot"])
        count += bool(row["old_score"]) or key in standing
        standing[key] = row["new_score"]
        day = row["observed_on"]
        if index + 1 == len(rows) or rows[index + 1]["observed_on"] != day:
            given = [Decimal(score) for score in standing.values() if score]
            means[day] = sum(given, Decimal(0)) / len(given)
            revisions[day] = count
    scored = {paper for (paper, _), score in standing.items() if score}
    unscored = sorted({paper for paper, _ in standing} - scored)
    return sorted(means.items()), revisions, unscored
