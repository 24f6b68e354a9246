"""Findings over HTTP: for auditors, analysts and managers, as of any position."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from projections.audit_findings.fold import VIEW
from projections.projector import Projector
from tests.api.harness import Api, code, running
from tests.projections.audit_findings.clean import records
from tests.projections.audit_findings.looking import write
from tests.projections.audit_findings.plants.table import PLANTS
from tests.projections.logs import connect

FreshDatabase = Callable[[], AbstractContextManager[str]]


@pytest.fixture(scope="module")
def audited(fresh_database: FreshDatabase) -> Iterator[Api]:
    """A server over a log that holds what no command would have recorded."""
    plant = next(plant for plant in PLANTS if plant.code == "decider-scored")
    with fresh_database() as url, running(url) as api:
        write(url, records(plant.edit(plant.start())))
        projector = Projector(url, (VIEW,))
        projector.catch_up()
        projector.stop()
        yield api


def test_a_finding_is_shown_with_its_sentences_and_its_events(audited: Api) -> None:
    answer = audited.get("/findings", "auditor-1")
    assert answer.status_code == 200, answer.text
    found = answer.json()["data"]
    assert found["by_rule"] == {"18": 1}
    (finding,) = found["findings"]
    assert (finding["code"], finding["severity"]) == ("decider-scored", "high")
    assert finding["sentence"]["en"] == (
        "ev-kim, who scored in stage document, proposed its selection."
    )
    assert finding["sentence"]["ko"].endswith("해당 선정을 제안함.")
    at = str(finding["positions"][-1])
    assert len(audited.get("/findings", "auditor-1", as_of=at).json()["data"]["findings"]) == 1
    before = audited.get("/findings", "auditor-1", as_of=str(int(at) - 1)).json()
    assert before["data"]["findings"] == []


def test_a_view_that_stopped_is_a_finding_of_now_and_of_no_position(audited: Api) -> None:
    with connect(audited.ledger.url) as connection:
        connection.execute("update views.progress set failure = 'ValueError: x'")
    found = audited.get("/findings", "manager-1").json()
    assert [f["code"] for f in found["data"]["findings"]] == ["decider-scored", "view-stopped"]
    pinned = audited.get("/findings", "manager-1", as_of=str(found["as_of_position"])).json()
    assert [f["code"] for f in pinned["data"]["findings"]] == ["decider-scored"]
    with connect(audited.ledger.url) as connection:
        connection.execute("update views.progress set failure = ''")


@pytest.mark.parametrize(
    ("query", "rules"),
    [
        ({"rule": "18"}, [18]),
        ({"rule": "17"}, []),
        ({"severity": "high"}, [18]),
        ({"severity": "low"}, []),
        ({"call_id": "ssp-2024"}, [18]),
        ({"call_id": "another"}, []),
    ],
)
def test_findings_are_asked_for_by_rule_severity_and_call(
    audited: Api, query: dict[str, str], rules: list[int]
) -> None:
    answer = audited.get("/findings", "analyst-1", None, **query)
    assert [f["rule"] for f in answer.json()["data"]["findings"]] == rules


@pytest.mark.parametrize("query", [{"rule": "29"}, {"severity": "awful"}, {"call_id": "a\0b"}])
def test_a_filter_that_makes_no_sense_is_refused_by_name(
    audited: Api, query: dict[str, str]
) -> None:
    answer = audited.get("/findings", "manager-1", None, **query)
    assert answer.status_code == 400
    assert next(iter(query)) in {error["field"] for error in answer.json()["errors"]}


@pytest.mark.parametrize("who", ["officer-1", "chair-1", "evaluator-1", "city-lima"])
def test_findings_are_not_for_those_whom_they_are_about(audited: Api, who: str) -> None:
    assert code(audited.get("/findings", who)) == (403, "role-not-allowed")
