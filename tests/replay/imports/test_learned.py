"""Needs of cities, and consultations about their applications, come from files too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime

from core.applications.events import ConsultationHeld
from core.cities.events import NeedIdentified
from core.ledger.ledger import Ledger
from core.ledger.sealing import reveal
from core.personal import Sealed
from core.vocabulary import Channel
from replay.imports.run import Import, plan, run
from tests.projections.logs import refill
from tests.scenes import LIMA, PHNOM_PENH, RECEIVED

Job = Callable[..., Import]

MAPPING = """
[dates]
time_zone = "Asia/Seoul"
time_of_day = "12:00"

[call]
id = "ssp-2024"

[values.channel]
"대사관" = "embassy"
"시찰" = "site-visit"

[needs]
city = "{city}"
sector = "{sector}"
channel = "{channel}"
statement = "{need}"
occurred_at = "{on}"

[consultations]
city = "{city}"
held_with = "{with}"
summary = "{said}"
validated = ["{sector}"]
contact = "{contact}"
contact_name = "{name}"
occurred_at = "{on}"
"""
HEADER = "city,sector,channel,need,with,said,contact,name,on\n"
ROWS = """\
PELIM,21010,대사관,Buses,The bank,Buses come first,p-7,Ana,2024-03-10
KHPNH,14020,,Water,,,,,2024-03-11
"""
NEEDS_ONLY = ("needs",)


def test_needs_are_recorded_with_the_channel_that_they_came_by(ledger: Ledger, job: Job) -> None:
    refill(ledger.url, RECEIVED)
    start = ledger.store.size()
    done = run(ledger, job(MAPPING, HEADER + ROWS, only=NEEDS_ONLY))
    assert done.bad == ()
    needs = list(ledger.read(start))
    assert [r.event for r in needs] == [
        NeedIdentified(LIMA, "21010", Channel.EMBASSY, "Buses"),
        NeedIdentified(PHNOM_PENH, "14020", Channel.OPEN_CALL, "Water"),
    ]
    assert needs[0].meta.occurred_at == datetime(2024, 3, 10, 3, tzinfo=UTC)
    again = run(ledger, job(MAPPING, HEADER + ROWS, only=NEEDS_ONLY))
    assert (again.new, again.known, again.recorded) == (0, 2, None)
    # Said again on another day, it is another fact.
    later = run(ledger, job(MAPPING, HEADER + ROWS.replace("03-11", "03-12"), only=NEEDS_ONLY))
    assert (later.new, later.known) == (1, 1)


def test_a_consultation_keeps_what_was_said_under_the_contact_s_key(
    ledger: Ledger, job: Job
) -> None:
    refill(ledger.url, RECEIVED)
    first = HEADER + ROWS.splitlines()[0]
    done = run(ledger, job(MAPPING, first, only=("consultations",)))
    assert done.bad == ()
    (held,) = [r.event for r in ledger.read() if isinstance(r.event, ConsultationHeld)]
    assert isinstance(held.summary, Sealed)
    assert held.summary.subject == "p-7"
    shown = reveal(asdict(held), ledger.keyring)
    assert (shown["held_with"], shown["summary"], shown["contact_name"], held.validated) == (
        "The bank",
        "Buses come first",
        "Ana",
        ("21010",),
    )
    assert run(ledger, job(MAPPING, first, only=("consultations",))).new == 0


def test_every_bad_row_of_both_is_listed_where_it_stands(ledger: Ledger, job: Job) -> None:
    refill(ledger.url, RECEIVED)
    size = ledger.store.size()
    rows = [
        "PELIM,2101,대사관,Buses,The bank,Buses,p-7,Ana,2024-03-10",
        "PELIM,21010,전화,Buses,The bank,Buses,p 7,Ana,2024-03-10",
        "unknown,21010,시찰,Buses,The bank,Buses,,,2024-03-10",
        "JPTYO,21010,시찰,,The bank,,,Ana,10 March",
        "KHPNH,21010,시찰,Water,The bank,Water,,Ana,2024-03-10",
    ]
    tried = plan(ledger, job(MAPPING, HEADER + "\n".join(rows)))
    assert [(b.line, b.column, b.value, b.code) for b in tried.bad] == [
        (2, "sector", "2101", "malformed-sector"),
        (3, "channel", "전화", "unlisted-value"),
        (3, "contact", "p 7", "malformed-id"),
        (4, "city", "unknown", "unknown-city"),
        (4, "city", "ssp-2024:unknown", "unknown-application"),
        (5, "need", "", "empty-cell"),
        (5, "on", "10 March", "not-a-date"),
        (5, "said", "", "empty-cell"),
        (6, "contact", "", "contact-without-id"),
    ]
    assert run(ledger, job(MAPPING, HEADER + "\n".join(rows))).bad == tried.bad
    assert ledger.store.size() == size


def test_history_needs_no_city_on_record(ledger: Ledger, job: Job) -> None:
    done = run(ledger, job(MAPPING, HEADER + ROWS.splitlines()[0], as_history=True))
    assert (done.bad, done.events) == ((), 2)
    records = list(ledger.read())
    assert {record.meta.command.name for record in records} == {"history"}
    assert run(ledger, job(MAPPING, HEADER + ROWS.splitlines()[0], as_history=True)).new == 0
