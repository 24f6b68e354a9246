"""What others record, before or meanwhile, is neither recorded twice nor overlooked."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.applications import rules as applications
from core.applications.commands import SubmitApplication
from core.applications.events import Project
from core.cities.commands import RegisterCity
from core.cities.events import CityRegistered
from core.decider import Act
from core.ledger.draft import Envelope
from core.ledger.ledger import Contended, Ledger
from core.vocabulary import CallId, Channel, CityId, Text
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
    # The other made the keys of the panel's persons, so all was decided anew, and known.
    assert (outer.recorded, outer.events, outer.counts["scores"].known) == (None, 0, 4)
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


def test_a_stream_that_was_preloaded_as_empty_must_be_empty_when_it_is_recorded(
    ledger: Ledger, announce_small: Announce, officer: Act
) -> None:
    announce_small(ledger)
    at = replace(officer, at=datetime(2023, 1, 10, tzinfo=UTC))
    project = Project(Text("Water"), "14020", "")
    submit = SubmitApplication(CallId("small"), CityId("lima"), Channel.OPEN_CALL, project)
    ledger.handle(registering("lima", at))
    ledger.handle(registering("quito", at))
    draft = ledger.draft()
    draft.preload(applications.DECIDER, "application-small:")
    draft.decide(Envelope(submit, at))
    # Another application under the prefix is none of this one's business.
    with Ledger(ledger.url) as others:
        others.handle(Envelope(replace(submit, city_id=CityId("quito")), at))
    assert draft.touched == {"application-small:lima", "call-small", "city-lima"}
    with Ledger(ledger.url) as others:
        others.handle(Envelope(submit, at))
    with pytest.raises(Contended):
        ledger.commit(draft)
