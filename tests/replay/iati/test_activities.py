"""Projects as donors publish them: valid by the standard's schema and rules, and true."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema

from core.errors import DomainError
from core.ledger.ledger import Ledger
from core.monitoring.events import ObservationCorrected, ObservationVerified
from core.projects.events import (
    FollowUpKind,
    FollowUpLinked,
    PaymentMade,
    ProjectCancelled,
    ProjectCompleted,
    ProjectPreferred,
    ProjectResumed,
    ProjectStarted,
    ProjectSuspended,
)
from core.vocabulary import ActorId, Text
from replay.iati.file import Published, publisher, write_activities
from tests.project_scenes import (
    AGREED,
    AGREEMENT,
    DEFINED,
    ENDS,
    NEXT,
    OBSERVED,
    PLAN,
    PLANNED,
    PREFERENCE,
    PROJECT,
    RIDERS,
    RUNNING,
    STARTS,
    WOMEN,
    Y2025,
    observed,
    reading,
)
from tests.projections.logs import refill
from tests.reference import reference
from tests.replay.iati.ruleset import Broken, Checker
from tests.scenes import (
    CALL,
    DIGEST,
    FINAL,
    LIMA,
    PHNOM_PENH,
    Facts,
    app,
    project,
    submitted,
    swapped,
)
from tests.stories import NOON

ORG = publisher("KR-TEST-1", "Seoul", "서울")
LATE = datetime(2026, 12, 1, tzinfo=UTC)
HAVE_BEEN_PAID = PaymentMade(
    PROJECT, 1, 90_000_000, date(2024, 7, 1), "Seoul Institute", "first <part>", DIGEST
)
CORRECTED = ObservationCorrected(
    PROJECT, RIDERS, 1, ActorId("officer-2"), reading(), reading("131.5"), "a slip"
)
WHOLE: Facts = (
    *OBSERVED,
    HAVE_BEEN_PAID,
    CORRECTED,
    ObservationVerified(PROJECT, RIDERS, 1, ActorId("manager-1")),
    observed(2, reading("149", Y2025)),
    observed(3, reading("70.25", Y2025, *WOMEN)),
    ProjectPreferred(NEXT, app(PHNOM_PENH), CALL, PHNOM_PENH, FINAL, None),
)


@pytest.fixture(scope="module")
def ledger(fresh_database: Callable[[], AbstractContextManager[str]]) -> Iterator[Ledger]:
    """A ledger that each test fills anew."""
    with fresh_database() as url, Ledger(url) as opened:
        yield opened


def written(ledger: Ledger, as_of: str | None = None) -> tuple[Published, bytes]:
    file = BytesIO()
    done = write_activities(ledger, ORG, as_of, file)
    return done, file.getvalue()


def told(ledger: Ledger, facts: Facts) -> tuple[Published, ET.Element]:
    """Publish a log that holds these facts and no other."""
    refill(ledger.url, facts)
    done, content = written(ledger)
    return done, ET.fromstring(content)  # noqa: S314  # our own file


def broken(root: ET.Element, now: datetime = LATE) -> list[Broken]:
    return Checker(root, now).broken(reference("iati/ruleset_standard.json"))


def valid(root: ET.Element) -> None:
    _schema(reference("iati/iati-activities-schema.xsd")).validate(root)


@cache
def _schema(path: Path) -> xmlschema.XMLSchema10:
    return xmlschema.XMLSchema10(str(path))


def test_a_project_with_results_is_valid_by_schema_ruleset_and_codelists(ledger: Ledger) -> None:
    done, root = told(ledger, WHOLE)
    assert (done.activities, done.left_out) == (1, {str(NEXT): "nothing was planned yet"})
    valid(root)
    assert broken(root) == []
    for path, attribute, codelist in (
        ("activity-status", "code", "ActivityStatus"),
        ("activity-date", "type", "ActivityDateType"),
        ("recipient-country", "code", "Country"),
        ("sector", "code", "Sector"),
        ("collaboration-type", "code", "CollaborationType"),
        ("default-flow-type", "code", "FlowType"),
        ("default-finance-type", "code", "FinanceType"),
        ("default-aid-type", "code", "AidType"),
        ("participating-org", "role", "OrganisationRole"),
        ("reporting-org", "type", "OrganisationType"),
        ("transaction/transaction-type", "code", "TransactionType"),
        ("result", "type", "ResultType"),
        ("result/indicator", "measure", "IndicatorMeasure"),
    ):
        found = {e.get(attribute) for e in root.findall(f"iati-activity/{path}")}
        assert found
        assert found <= active(reference(f"iati/codelists/{codelist}.csv")), path


def active(codelist: Path) -> set[str | None]:
    lines = codelist.read_text(encoding="utf-8").splitlines()[1:]
    return {line.split(",")[0].strip('"') for line in lines if ",active," in line}


def test_the_rules_find_what_is_wrong(ledger: Ledger) -> None:
    """A checker that could not fail would prove nothing."""
    _, root = told(ledger, WHOLE)
    (activity,) = root.findall("iati-activity")
    for element in activity.findall("sector"):
        activity.remove(element)
    for day in activity.findall("activity-date[@type='2']"):
        day.set("iso-date", "2099-01-01")
    for target in activity.iter("target"):
        del target.attrib["value"]
    country = activity.find("recipient-country")
    assert country is not None
    country.set("percentage", "90")
    assert {b.rule for b in broken(root)} == {"6.2.2", "6.7.2", "11.1.4", "8.9.1", "3.1.4"}
    assert {b.rule for b in broken(root, datetime(2024, 1, 1, tzinfo=UTC))} >= {"11.1.1", "11.2.1"}
    activity.remove(country)
    activity.insert(0, country)
    with pytest.raises(xmlschema.XMLSchemaValidationError):
        valid(root)


def test_the_activity_says_who_where_when_and_for_how_much(ledger: Ledger) -> None:
    _, root = told(ledger, WHOLE)
    (a,) = root.findall("iati-activity")
    assert a.findtext("iati-identifier") == "KR-TEST-1-ssp-2024:PELIM"
    assert [n.text for n in a.findall("reporting-org/narrative")] == ["Seoul", "서울"]
    assert [(d.get("type"), d.get("iso-date")) for d in a.findall("activity-date")] == [
        ("1", "2024-06-10"),
        ("2", "2024-06-10"),
        ("3", "2025-12-31"),
    ]
    assert [
        (t.findtext("value"), t[0].get("code"), t.findtext("description/narrative"))
        for t in a.findall("transaction")
    ] == [("180000000", "2", None), ("90000000", "3", "first <part>")]
    orgs = a.findall("participating-org")
    assert [(o.get("role"), o.findtext("narrative")) for o in orgs] == [
        ("1", "Seoul"),
        ("4", "Seoul Institute"),
    ]
    # Nobody is named: the log knows the implementer as expert-7.
    assert b"expert-7" not in ET.tostring(root)


def test_indicators_hold_baseline_targets_and_what_was_observed_in_the_same_days(
    ledger: Ledger,
) -> None:
    _, root = told(ledger, WHOLE)
    (indicator,) = root.iter("indicator")
    assert (indicator.get("measure"), indicator.get("ascending")) == ("1", "1")
    baseline = indicator.find("baseline")
    assert baseline is not None
    assert baseline.attrib == {"year": "2023", "value": "120.5"}
    periods = [
        (
            period[0].get("iso-date"),
            period[1].get("iso-date"),
            [t.get("value") for t in period.findall("target")],
            [
                (x.get("value"), [d.get("value") for d in x.findall("dimension")])
                for x in period.findall("actual")
            ],
        )
        for period in indicator.findall("period")
    ]
    assert periods == [
        ("2024-06-10", "2024-12-31", ["130"], []),
        ("2025-01-01", "2025-06-30", [], [("131.5", [])]),
        ("2025-01-01", "2025-12-31", ["150"], [("149", []), ("70.25", ["female"])]),
    ]
    assert [c.text for c in indicator.findall(".//comment/narrative")] == [
        "Source: ticket machines; verified.",
        "Source: ticket machines; not verified yet.",
        "Source: ticket machines; not verified yet.",
    ]


RESTS = ProjectSuspended(PROJECT, date(2025, 3, 1), "elections")
GOES_ON = ProjectResumed(PROJECT, date(2025, 4, 1), "they are over")
DONE = ProjectCompleted(PROJECT, ENDS, (), "")
# Nothing is left to be watched where what is watched ends before all of this is known.
UNWATCHED = replace(AGREED, plan=replace(PLAN, monitored_until=(NOON - timedelta(days=9)).date()))


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        (PLANNED, "1"),
        ((*PLANNED, AGREEMENT), "1"),
        (RUNNING, "2"),
        ((*RUNNING, RESTS), "6"),
        ((*RUNNING, RESTS, GOES_ON), "2"),
        ((*RUNNING, DONE), "3"),
        ((*RUNNING[:-3], UNWATCHED, *RUNNING[-2:], DONE), "4"),
        ((*RUNNING, ProjectCancelled(PROJECT, ENDS, "the city asked for it")), "5"),
        ((*RUNNING, ProjectCancelled(PROJECT, date(2024, 6, 9), "it should not have begun")), "5"),
        ((*PLANNED, ProjectCancelled(PROJECT, ENDS, "the city asked for it")), "5"),
        ((*RUNNING, FollowUpLinked(
            PROJECT, 1, FollowUpKind.BANK_LOAN, "A bank", Text("A loan"), None, "")), "2"),
    ],
)  # fmt: skip
def test_every_state_of_a_project_is_a_status_of_the_standard(
    ledger: Ledger, facts: Facts, status: str
) -> None:
    assert PREFERENCE in facts
    _, root = told(ledger, facts)
    assert [s.get("code") for s in root.iter("activity-status")] == [status]
    valid(root)
    assert broken(root) == []


def test_what_must_not_or_cannot_be_told_is_left_out_with_its_reason(ledger: Ledger) -> None:
    """History may hold a project whose application nobody recorded."""
    alone = (ProjectStarted(PROJECT, STARTS),)
    done, root = told(ledger, alone)
    assert done.left_out == {str(PROJECT): "its application or its city is not on record"}
    assert len(root) == 0


def test_an_application_that_history_left_blank_bears_its_id(ledger: Ledger) -> None:
    blank = replace(submitted(LIMA), project=replace(project(), title=Text(" "), summary=""))
    _, root = told(ledger, swapped(RUNNING, submitted(LIMA), blank))
    assert root.findtext("iati-activity/title/narrative") == PROJECT
    assert broken(root) == []


def test_a_past_moment_gives_the_same_bytes_for_good(ledger: Ledger) -> None:
    refill(ledger.url, DEFINED)
    then, before = written(ledger)
    assert written(ledger, str(then.position)) == (then, before)
    refill(ledger.url, (*DEFINED, observed(1, reading())))
    now, after = written(ledger)
    # The log was filled anew, with another time of recording: but for that it is the same.
    _, again = written(ledger, str(then.position))
    assert len(again) == len(before)
    assert b"<actual" in after
    assert b"<actual" not in again
    assert now.position == then.position + 1


def test_text_that_xml_cannot_hold_breaks_no_file(ledger: Ledger) -> None:
    odd = replace(HAVE_BEEN_PAID, purpose="\x01 & <b> ]]> \ufffe", recipient="\ud55c\uae00")
    _, root = told(ledger, (*RUNNING, odd))
    said = [n.text for n in root.findall(".//transaction/description/narrative")]
    assert said == ["\ufffd & <b> ]]> \ufffd"]
    valid(root)


@pytest.mark.parametrize("ref", ["", "KR 1", "KR/1", "a|b", "a&b", "a?b", "KR-1\n"])
def test_an_identifier_that_the_standard_refuses_is_refused(ref: str) -> None:
    with pytest.raises(DomainError) as refused:
        publisher(ref, "Seoul")
    assert refused.value.code == "malformed-organisation"


def test_an_empty_log_has_nothing_to_publish(database_url: str) -> None:
    with Ledger(database_url) as empty, pytest.raises(DomainError) as refused:
        written(empty)
    assert refused.value.code == "empty-log"


def test_numbers_are_written_in_digits(ledger: Ledger) -> None:
    tiny = observed(1, replace(reading(), value=Decimal("0.00000001")))
    _, root = told(ledger, (*DEFINED, tiny))
    assert [x.get("value") for x in root.iter("actual")] == ["0.00000001"]
