"""What-if over HTTP: a question that is open to those who read everything, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest

from api import what_if
from core.vocabulary import Role
from tests.api.harness import Api, code, faults, running
from tests.api.test_access import PEOPLE
from tests.rounds import START, Round

DECISION = "/decisions/c:doc/what-if"


@pytest.fixture(scope="module")
def decided(fresh_database: Callable[[], AbstractContextManager[str]]) -> Iterator[Api]:
    """A server over a round of three cities and two evaluators, of whom z was selected."""
    with fresh_database() as url, running(url) as api:
        api.clock.move_to(START + timedelta(days=20))
        Round(api.ledger).whole()
        yield api


def asked(api: Api, body: object = None) -> dict[str, Any]:
    answer = api.post(DECISION, "auditor-1", body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_question_is_answered_as_a_hypothesis_and_nothing_is_recorded(decided: Api) -> None:
    before = decided.ledger.store.head()
    body = {"slots": 2, "weights": [{"criterion": "a", "weight": "50"}], "grid": 4, "spread": 10}
    answer = decided.post(DECISION, "auditor-1", body)
    assert answer.headers["Cache-Control"] == "no-store"
    found = answer.json()
    assert next(iter(found)) == "hypothesis"
    assert found["hypothesis"] is True
    assert found["notice"].startswith("A HYPOTHESIS")
    assert (found["before"]["selected"], found["gained"]) == (["c:z"], ["c:y"])
    assert [w["weight"] for w in found["weights_after"]] == ["50", "50"]
    assert found["stability"]["weightings"] == 4
    assert decided.ledger.store.head() == before


def test_what_was_asked_comes_back_as_it_can_be_asked_again(decided: Api) -> None:
    body = {
        "drop_evaluators": ["e1"],
        "quorum": 1,
        "conflicts": [{"evaluator_id": "e2", "application_id": "c:z"}],
        "floors": [{"criterion": "total", "floor": "55"}, {"criterion": "a", "floor": None}],
        "trim": "drop-high-low",
    }
    found = asked(decided, body)
    assert asked(decided, found["question"]) == found
    standings = {line["application_id"]: line["after"]["standing"] for line in found["lines"]}
    assert standings == {"c:z": "no-quorum", "c:y": "ranked", "c:x": "below-floor"}


def test_those_may_ask_who_read_everything_and_the_staff(decided: Api) -> None:
    allowed = {r for r, who in PEOPLE.items() if decided.post(DECISION, who).status_code == 200}
    assert allowed == {Role.AUDITOR, Role.ANALYST, Role.MANAGER, Role.OFFICER}
    refused = {code(decided.post(DECISION, PEOPLE[role])) for role in PEOPLE.keys() - allowed}
    assert refused == {(403, "role-not-allowed")}
    assert code(decided.http.post(DECISION)) == (401, "not-authenticated")


def test_an_evaluator_learns_nothing_of_whether_a_decision_exists(decided: Api) -> None:
    answers = [
        decided.post(path, "evaluator-1", {"grid": "x"}).json()
        for path in (DECISION, "/decisions/c:never/what-if")
    ]
    said = [{k: v for k, v in answer.items() if k != "correlation_id"} for answer in answers]
    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("path", "body", "wrong", "field"),
    [
        ("c:never", {}, (404, "unknown-decision"), "decision_id"),
        ("c:doc@3", {}, (404, "unknown-decision"), "decision_id"),
        ("c", {}, (400, "malformed-id"), "decision_id"),
        ("c:doc", {"color": 1}, (422, "unknown-field"), "color"),
        ("c:doc", {"slots": "2"}, (422, "malformed-value"), "slots"),
        ("c:doc", {"weights": [{"criterion": "a"}]}, (422, "missing-field"), "weights.0.weight"),
        ("c:doc", {"slots": 0}, (400, "no-slots"), "slots"),
        ("c:doc", {"grid": 201}, (400, "grid-out-of-range"), "grid"),
        ("c:doc", {"ignore_revisions": [1]}, (404, "unknown-revision"), "ignore_revisions"),
        ("c:doc", {"drop_evaluators": ["e9"]}, (409, "not-evaluated"), "drop_evaluators.0"),
    ],
)
def test_a_question_that_makes_no_sense_names_the_field(
    decided: Api, path: str, body: object, wrong: tuple[int, str], field: str
) -> None:
    answer = decided.post(f"/decisions/{path}/what-if", "analyst-1", body)
    assert code(answer) == wrong
    assert field in faults(answer)


def test_one_at_a_time_is_answered_and_the_others_are_told_to_come_again(
    decided: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(what_if, "_TURN_S", 0.01)
    with what_if.ONE_AT_A_TIME:
        answer = decided.post(DECISION, "auditor-1")
    assert code(answer) == (503, "too-busy")
    assert answer.headers["Retry-After"] == "2"
    assert asked(decided)["gained"] == []


def test_the_document_explains_the_question_and_its_answer(decided: Api) -> None:
    document = decided.http.get("/openapi.json").json()
    schemas = document["components"]["schemas"]
    [example] = schemas["Question"]["examples"]
    assert set(example) == set(schemas["Question"]["properties"])
    assert schemas["WhatIf"]["properties"]["hypothesis"] == {
        "const": True,
        "type": "boolean",
        "title": "Hypothesis",
    }
