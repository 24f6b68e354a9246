"""Views over HTTP: pinned to a position, readable as of any other, closed to evaluators."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from projections.projector import Projector
from projections.views import VIEWS
from tests.api import rounds
from tests.api.harness import Api, code, running
from tests.api.rounds import CALL, CITIES, STAGE, evaluation, evaluation_stream

RANKING = f"/calls/{CALL}/stages/{STAGE}/ranking"
CONSISTENCY = f"/calls/{CALL}/stages/{STAGE}/consistency"
DRIFT = f"/stages/{STAGE}/drift"
DOSSIER = f"/calls/{CALL}/stages/{STAGE}/dossier"
TRACE = f"/applications/{CALL}:lima/stages/{STAGE}/trace"
LISTS: dict[str, dict[str, Any]] = {
    "/partner-pools": {"cities": [], "by_tier": {}, "by_region": {}, "by_sector": {}},
    f"/calls/{CALL}/applications": {"applications": [], "by_status": {}},
    "/projects": {"projects": [], "by_status": {}},
    "/recommendations": {"lines": [], "by_status": {}, "overdue": 0},
}
TIMELINES = (
    f"/calls/{CALL}/timeline",
    "/cities/lima/timeline",
    f"/applications/{CALL}:lima/timeline",
    "/evaluators/evaluator-1/timeline",
)
PATHS = (*LISTS, f"/applications/{CALL}:lima", RANKING, TRACE, CONSISTENCY, DRIFT, *TIMELINES)


@pytest.fixture(scope="module")
def seen(open_round: Api) -> Iterator[Api]:
    """A round whose evaluators have just scored, and whose views follow it."""
    projector = Projector(open_round.ledger.url, VIEWS, poll_s=0.02)
    projector.start()
    yield open_round
    projector.stop()


def last(api: Api) -> str:
    return str(api.ledger.store.size() - 1)


def totals(answer: dict[str, Any]) -> dict[str, Decimal]:
    lines = [line["ranked"]["scored"] for line in answer["data"]["lines"]]
    return {line["application"].partition(":")[2]: Decimal(line["total"]) for line in lines}


@pytest.mark.parametrize("path", PATHS)
def test_every_view_says_which_moment_it_is_about(seen: Api, path: str) -> None:
    answer = seen.get(path, "auditor-1", after=last(seen))
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["as_of_position"] >= int(last(seen))
    assert found["recorded_at"] is not None
    assert found["view_version"] >= 1
    assert found["view"]


@pytest.mark.parametrize("who", ["evaluator-1", "city-lima"])
def test_no_view_of_a_round_is_open_to_evaluators_or_cities(seen: Api, who: str) -> None:
    for path in (*PATHS, DOSSIER):
        asked_for_all = path == "/recommendations" and who == "city-lima"
        refused = "not-own-city" if asked_for_all else "role-not-allowed"
        assert code(seen.get(path, who)) == (403, refused), path


def test_a_position_that_is_not_recorded_yet_is_refused(seen: Api) -> None:
    for path in (*PATHS, DOSSIER):
        answer = seen.get(path, "analyst-1", as_of="999999")
        assert code(answer) == (400, "position-beyond-head"), path


def test_before_the_first_event_there_is_nothing(seen: Api) -> None:
    for path in PATHS:
        answer = seen.get(path, "analyst-1", as_of="2020-01-01T00:00:00Z")
        if path in LISTS:
            assert answer.json()["data"] == LISTS[path]
        else:
            assert code(answer) == (404, "not-found"), path


def test_a_view_can_be_read_right_after_one_s_own_write(seen: Api) -> None:
    path = f"{evaluation('lima', 'evaluator-1')}/revise-score"
    before = seen.get(RANKING, "auditor-1", after=last(seen)).json()
    body = {"criterion": "need", "score": "60", "reason": "a table had been misread"}
    receipt = seen.do(path, "evaluator-1", body, on=evaluation_stream("lima", "evaluator-1"))

    now = seen.get(RANKING, "auditor-1", after=str(receipt["position"])).json()
    then = seen.get(RANKING, "auditor-1", as_of=str(before["as_of_position"])).json()
    # 90, 90 and 60 on need, 75 on fit: (90 + 90 + 60) / 3 x 0.6 + 75 x 0.4
    assert totals(now)["lima"] == Decimal(78)
    assert totals(then) == totals(before)
    assert totals(then)["lima"] == Decimal(84)

    trace = seen.get(TRACE, "auditor-1", as_of=str(receipt["position"])).json()["data"]
    assert trace["cause"] == receipt["position"]
    consistency = seen.get(CONSISTENCY, "analyst-1", as_of=str(receipt["position"])).json()
    assert consistency["data"]["revisions"]["total"]["down"] >= 1
    earlier = seen.get(
        CONSISTENCY,
        "analyst-1",
        as_of=str(receipt["position"]),
        effective_at="2024-01-01T00:00:00Z",
    ).json()
    assert earlier["data"]["revisions"]["total"]["revisions"] == 0
    assert [c["mean"] for c in earlier["data"]["criteria"]] == [None, None]


def test_a_read_that_waits_too_long_says_when_to_come_back(seen: Api) -> None:
    with running(seen.ledger.url, after_timeout_s=0.1) as api:
        answer = api.get("/partner-pools", "officer-1", after="999999999")
    assert code(answer) == (503, "not-visible-yet")
    assert answer.headers["Retry-After"] == "1"


@pytest.mark.parametrize(
    ("query", "refused"),
    [
        ({"effective_at": "yesterday"}, "malformed-instant"),
        ({"as_of": "2024-05-01"}, "malformed-instant"),
        ({"as_of": "-2"}, "malformed-instant"),
        ({"as_of": "2999-01-01T00:00:00Z"}, "instant-in-future"),
    ],
)
def test_a_moment_that_makes_no_sense_is_refused_by_name(
    seen: Api, query: dict[str, str], refused: str
) -> None:
    answer = seen.get(CONSISTENCY, "analyst-1", None, **query)
    assert code(answer) == (400, refused)
    assert next(iter(query)) in {error["field"] for error in answer.json()["errors"]}


def test_the_pool_can_be_filtered(seen: Api) -> None:
    def cities(**query: str) -> set[str]:
        found = seen.get("/partner-pools", "officer-1", None, after=last(seen), **query).json()
        return {item["city"]["city_id"] for item in found["data"]["cities"]}

    assert cities() == set()
    assert cities(pooled_only="false") == set(CITIES)
    assert cities(pooled_only="false", country="PE") == {"lima"}


def test_without_a_projector_a_view_says_that_it_was_never_filled(api: Api) -> None:
    rounds.announce(api)
    for query in ({}, {"as_of": "2020-01-01T00:00:00Z"}):
        answer = api.get("/partner-pools", "officer-1", None, **query)
        assert code(answer) == (503, "not-ready")


def test_the_docs_work_without_the_internet(api: Api) -> None:
    page = api.http.get("/docs")
    assert page.status_code == 200
    assert "://" not in page.text, "everything comes from this server"
    for file in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png"):
        assert f"/docs/files/{file}" in page.text
        assert api.http.get(f"/docs/files/{file}").status_code == 200
