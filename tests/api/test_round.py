"""A whole selection round, by people who know nothing but HTTP."""

from __future__ import annotations

from api.access import POLICY
from tests.api import rounds
from tests.api.harness import Api, code
from tests.api.rounds import CALL, SELECTED, SELECTION

WINNER = {"choices": [{"application_id": f"{CALL}:lima", "outcome": "selected"}]}


def test_a_round_goes_from_rubric_to_conclusion(api: Api) -> None:
    rounds.scored(api)
    rounds.ranked(api)
    api.do(f"{SELECTION}/propose", "chair-1", WINNER, on=SELECTED)
    api.do(f"{SELECTION}/approve", "manager-1", on=SELECTED)
    api.do(f"{SELECTION}/notify", "officer-1", on=SELECTED)
    receipt = api.do(f"/calls/{CALL}/conclude", "manager-1", on=f"call-{CALL}")
    assert [event["type"] for event in receipt["events"]] == ["calls.concluded.1"]
    events = api.get(f"/streams/{SELECTED}", "auditor-1").json()["events"]
    assert [event["type"] for event in events] == [
        "selection.panel-convened.1",
        "selection.quorum-confirmed.1",
        "selection.ranking-computed.2",
        "selection.proposed.1",
        "selection.approved.1",
        "selection.notified.2",
    ]
    lines = events[2]["data"]["lines"]
    assert [line["scored"]["application"] for line in lines] == [
        f"{CALL}:lima",
        f"{CALL}:phnom-penh",
        f"{CALL}:colombo",
    ]


def test_every_event_names_the_policy_that_allowed_it(api: Api) -> None:
    rounds.scored(api)
    assert {recorded.meta.policy for recorded in api.ledger.read()} == {POLICY}


def test_a_manager_cannot_approve_their_own_proposal(api: Api) -> None:
    rounds.scored(api)
    rounds.ranked(api)
    api.do(f"{SELECTION}/propose", "manager-1", WINNER, on=SELECTED)
    answer = api.post(f"{SELECTION}/approve", "manager-1", match="*")
    assert code(answer) == (403, "same-person")


def test_a_ranking_before_the_lock_is_a_conflict(api: Api) -> None:
    rounds.scored(api)
    answer = api.post(f"{SELECTION}/rank", "chair-1", match="*")
    assert code(answer) == (409, "stage-not-locked")


def test_every_bad_mark_is_named(api: Api) -> None:
    rounds.announce(api)
    rounds.apply(api, "lima")
    rounds.open_stage(api)
    rounds.appoint(api, "evaluator-1")
    path = rounds.evaluation("lima", "evaluator-1")
    api.do(f"{path}/assign", "chair-1")
    body = {"marks": [{"criterion": "need", "value": "101"}, {"criterion": "charm", "value": "1"}]}
    answer = api.post(f"{path}/submit-scores", "evaluator-1", body, match='"1"')
    assert code(answer) == (400, "off-scale")
    assert [(e["field"], e["value"], e["code"]) for e in answer.json()["errors"]] == [
        ("marks.0.value", "101", "off-scale"),
        ("marks.1.criterion", "charm", "unknown-criterion"),
        ("marks.fit", "", "criterion-missing"),
    ]
