"""Projects, recommendations, dossiers and timelines over HTTP, and who may read them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from projections.projector import Projector
from projections.views import VIEWS
from tests.api import rounds
from tests.api.harness import Api, code
from tests.api.project_rounds import ASKED, PROJECT, PROJECT_ID, RECOMMENDATION
from tests.api.rounds import CALL, STAGE

DOSSIER = f"/calls/{CALL}/stages/{STAGE}/dossier"
OWN = {
    PROJECT: {},
    f"{PROJECT}/timeline": {},
    "/recommendations": {"city_id": "lima"},
}


@pytest.fixture(scope="module")
def seen(open_project: Api) -> Iterator[Api]:
    """A project that is observed, and whose views follow it."""
    projector = Projector(open_project.ledger.url, VIEWS, poll_s=0.02)
    projector.start()
    yield open_project
    projector.stop()


def read(api: Api, path: str, who: str = "auditor-1", **query: str) -> Any:  # noqa: ANN401  # JSON
    last = str(api.ledger.store.size() - 1)
    answer = api.get(path, who, None, **{"after": last, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_a_project_is_shown_with_its_indicators_and_what_it_was_asked(seen: Api) -> None:
    found = read(seen, PROJECT)
    assert (found["status"], found["milestones"][0]["status"]) == ("running", "due")
    (progress,) = found["indicators"][0]["progress"]
    assert (progress["latest"]["reading"]["value"], progress["latest"]["verified"]) == (
        "131",
        False,
    )
    assert progress["ahead"].startswith("-")
    assert [r["status"] for r in found["recommendations"]] == ["issued"]
    late = read(seen, PROJECT, effective_at="2026-01-02T00:00:00Z")
    assert (late["milestones"][0]["status"], late["milestones"][0]["days_late"]) == ("overdue", 33)
    early = read(seen, PROJECT, effective_at="2024-05-01T00:00:00Z")
    assert early["indicators"][0]["observations"] == early["recommendations"] == []


def test_projects_can_be_listed_and_filtered(seen: Api) -> None:
    (line,) = read(seen, "/projects", call_id=CALL, city_id="lima", status="running")["projects"]
    assert (line["project_id"], line["below_path"], line["open_recommendations"]) == (
        PROJECT_ID,
        1,
        1,
    )
    assert read(seen, "/projects", city_id="colombo")["projects"] == []
    assert read(seen, "/projects", status="completed")["projects"] == []


def test_recommendations_can_be_filtered_by_status_and_lateness(seen: Api) -> None:
    path, october = "/recommendations", "2025-10-02T00:00:00Z"
    assert len(read(seen, path, project_id=PROJECT_ID, status="issued")["lines"]) == 1
    assert read(seen, path, overdue="true")["lines"] == []
    (late,) = read(seen, path, overdue="true", effective_at=october)["lines"]
    assert late["days_late"] == 2
    assert late["recommendation"]["recommendation_id"] == RECOMMENDATION.rpartition("/")[2]


@pytest.mark.parametrize("path", OWN)
def test_a_focal_point_reads_what_concerns_their_city_only(seen: Api, path: str) -> None:
    assert read(seen, path, "city-lima", **OWN[path]) == read(seen, path, **OWN[path])
    assert code(seen.get(path, "city-colombo", None, **OWN[path])) == (403, "not-own-city")
    assert code(seen.get(path, "evaluator-1", None, **OWN[path])) == (403, "role-not-allowed")
    none_such = path.replace("lima", "colombo")
    if path != none_such:
        assert code(seen.get(none_such, "city-lima")) == (403, "not-own-city")
        assert code(seen.get(none_such, "city-colombo")) == (404, "not-found")


def test_a_dossier_proves_every_input_of_its_decision(seen: Api) -> None:
    found = read(seen, DOSSIER)
    assert (found["unproven"], len(found["applications"])) == ([], len(rounds.CITIES))
    lima = next(a for a in found["applications"] if a["application_id"] == PROJECT_ID)
    assert (lima["line"]["rank"], lima["proposal"]["outcome"]) == (1, "selected")
    entry = found["approval"]
    proof = seen.get(f"/streams/{entry['stream']}", "auditor-1").json()["events"]
    assert proof[entry["version"] - 1]["data"] == entry["data"]
    at = str(entry["position"])
    assert read(seen, DOSSIER, as_of=at) == found
    alone = read(seen, DOSSIER, approved_at=at, application_id=PROJECT_ID)
    assert alone["applications"] == [lima]
    for query in ({"approved_at": "0"}, {"application_id": "other:lima"}):
        assert code(seen.get(DOSSIER, "auditor-1", None, **query)) == (404, "not-found")


def test_a_timeline_goes_on_where_a_page_ended(seen: Api) -> None:
    path = f"/calls/{CALL}/timeline"
    first = read(seen, path, limit="3")
    rest = read(seen, path, **{"from": str(first["next_position"])})
    whole = read(seen, path)
    facts = [
        [fact["position"] for o in part["occasions"] for c in o["commands"] for fact in c["facts"]]
        for part in (first, rest, whole)
    ]
    assert len(facts[0]) == 3
    assert facts[0] + facts[1] == facts[2]
    assert whole["next_position"] is None


def test_a_timeline_says_who_and_why(seen: Api) -> None:
    yes = {"answer": "accepted", "reason": "we need it too", "action": "new counters"}
    seen.do(f"{RECOMMENDATION}/answer", "city-lima", yes, on=ASKED)
    last = read(seen, f"{PROJECT}/timeline", "city-lima")["occasions"][-1]["commands"][-1]
    assert (last["command"], last["actor"], last["role"], last["reasons"]) == (
        "AnswerRecommendation",
        "city-lima",
        "city",
        ["we need it too"],
    )
    assert [fact["type"] for fact in last["facts"]] == ["monitoring.recommendation-answered.1"]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (PROJECT, {"effective_at": "yesterday"}),
        (DOSSIER, {"approved_at": "-1"}),
        (DOSSIER, {"application_id": "lima"}),
        (f"{PROJECT}/timeline", {"from": "-1"}),
        (f"{PROJECT}/timeline", {"limit": "0"}),
        ("/recommendations", {"overdue": "perhaps"}),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_by_name(
    seen: Api, path: str, query: dict[str, str]
) -> None:
    answer = seen.get(path, "auditor-1", None, **query)
    assert answer.status_code == 400, answer.text
    assert {error["field"] for error in answer.json()["errors"]} == set(query)
