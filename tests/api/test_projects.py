"""A project and its monitoring, by people who know nothing but HTTP."""

from __future__ import annotations

from tests.api import project_rounds
from tests.api.harness import Api, code
from tests.api.project_rounds import (
    ASKED,
    DIGEST,
    INDICATOR,
    PROJECT,
    PROJECT_ID,
    RECOMMENDATION,
    STREAM,
    WATCHED,
    reading,
)


def types(api: Api, stream: str) -> list[str]:
    events = api.get(f"/streams/{stream}", "auditor-1").json()["events"]
    return [event["type"] for event in events]


def test_a_project_goes_from_its_selection_to_what_it_led_to(api: Api) -> None:
    project_rounds.running(api)
    payment = {
        "amount_krw": 90_000_000,
        "recipient": "Seoul Institute",
        "purpose": "first part",
        "document": DIGEST,
    }
    api.do(f"{PROJECT}/record-payment", "manager-1", payment, on=STREAM)
    project_rounds.observed(api)
    reached = {"milestone": "report", "evidence": [DIGEST]}
    api.do(f"{PROJECT}/reach-milestone", "officer-1", reached, on=STREAM)
    api.do(f"{PROJECT}/complete", "manager-1", on=STREAM)
    loan = {"kind": "bank-loan", "partner": "IDB", "title": {"en": "Corridor"}}
    api.do(f"{PROJECT}/link-follow-up", "officer-1", loan, on=STREAM)
    assert types(api, STREAM) == [
        "projects.preferred.1",
        "projects.plan-agreed.1",
        "projects.agreement-signed.1",
        "projects.started.1",
        "projects.payment-made.1",
        "projects.milestone-reached.1",
        "projects.completed.1",
        "projects.follow-up-linked.1",
    ]


def test_a_city_observes_and_the_programme_verifies(api: Api) -> None:
    project_rounds.running(api)
    project_rounds.observed(api)
    corrected = {**reading("132"), "number": 1, "reason": "one machine was left out"}
    api.do(f"{INDICATOR}/correct-observation", "city-lima", corrected, on=WATCHED)
    api.do(f"{INDICATOR}/verify-observation", "officer-1", {"number": 1}, on=WATCHED)
    events = api.get(f"/streams/{WATCHED}", "city-lima").json()["events"]
    assert [event["type"] for event in events] == [
        "monitoring.indicator-defined.1",
        "monitoring.observation-recorded.1",
        "monitoring.observation-corrected.1",
        "monitoring.observation-verified.1",
    ]
    change = events[2]["data"]
    assert (change["before"]["value"], change["after"]["value"]) == ("131", "132")
    answer = api.post(f"{INDICATOR}/verify-observation", "city-lima", {"number": 1}, match='"4"')
    assert code(answer) == (403, "role-not-allowed")


def test_a_recommendation_is_answered_by_the_city_and_checked_by_another_person(api: Api) -> None:
    project_rounds.running(api)
    project_rounds.observed(api)
    yes = {"answer": "accepted", "reason": "we need it too", "action": "new counters"}
    api.do(f"{RECOMMENDATION}/answer", "city-lima", yes, on=ASKED)
    done = {"summary": "two lines are counted", "evidence": [DIGEST]}
    api.do(f"{RECOMMENDATION}/complete-action", "officer-1", done, on=ASKED)
    answer = api.post(f"{RECOMMENDATION}/verify-action", "officer-1", match='"3"')
    assert code(answer) == (403, "same-person")
    back = {"reason": "the photograph shows another line"}
    assert code(api.post(f"{RECOMMENDATION}/return-action", "city-lima", back, match='"3"')) == (
        403,
        "role-not-allowed",
    )
    api.do(f"{RECOMMENDATION}/return-action", "officer-2", back, on=ASKED)
    api.do(f"{RECOMMENDATION}/complete-action", "officer-1", done, on=ASKED)
    api.do(f"{RECOMMENDATION}/verify-action", "officer-2", on=ASKED)
    assert types(api, ASKED)[2:] == [
        "monitoring.action-completed.1",
        "monitoring.action-returned.1",
        "monitoring.action-completed.1",
        "monitoring.action-verified.1",
    ]


def test_a_review_records_what_is_late_and_a_second_one_nothing(open_project: Api) -> None:
    api = open_project
    body = {"standard_id": "ssp-progress", "standard_version": 1}
    api.do(f"{PROJECT}/review-progress", "officer-1", body)
    again = api.post(f"{PROJECT}/review-progress", "officer-1", body)
    assert (again.status_code, again.json()["events"]) == (200, [])
    (late,) = api.get(f"/streams/monitoring-{PROJECT_ID}", "city-lima").json()["events"]
    assert late["type"] == "monitoring.indicator-behind.1"
    assert (late["data"]["observed"], late["data"]["expected"]) == ("131", "141.384126984")


def test_an_evaluation_is_rated_by_a_shipped_scheme(api: Api) -> None:
    project_rounds.running(api)
    project_rounds.observed(api)
    dac = ("relevance", "coherence", "effectiveness", "efficiency", "impact", "sustainability")
    body = {
        "phase": "mid-term",
        "scheme_id": "kfw-six-points",
        "scheme_version": 1,
        "raters": ["rater-1"],
        "ratings": [{"criterion": c, "grade": "2", "evidence": [DIGEST]} for c in dac],
        "report": DIGEST,
    }
    api.do(f"{PROJECT}/receive-feedback", "city-lima", {"feedback": "The new lanes help"})
    api.do(f"{PROJECT}/rate-evaluation", "officer-1", body)
    said = api.get(f"/streams/monitoring-{PROJECT_ID}", "city-lima").json()["events"]
    assert [event["type"] for event in said] == [
        "monitoring.feedback-received.1",
        "monitoring.evaluation-rated.1",
    ]
    assert (said[1]["data"]["overall"], said[1]["data"]["mean"]) == ("2", "2.00")
    stars = {**body, "scheme_id": "stars", "reason": "a new scheme"}
    unknown = api.post(f"{PROJECT}/rate-evaluation", "officer-1", stars)
    assert code(unknown) == (400, "unknown-scheme")
    assert "jica-flow-chart 1, kfw-six-points 1" in unknown.json()["detail"]


def test_another_city_learns_nothing_of_a_project(open_project: Api) -> None:
    api = open_project
    for stream in (STREAM, WATCHED, ASKED, f"monitoring-{PROJECT_ID}", f"{STREAM}-none"):
        answer = api.get(f"/streams/{stream}", "city-colombo")
        assert code(answer) == (403, "not-own-city")
        assert code(api.get(f"/streams/{stream}", "evaluator-1")) == (403, "not-own-evaluation")
    record = f"{INDICATOR}/record-observation"
    answer = api.post(record, "city-colombo", reading("1"), match="*")
    assert code(answer) == (403, "not-own-city")


def test_two_who_correct_at_once_do_not_overwrite_each_other(api: Api) -> None:
    project_rounds.running(api)
    project_rounds.observed(api)
    corrected = {**reading("132"), "number": 1, "reason": "one machine was left out"}
    seen = api.get(f"/streams/{WATCHED}", "officer-1").headers["ETag"]
    path = f"{INDICATOR}/correct-observation"
    assert api.post(path, "officer-1", corrected, match=seen).status_code == 201
    other = {**corrected, **reading("129")}
    assert code(api.post(path, "officer-2", other, match=seen)) == (412, "stale-version")
