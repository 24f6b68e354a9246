"""Findings in PostgreSQL: what tables say is what memory says, and as of any position."""

from __future__ import annotations

import pytest

from core.ledger.requests import NewEvent, Request
from core.ledger.store import append
from projections.audit_findings.fold import VIEW
from projections.audit_findings.queries import Findings, findings, stopped_views
from projections.audit_findings.sentences import Severity
from projections.projector import Projector
from projections.time_travel import fold
from tests.projections.audit_findings import clean
from tests.projections.audit_findings.looking import write
from tests.projections.audit_findings.plants.table import PLANTS
from tests.projections.logs import broken_ranges, connect, live
from tests.stories import NOON

WRITTEN = ("revised-late-pivotal", "annulled-counts", "action-overdue")


def asked(url: str, as_of: int, **filters: object) -> Findings:
    with connect(url) as connection:
        return findings(connection, as_of, **filters)  # type: ignore[arg-type]  # as given


@pytest.mark.parametrize("code", WRITTEN)
def test_what_is_appended_past_the_commands_is_found_in_the_tables(
    database_url: str, code: str
) -> None:
    plant = next(plant for plant in PLANTS if plant.code == code)
    records = clean.records(plant.edit(plant.start()))
    write(database_url, records)
    projector = Projector(database_url, (VIEW,), batch=7, most=3)
    last = projector.catch_up()
    projector.stop()
    assert projector.failures() == {}
    assert broken_ranges(database_url, VIEW) == []
    for position in (0, last // 2, last):
        assert live(database_url, VIEW, position) == fold(VIEW, records[: position + 1])
    (finding,) = asked(database_url, last).findings
    assert finding.code == code
    assert asked(database_url, max(finding.positions) - 1).findings == ()


def test_findings_are_asked_for_by_rule_call_and_severity(database_url: str) -> None:
    history = clean.selection()
    for code in ("decider-scored", "weights-not-100", "appeal-late"):
        history = next(p for p in PLANTS if p.code == code).edit(history)
    write(database_url, clean.records(history))
    projector = Projector(database_url, (VIEW,))
    last = projector.catch_up()
    projector.stop()

    whole = asked(database_url, last)
    assert [f.rule for f in whole.findings] == [2, 18, 20]
    assert whole.by_severity == {"high": 2, "medium": 1}
    assert whole.by_rule == {2: 1, 18: 1, 20: 1}
    assert [f.rule for f in asked(database_url, last, rule=18).findings] == [18]
    assert [f.rule for f in asked(database_url, last, severity=Severity.MEDIUM).findings] == [20]
    assert [f.rule for f in asked(database_url, last, call_id="ssp-2024").findings] == [2, 18, 20]
    assert [f.rule for f in asked(database_url, last, call_id="another").findings] == [2]


def test_a_view_that_stopped_is_a_finding_beside_the_fold_s(database_url: str) -> None:
    write(database_url, clean.records(clean.locked())[:5])
    with connect(database_url) as connection:
        event = NewEvent("call-x", 1, "calls.closed.1", b'"type":"calls.closed.1","data":{}}')
        append(connection, [Request([event])], NOON)
    projector = Projector(database_url, (VIEW,))
    projector.catch_up()
    projector.stop()
    with connect(database_url) as connection:
        (finding,) = stopped_views(connection)
    assert (finding.rule, finding.code, finding.positions) == (27, "view-stopped", (4,))
    assert "audit_findings stopped after position 4" in finding.sentence.en
