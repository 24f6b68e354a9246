"""Readers see text about people, until those are erased; nothing else of the log changes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from projections.projector import Projector
from projections.views import VIEWS
from replay.decisions import replay_decision
from replay.verify import verify, verify_views
from tests.api import rounds
from tests.api.harness import Api, code, faults
from tests.api.test_feed import following

REMARK = "Her brother works for the city of Lima"
SHEET = rounds.evaluation_stream("lima", "evaluator-1")
TELLING = (
    f"/calls/{rounds.CALL}/stages/{rounds.STAGE}/dossier",
    "/evaluators/evaluator-1/timeline",
)
NAMED = {"call_id": rounds.CALL, "name": "Kim Jiwon", "email": "kim@example.org"}


def decided(api: Api) -> None:
    """A whole selection, in which evaluator-1 revised a mark and said why."""
    rounds.scored(api)
    revision = {"criterion": "need", "score": "91", "reason": REMARK}
    api.do(
        f"{rounds.evaluation('lima', 'evaluator-1')}/revise-score",
        "evaluator-1",
        revision,
        on=SHEET,
    )
    rounds.ranked(api)
    choice = {"choices": [{"application_id": f"{rounds.CALL}:lima", "outcome": "selected"}]}
    api.do(f"{rounds.SELECTION}/propose", "officer-1", choice, on=rounds.SELECTED)
    api.do(f"{rounds.SELECTION}/approve", "manager-1", on=rounds.SELECTED)


def erase(api: Api, who: str = "evaluator-1") -> dict[str, Any]:
    return api.do(f"/subjects/{who}/erase", "manager-1", {"reason": "asked for it"})


def fed(api: Api, position: int) -> dict[str, Any]:
    with following(api, after=str(position - 1)) as messages:
        data: dict[str, Any] = next(messages)["data"]["data"]
        return data


def last(api: Api, stream: str, who: str = "auditor-1") -> dict[str, Any]:
    data: dict[str, Any] = api.get(f"/streams/{stream}", who).json()["events"][-1]["data"]
    return data


def test_an_erased_evaluator_is_shown_as_erased_and_the_decision_stands_as_it_was(
    api: Api,
) -> None:
    decided(api)
    decision = f"{rounds.CALL}:{rounds.STAGE}"
    before = replay_decision(api.ledger.store, decision)
    root = api.ledger.store.head().root
    projector = Projector(api.ledger.url, VIEWS)
    projector.catch_up()
    assert last(api, SHEET)["reason"] == REMARK
    shown = [api.get(path, "auditor-1") for path in TELLING]
    assert all(REMARK in answer.text for answer in shown)
    assert {answer.headers["Cache-Control"] for answer in shown} == {"no-store"}
    size = api.ledger.store.size()

    at = erase(api)["position"]

    assert last(api, SHEET)["reason"] == {
        "subject": "evaluator-1",
        "at_position": at,
        "erased": True,
    }
    after = replay_decision(api.ledger.store, decision)
    assert after.identical
    assert (after.steps, after.places) == (before.steps, before.places)
    assert verify(api.ledger.store).fault is None
    assert size == at
    projector.catch_up()
    projector.stop()
    assert {view.finding for view in verify_views(api.ledger)} == {""}
    for path in TELLING:
        shown_now = api.get(path, "auditor-1").text
        assert REMARK not in shown_now
        assert '"erased": true' in shown_now
    assert api.ledger.store.head().root != root


def test_the_feed_and_the_stream_show_the_same_and_no_cache_may_keep_it(api: Api) -> None:
    rounds.announce(api)
    api.do("/evaluators/evaluator-1/appoint", "officer-1", NAMED)
    answer = api.get("/streams/evaluator-evaluator-1", "auditor-1")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cache-Control" not in api.get(f"/streams/call-{rounds.CALL}", "auditor-1").headers
    data = answer.json()["events"][0]["data"]
    assert (data["name"], data["email"]) == ("Kim Jiwon", "kim@example.org")
    position = api.ledger.store.size() - 1
    assert fed(api, position) == data

    erase(api)
    shown = fed(api, position)
    assert shown["name"] == shown["email"] == last(api, "evaluator-evaluator-1")["name"]
    assert shown["name"]["erased"]


def test_an_erased_person_is_told_apart_from_a_retry_and_gets_no_new_text(api: Api) -> None:
    rounds.announce(api)
    path = "/evaluators/evaluator-1/appoint"
    assert api.post(path, "officer-1", NAMED, key="once").status_code == 201
    again = api.post(path, "officer-1", NAMED, key="once")
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
    other = api.post(path, "officer-1", {**NAMED, "name": "Kim Jihoon"}, key="once")
    assert code(other) == (409, "idempotency-key-reused")

    erase(api)
    assert code(api.post(path, "officer-1", NAMED, key="once")) == (409, "subject-erased")
    twice = api.post("/subjects/evaluator-1/erase", "manager-1", {"reason": "again"})
    assert code(twice) == (409, "already-erased")


@pytest.mark.parametrize("name", ["name", "email"])
def test_sealed_text_is_not_taken_from_outside(api: Api, name: str) -> None:
    rounds.announce(api)
    api.do("/evaluators/evaluator-1/appoint", "officer-1", NAMED)
    (record,) = api.ledger.read(api.ledger.store.size() - 1)
    assert record.meta.command.body is not None
    token = record.meta.command.body["name"]
    answer = api.post("/evaluators/evaluator-2/appoint", "officer-1", {**NAMED, name: token})
    assert code(answer) == (422, "malformed-value")
    assert faults(answer) == {name: "malformed-value"}


def test_the_documents_of_the_api_speak_of_text_and_not_of_how_it_is_sealed(api: Api) -> None:
    schemas = api.http.get("/openapi.json").json()["components"]["schemas"]
    assert "Sealed" not in json.dumps(schemas)
    shown = schemas["PivotalRevision"]["properties"]["reason"]["anyOf"]
    assert shown == [
        {"type": "string"},
        {"$ref": "#/components/schemas/Erased"},
        {"$ref": "#/components/schemas/Unopened"},
    ]
    assert schemas["AppointEvaluator"]["properties"]["email"]["type"] == "string"


def test_without_the_key_encryption_key_reading_is_503_and_other_streams_are_read(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds.announce(api)
    api.do("/evaluators/evaluator-1/appoint", "officer-1", NAMED)
    monkeypatch.setattr(api.ledger.keyring, "_encryption", None)
    answer = api.get("/streams/evaluator-evaluator-1", "auditor-1")
    assert code(answer) == (503, "keys-unavailable")
    assert api.get(f"/streams/call-{rounds.CALL}", "auditor-1").status_code == 200
