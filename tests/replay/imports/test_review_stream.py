"""A real stream of 13,823 scores and revisions, imported whole, reported by date, and decided."""

import csv
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from core.applications.commands import WithdrawApplication
from core.decider import Act
from core.evaluations.events import EvaluatorAssigned, ScoreRevised, ScoresSubmitted
from core.ledger.draft import Envelope
from core.ledger.ledger import Ledger
from core.vocabulary import ApplicationId, CallId
from projections.evaluation_consistency.fold import VIEW as EVALUATION_CONSISTENCY
from projections.evaluation_consistency.queries import evaluation_consistency
from projections.ranking.fold import VIEW as RANKING
from replay.decisions import replay_decision
from replay.imports.findings import Plan
from replay.imports.run import Import, run
from replay.what_if.answer import what_if
from replay.what_if.question import Question
from tests.reference import reference
from tests.replay.imports.decided import catch_up, select, wires

pytestmark = pytest.mark.uncounted

EXAMPLES = Path(__file__).resolve().parents[3] / "replay" / "imports" / "examples"
Announce = Callable[[Ledger], None]
DATA = "iclr2021_score_events.csv"
IMPORTED_WITHIN_S, REPLAYED_WITHIN_S = 60, 12
"""By the processor, not the clock: a busy machine takes its time, and nothing is wrong."""


@dataclass
class Imported:
    """What the import of the whole file came to, and the database that holds it."""

    wanted: Import
    done: Plan
    took_s: float
    processor_s: float
    url: str


@pytest.fixture(scope="module")
def imported(
    fresh_database: Callable[..., AbstractContextManager[str]],
    officer: Act,
    announce_iclr: Announce,
) -> Iterator[Imported]:
    """Import the file once for all tests of it."""
    wanted = Import(EXAMPLES / "iclr2021.toml", reference(DATA), officer)
    with fresh_database() as url:
        with Ledger(url) as ledger:
            announce_iclr(ledger)
            started, worked = time.perf_counter(), time.process_time()
            done = run(ledger, wanted)
            took_s, processor_s = time.perf_counter() - started, time.process_time() - worked
        yield Imported(wanted, done, took_s, processor_s, url)


@pytest.fixture
def stream(
    imported: Imported, fresh_database: Callable[..., AbstractContextManager[str]]
) -> Iterator[Ledger]:
    """A ledger of the test's own that holds the whole file."""
    with fresh_database(copy_of=imported.url) as url, Ledger(url) as ledger:
        yield ledger


def test_a_stream_of_revisions_is_imported_whole_and_once(
    imported: Imported, stream: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    done = imported.done
    assert done.bad == ()
    found = wires(stream)
    assert found["evaluations.scores-submitted.1"] == 11_456
    assert found["evaluations.score-revised.1"] == 2_367
    assert done.counts["scores"].new == 13_823
    assert (found["cities.registered.2"], found["applications.submitted.2"]) == (2_966, 2_966)
    assert imported.processor_s < IMPORTED_WITHIN_S

    started = time.perf_counter()
    again = run(stream, imported.wanted)
    with capsys.disabled():
        print(  # noqa: T201  # a measurement, for whoever runs the tests
            f"\n{done.events} events of {done.rows} rows in {imported.took_s:.1f} s, "
            f"known again in {time.perf_counter() - started:.1f} s"
        )
    assert (again.new, again.recorded) == (0, None)
    assert again.known == done.new


def test_every_mark_before_a_revision_is_the_one_that_stood(stream: Ledger) -> None:
    held: dict[str, Decimal | None] = {}
    first: dict[str, Decimal | None] = {}
    for record in stream.read():
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


def test_consistency_is_reported_as_of_each_date(
    stream: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    started = time.perf_counter()
    last = catch_up(stream, [EVALUATION_CONSISTENCY, RANKING])
    caught_up_s = time.perf_counter() - started
    expected, revised, _ = means_by_date(reference(DATA))
    assert [round(mean, 4) for mean in (expected[0][1], expected[-1][1])] == [
        Decimal("5.1693"),
        Decimal("5.3674"),
    ]
    started = time.perf_counter()
    with psycopg.connect(stream.url) as connection:
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
    with capsys.disabled():
        print(  # noqa: T201  # a measurement, for whoever runs the tests
            f"\nviews over {last + 1} events in {caught_up_s:.1f} s, five reports in "
            f"{time.perf_counter() - started:.1f} s"
        )


def test_a_stage_of_thousands_is_decided_and_replayed(
    stream: Ledger, officer: Act, capsys: pytest.CaptureFixture[str]
) -> None:
    """One submission lost all its scores: it is withdrawn, and the others are decided."""
    _, _, [unscored] = means_by_date(reference(DATA))
    withdrawn = ApplicationId(f"iclr-2021:paper-{unscored}")
    later = Act(officer.actor, officer.role, datetime(2021, 1, 20, tzinfo=UTC))
    stream.handle(Envelope(WithdrawApplication(withdrawn, "no scores are left"), later))
    started = time.perf_counter()
    ranking = select(stream, CallId("iclr-2021"), 860)
    decided_s = time.perf_counter() - started
    started, worked = time.perf_counter(), time.process_time()
    replayed = replay_decision(stream.store, "iclr-2021:review")
    replayed_s, processor_s = time.perf_counter() - started, time.process_time() - worked
    assert replayed.identical
    assert len(replayed.places) == len(ranking.lines) == 2_965
    assert processor_s < REPLAYED_WITHIN_S
    started, worked = time.perf_counter(), time.process_time()
    supposed = what_if(stream.store, "iclr-2021:review", Question(slots=400))
    supposed_s, thinking_s = time.perf_counter() - started, time.process_time() - worked
    assert supposed.ranking_replays
    assert supposed.before.selected[: len(supposed.after.selected)] == supposed.after.selected
    assert len(supposed.after.selected) <= 400 < len(supposed.before.selected) <= 860
    with capsys.disabled():
        print(  # noqa: T201  # a measurement, for whoever runs the tests
            f"\n2,965 applications decided in {decided_s:.1f} s, replayed in {replayed_s:.1f} s "
            f"({processor_s:.1f} s of processor), supposed otherwise in {supposed_s:.1f} s "
            f"({thinking_s:.1f} s)"
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
