"""An import lists every bad row, records all or nothing, and records nothing twice."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

from core.evaluations.events import ScoreRevised, ScoresSubmitted
from core.ledger.ledger import Ledger
from core.ledger.sealing import reveal
from replay.imports.findings import BadRow
from replay.imports.run import Import, plan, run

Job = Callable[..., Import]
Announce = Callable[[Ledger], None]

MAPPING = (Path(__file__).parent / "small.toml").read_text(encoding="utf-8")
HEADER = "city,evaluator,criterion,old,score,reason,on\n"
ROWS = """\
lima,e1,need,,7.5,,2023-03-01
lima,e1,impact,,N/A,,2023-03-02
lima,e2,need,,6,,2023-03-01
lima,e2,impact,,8,,2023-03-01
lima,e1,need,7.5,8,a slip,2023-03-03
lima,e1,impact,N/A,5,asked the city,2023-03-03
"""
COLOMBO = "colombo,e1,need,,3,,2023-03-01\ncolombo,e1,impact,,4,,2023-03-01\n"


def places(bad: tuple[BadRow, ...]) -> list[tuple[int | None, str, str, str]]:
    return [(b.line, b.column, b.value, b.code) for b in bad]


def test_first_scores_and_revisions_stand_in_one_file(
    ledger: Ledger, job: Job, announce_small: Announce
) -> None:
    announce_small(ledger)
    wanted = job(MAPPING, HEADER + ROWS)
    done = run(ledger, wanted)
    assert done.bad == ()
    records = [r for r in ledger.read() if r.meta.subject.startswith("evaluation-")]
    first, _ = [r for r in records if isinstance(r.event, ScoresSubmitted)]
    assert isinstance(first.event, ScoresSubmitted)
    assert [m.value for m in first.event.marks] == [Decimal("7.5"), None]
    # The evaluation was whole when its last mark was given: midday of 2 March in Seoul.
    assert first.meta.occurred_at == datetime(2023, 3, 2, 3, 0, tzinfo=UTC)
    assert (first.meta.actor, first.meta.on_behalf_of) == ("officer-1", "e1")
    revised = [r.event for r in records if isinstance(r.event, ScoreRevised)]
    assert [(e.criterion, e.before, e.after) for e in revised] == [
        ("need", Decimal("7.5"), Decimal(8)),
        ("impact", None, Decimal(5)),
    ]
    said = reveal([asdict(event)["reason"] for event in revised], ledger.keyring)
    assert said == ["a slip", "asked the city"]
    digest = sha256(wanted.data.read_bytes()).hexdigest()
    assert {r.meta.imported.file for r in records if r.meta.imported} == {digest}
    assert [r.meta.imported.line for r in records if r.meta.imported] == [2, 4, 2, 4, 6, 7]


def test_rows_that_say_the_same_are_one_fact(
    ledger: Ledger, job: Job, announce_small: Announce
) -> None:
    announce_small(ledger)
    done = run(ledger, job(MAPPING, HEADER + ROWS))
    assert (done.counts["cities"].new, done.counts["cities"].repeated) == (1, 5)
    assert (done.counts["panel"].new, done.counts["panel"].repeated) == (6, 12)


def test_a_file_that_has_grown_adds_its_new_rows_only(
    ledger: Ledger, job: Job, announce_small: Announce
) -> None:
    announce_small(ledger)
    first = run(ledger, job(MAPPING, HEADER + ROWS))
    again = run(ledger, job(MAPPING, HEADER + ROWS))
    assert (again.new, again.known, again.recorded) == (0, first.new, None)
    more = "lima,e1,need,8,7.5,back,2023-03-04\nlima,e1,need,7.5,8,a slip,2023-03-04\n"
    third = COLOMBO.replace("colombo,e1", "lima,e3")
    grown = run(ledger, job(MAPPING, HEADER + third + ROWS + more))
    assert grown.bad == ()
    # An appointment, its declaration, an assignment, an evaluation and two revisions.
    assert (grown.events, grown.known) == (3 + 1 + 2, first.new)
    # A city that applies after the call was closed is late, from a file as well.
    late = run(ledger, job(MAPPING, HEADER + COLOMBO + ROWS)).bad
    assert late[0].code == "not-in-time"


def test_a_mark_may_come_and_go_within_one_instant(
    ledger: Ledger, job: Job, announce_small: Announce
) -> None:
    announce_small(ledger)
    up, down = "lima,e2,need,6,7,again,2023-03-05\n", "lima,e2,need,7,6,again,2023-03-05\n"
    done = run(ledger, job(MAPPING, HEADER + ROWS + up + down + up))
    assert done.bad == ()
    assert done.counts["scores"].new == 2 + 2 + 3
    assert run(ledger, job(MAPPING, HEADER + ROWS + up + down + up)).new == 0


def test_every_bad_row_is_listed_and_none_is_recorded(
    ledger: Ledger, job: Job, announce_small: Announce
) -> None:
    announce_small(ledger)
    size = ledger.store.size()
    rows = [
        "lima,e1,need,,seven,,2023-03-01",
        "lima,e1,impact,,8,,2023-03-01",
        "-lima,e2,need,,6,,2023-03-01",
        "lima,e2,need,,6.3,,2023-03-01",
        "lima,e2,impact,,11,,1 March",
        "lima,e3,need,,6,,2023-03-01",
        "lima,e3,impact,,,,2023-03-01",
        "lima,e4,need,,6,,2023-03-01",
        "lima,e4,colour,,6,,2023-03-01",
        "lima,e4,impact,,7,,2023-03-01",
        "lima,e4,need,5,7,typing,2023-03-02",
        "lima,e5,need,,6,,2023-03-01",
        "lima,e5,impact,,7,,2023-03-01",
        "lima,e5,need,5,7,typing,2023-03-02",
        "lima,e5,need,6,7,,2023-03-02",
        "lima,e5,need,6,6,no change,2023-03-02",
        "lima,e6,need,,6,,2023-03-01",
        "lima,e6,impact,,6.2,,2093-03-01",
    ]
    wanted = job(MAPPING, HEADER + "\n".join(rows))
    tried = plan(ledger, wanted)
    assert places(tried.bad) == [
        (2, "score", "seven", "not-a-number"),
        (4, "city", "-lima", "malformed-id"),
        (5, "score", "6.3", "off-scale"),
        (6, "on", "1 March", "not-a-date"),
        (6, "score", "11", "off-scale"),
        (8, "score", "", "empty-cell"),
        (10, "criterion", "colour", "unknown-criterion"),
        (12, "evaluator", "e4", "nothing-to-revise"),
        (15, "old", "5", "old-score-differs"),
        (16, "reason", "", "empty-cell"),
        (17, "score", "6", "nothing-changed"),
        (19, "on", "", "occurred-in-future"),
        (19, "score", "6.2", "off-scale"),
    ]
    assert str(tried.bad[0]) == (
        "line 2, score = 'seven': a number is written in digits, such as 1200.5 [not-a-number]"
    )
    assert run(ledger, wanted).bad == tried.bad
    assert ledger.store.size() == size


def test_marks_of_one_evaluation_are_each_refused_where_they_stand(
    ledger: Ledger, job: Job, announce_small: Announce
) -> None:
    announce_small(ledger)
    rows = (
        "lima,e1,need,,6.3,,2023-03-01\n"
        "lima,e2,need,,6,,2023-03-01\n"
        "lima,e1,impact,,11,,2023-03-01\n"
    )
    bad = plan(ledger, job(MAPPING, HEADER + rows)).bad
    assert places(bad) == [
        (2, "score", "6.3", "off-scale"),
        (3, "marks.impact", "", "criterion-missing"),
        (4, "score", "11", "off-scale"),
    ]


def test_a_stage_that_is_not_open_refuses_scores(
    ledger: Ledger, job: Job, announce_small: Announce
) -> None:
    announce_small(ledger)
    closed = MAPPING.replace('close_and_open_at = "2023-02-02"', "")
    bad = plan(ledger, job(closed, HEADER + ROWS)).bad
    assert {b.code for b in bad} == {"stage-not-open"}
    early = MAPPING.replace('"2023-02-02"', '"2023-01-20"')
    first = plan(ledger, job(early, HEADER + ROWS)).bad[0]
    assert (first.line, first.column, first.code) == (
        None,
        "[call] close_and_open_at",
        "deadline-not-reached",
    )


def test_progress_is_told_of_every_phase(
    ledger: Ledger, job: Job, announce_small: Announce
) -> None:
    announce_small(ledger)
    told: dict[str, tuple[int, int]] = {}

    def note(phase: str, done: int, total: int) -> None:
        assert done <= total
        told[phase] = (done, total)

    done = run(ledger, job(MAPPING, HEADER + ROWS), progress=note)
    assert list(told) == ["reading", "checking", "deciding", "recording"]
    assert told["recording"] == (done.events, done.events)
    assert all(finished == total for finished, total in told.values())
