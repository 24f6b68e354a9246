"""An import lists every bad row, records all or nothing, and records nothing twice."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256

import pytest

from core.cities.commands import RegisterCity
from core.cities.events import CityRegistered
from core.decider import Act
from core.evaluations.events import ConflictDeclared, ScoreRevised, ScoresSubmitted
from core.ledger.draft import Envelope
from core.ledger.ledger import Contended, Ledger
from core.vocabulary import CityId, Text
from replay.imports.findings import BadRow, ImportRefused
from replay.imports.run import Import, plan, run

Job = Callable[..., Import]
Announce = Callable[[Ledger], None]

MAPPING = """
[dates]
time_zone = "Asia/Seoul"
time_of_day = "12:00"

[call]
id = "small"
stage = "review"
close_and_open_at = "2023-02-02"

[cities]
city = "{city}"
name = "{city}"
country = "KE"
occurred_at = "2023-01-10"

[applications]
city = "{city}"
title = "Water for {city}"
sector = "14020"
occurred_at = "2023-01-10"

[panel]
evaluator = "{evaluator}"
conflict = "none"
city = "{city}"
occurred_at = "2023-02-01"

[scores]
city = "{city}"
evaluator = "{evaluator}"
criterion = "{criterion}"
score = "{score}"
old_score = "{old}"
reason = "{reason}"
na = ["N/A"]
occurred_at = "{on}"
"""
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
    assert [(e.criterion, e.before, e.after, e.reason) for e in revised] == [
        ("need", Decimal("7.5"), Decimal(8), "a slip"),
        ("impact", None, Decimal(5), "asked the city"),
    ]
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


def test_sections_can_be_taken_one_by_one(
    ledger: Ledger, job: Job, announce_small: Announce
) -> None:
    announce_small(ledger)
    whole = HEADER + ROWS
    first = run(ledger, job(MAPPING, whole, only=("cities", "applications")))
    assert list(first.counts) == ["cities", "applications"]
    assert first.events == 2
    assert run(ledger, job(MAPPING, whole)).known == 2
    with pytest.raises(ImportRefused, match="cities, applications, panel, scores"):
        run(ledger, job(MAPPING, whole, only=("revisions",)))


def test_history_is_recorded_as_it_was_and_not_judged(
    ledger: Ledger, job: Job, announce_small: Announce
) -> None:
    announce_small(ledger)
    size = ledger.store.size()
    # Off the scale, of an unknown criterion, revised from another mark: facts of the past.
    rows = (
        "lima,e1,need,,99,,2023-03-01\n"
        "lima,e1,colour,,6,,2023-03-01\n"
        "lima,e1,need,5,7,x,2023-03-02\n"
    )
    assert {bad.code for bad in plan(ledger, job(MAPPING, HEADER + rows)).bad} == {
        "off-scale", "unknown-criterion", "criterion-missing", "nothing-to-revise"
    }  # fmt: skip
    wanted = job(MAPPING, HEADER + rows, as_history=True)
    done = run(ledger, wanted)
    assert done.bad == ()
    records = list(ledger.read(size))
    assert {record.meta.command.name for record in records} == {"history"}
    digest = sha256(wanted.data.read_bytes()).hexdigest()
    assert all(r.meta.imported and r.meta.imported.file == digest for r in records)
    (revised,) = [r.event for r in records if isinstance(r.event, ScoreRevised)]
    assert (revised.before, revised.after) == (Decimal(5), Decimal(7))
    assert run(ledger, wanted).new == 0
    # Whatever has no meaning at all is still refused.
    (bad,) = run(ledger, job(MAPPING, HEADER + ROWS + "lima,e9,need,,x,,2023-03-01\n",
                             as_history=True)).bad  # fmt: skip
    assert (bad.line, bad.code) == (8, "not-a-number")


def test_interests_are_declared_with_and_without_an_assignment(
    ledger: Ledger, job: Job, announce_small: Announce
) -> None:
    announce_small(ledger)
    mapping = MAPPING.replace('conflict = "none"', 'conflict = "{interest}"\nassign = false')
    mapping = (
        mapping[: mapping.index("[scores]")]
        + '[values.interest]\n"없음" = "none"\n"가족" = "family"\n'
    )
    rows = "city,evaluator,interest\nlima,e1,없음\nlima,e2,가족\nlima,e3,\n"
    assert run(ledger, job(mapping, rows)).bad == ()
    declared = [r.event for r in ledger.read() if isinstance(r.event, ConflictDeclared)]
    assert [(e.evaluator_id, e.kind, e.application_id) for e in declared] == [
        ("e1", "none", None),
        ("e2", "family", "small:lima"),
    ]
    (bad,) = plan(ledger, job(mapping, "city,evaluator,interest\nlima,e4,모름\n")).bad
    assert places((bad,)) == [(2, "interest", "모름", "unlisted-value")]
    assert "없음, 가족" in bad.rule


def test_revisions_have_a_section_of_their_own(
    ledger: Ledger, job: Job, announce_small: Announce
) -> None:
    announce_small(ledger)
    run(ledger, job(MAPPING, HEADER + ROWS))
    mapping = """
    [call]
    id = "small"
    stage = "review"
    [file]
    decimal = ","
    delimiter = ";"
    [revisions]
    city = "{도시}"
    evaluator = "e2"
    criterion = "need"
    score = "{점수}"
    reason = "{사유}"
    """
    wanted = job(mapping, "도시;점수;사유\nlima;6,5;오기\nlima;6.5;오기\n")
    assert places(run(ledger, wanted).bad) == [(3, "점수", "6.5", "not-a-number")]
    wanted = job(mapping, "도시;점수;사유\nlima;6,5;오기\n")
    assert run(ledger, wanted).events == 1
    later = replace(wanted, act=replace(wanted.act, at=datetime(2024, 5, 1, tzinfo=UTC)))
    assert run(ledger, later).new == 0


def registering(city: str, act: Act, country: str = "PE") -> Envelope:
    return Envelope(RegisterCity(CityId(city), Text(city), country), act)


def test_a_city_registered_before_is_kept_where_the_mapping_says_so(
    ledger: Ledger, job: Job, announce_small: Announce, officer: Act
) -> None:
    announce_small(ledger)
    ledger.handle(registering("lima", officer))
    refused = plan(ledger, job(MAPPING, HEADER + ROWS)).bad
    assert places(refused) == [(2, "city", "lima", "already-registered")]
    keeping = MAPPING.replace("[cities]", "[cities]\nkeep_existing = true")
    done = run(ledger, job(keeping, HEADER + ROWS + COLOMBO))
    assert done.bad == ()
    assert (done.counts["cities"].new, done.counts["cities"].known) == (1, 1)
    # A file that contradicts itself is refused all the same.
    twice = keeping.replace('name = "{city}"', 'name = "{criterion}"')
    bad = plan(ledger, job(twice, HEADER + COLOMBO.replace("colombo", "quito"))).bad
    assert ("city", "quito", "already-registered") in {b[1:] for b in places(bad)}


def test_what_others_record_meanwhile_is_decided_anew(
    ledger: Ledger, job: Job, announce_small: Announce, officer: Act
) -> None:
    announce_small(ledger)
    keeping = MAPPING.replace("[cities]", "[cities]\nkeep_existing = true")
    raced: list[str] = []

    def race(phase: str, done: int, total: int) -> None:
        del total
        if phase == "recording" and done == 0:
            raced.append("lima" if not raced else "colombo")
            if len(raced) <= 2:
                with Ledger(ledger.url) as other:
                    other.handle(registering(raced[-1], officer))

    done = run(ledger, job(keeping, HEADER + ROWS + COLOMBO), progress=race)
    assert raced == ["lima", "colombo", "colombo"]
    assert done.recorded is not None
    assert (done.counts["cities"].new, done.counts["cities"].known) == (0, 2)
    cities = [r.event.country for r in ledger.read() if isinstance(r.event, CityRegistered)]
    assert cities == ["PE", "PE"]


def test_two_imports_of_one_file_at_once_record_it_once(
    ledger: Ledger, job: Job, announce_small: Announce
) -> None:
    announce_small(ledger)
    wanted = job(MAPPING, HEADER + ROWS)
    inner: list[int] = []

    def race(phase: str, done: int, total: int) -> None:
        del total
        if phase == "recording" and done == 0 and not inner:
            with Ledger(ledger.url) as other:
                inner.append(run(other, wanted).events)

    size = ledger.store.size()
    outer = run(ledger, wanted, progress=race)
    assert outer.recorded is not None
    assert (outer.recorded.first_position, outer.events) == (size, inner[0])
    assert ledger.store.size() == size + inner[0]


def test_an_import_gives_up_where_others_never_rest(
    ledger: Ledger, job: Job, announce_small: Announce, officer: Act
) -> None:
    announce_small(ledger)
    cities = [f"city-{n}" for n in range(9)]
    keeping = MAPPING.replace("[cities]", "[cities]\nkeep_existing = true")
    keeping = keeping[: keeping.index("[panel]")]

    def race(phase: str, done: int, total: int) -> None:
        del total
        if phase == "recording" and done == 0:
            with Ledger(ledger.url) as other:
                other.handle(registering(cities.pop(), officer))

    size = ledger.store.size()
    with pytest.raises(Contended):
        run(ledger, job(keeping, "city\n" + "\n".join(cities)), progress=race)
    assert ledger.store.size() == size + 5


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
