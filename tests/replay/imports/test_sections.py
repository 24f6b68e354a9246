"""Parts of an import: some sections, history, interests, revisions alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest

from core.applications.events import ApplicationSubmitted
from core.evaluations.events import ConflictDeclared, ScoreRevised
from core.groups import CityFacts
from core.ledger.ledger import Ledger
from replay.imports.findings import BadRow, ImportRefused
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


def places(bad: tuple[BadRow, ...]) -> list[tuple[int | None, str, str, str]]:
    return [(b.line, b.column, b.value, b.code) for b in bad]


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
    (applied,) = [r.event for r in records if isinstance(r.event, ApplicationSubmitted)]
    assert applied.city == CityFacts("KE")
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
