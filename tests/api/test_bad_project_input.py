"""What breaks a rule of projects or monitoring is said by code and field, and nothing is recorded.

Each command of the two slices stands in a table: what is changed in a body that is good, the
refusal's code, and the field at fault. A table runs against one server, whose log stays as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from api import monitoring, projects
from api.commands import CommandRoute
from tests.api import project_rounds
from tests.api.harness import Api, code, faults, refused
from tests.api.project_bodies import (
    AUTUMN,
    OF_INDICATORS,
    OF_PROJECTS,
    OF_RECOMMENDATIONS,
    OF_REVIEWS,
    WEEK,
)
from tests.api.project_rounds import (
    BOTH,
    INDICATOR,
    PLAN,
    PROJECT,
    RECOMMENDATION,
    RIDERS,
    STREAM,
    reading,
)
from tests.api.rounds import CALL

Bad = tuple[str, dict[str, Any], str, str]

LATER = {"start": "2031-01-01", "end": "2031-01-05"}
REVERSED = {"start": WEEK["end"], "end": WEEK["start"]}
BEFORE_START = {"start": "2024-04-01", "end": "2024-04-30"}
USD = {"amount": "1", "currency": "USD"}


def seen(**changed: object) -> dict[str, Any]:
    return {"reading": AUTUMN | changed}


PROJECTS: list[Bad] = [
    ("prefer", {}, "already-preferred", "project_id"),
    ("survey-site", {"period": LATER}, "period-in-future", "period"),
    ("survey-site", {"summary": " "}, "empty-text", "summary"),
    ("survey-site", {"report": "abc"}, "malformed-digest", "report"),
    ("agree-plan", {}, "agreement-signed", "project_id"),
    ("sign-agreement", {}, "agreement-signed", "project_id"),
    ("start", {}, "already-started", "project_id"),
    ("record-payment", {"amount_krw": 10**9}, "over-agreement", "amount_krw"),
    ("record-payment", {"amount_krw": 0}, "amount-not-positive", "amount_krw"),
    ("record-payment", {"recipient": ""}, "empty-text", "recipient"),
    ("deliver-training", {"period": BEFORE_START}, "before-start", "period"),
    ("deliver-training", {"delivered_by": "expert-9"}, "unknown-implementer", "delivered_by"),
    ("deliver-training", {"women": 25}, "more-women-than-participants", "women"),
    ("deliver-training", {"evidence": []}, "no-evidence", "evidence"),
    ("deliver-consulting", {"days": "0"}, "not-positive", "days"),
    ("deliver-consulting", {"period": REVERSED}, "period-reversed", "period"),
    ("reach-milestone", {"milestone": "party"}, "unknown-milestone", "milestone"),
    ("reach-milestone", {"evidence": ["x"]}, "malformed-digest", "evidence.0"),
    ("reschedule-milestone", {"due_on": "2025-11-30"}, "nothing-changed", "due_on"),
    ("reschedule-milestone", {"due_on": "2029-01-01"}, "milestone-outside", "due_on"),
    ("raise-risk", {"owner": ""}, "empty-text", "owner"),
    ("resolve-risk", {}, "no-open-risk", "number"),
    ("suspend", {"reason": ""}, "empty-text", "reason"),
    ("resume", {}, "not-suspended", "project_id"),
    ("complete", {}, "milestones-open", "reason"),
    ("cancel", {"reason": " "}, "empty-text", "reason"),
    ("link-follow-up", {"amount": USD | {"amount": "-1"}}, "not-positive", "amount.amount"),
    (
        "link-follow-up",
        {"amount": USD | {"currency": "dollars"}},
        "malformed-currency",
        "amount.currency",
    ),
    ("link-follow-up", {"url": "javascript:alert(1)"}, "malformed-url", "url"),
]
INDICATORS: list[Bad] = [
    ("define", {}, "indicator-defined", "indicator_id"),
    ("revise", {}, "actuals-recorded", "indicator_id"),
    ("record-observation", seen(unit="riders"), "wrong-unit", "reading.unit"),
    ("record-observation", reading("132"), "period-overlap", "reading.period"),
    ("record-observation", seen(period=LATER), "period-outside", "reading.period"),
    (
        "record-observation",
        seen(period={"start": "2025-07-01", "end": "2025-12-31"}),
        "period-in-future",
        "reading.period",
    ),
    ("record-observation", seen(value="1e16"), "quantity-out-of-range", "reading.value"),
    ("record-observation", seen(evidence=[]), "no-evidence", "reading.evidence"),
    ("record-observation", seen(source=""), "empty-text", "reading.source"),
    ("correct-observation", {"number": 2}, "unknown-observation", "number"),
    ("correct-observation", reading("131"), "nothing-changed", "reading"),
    ("correct-observation", {"reason": ""}, "empty-text", "reason"),
    ("verify-observation", {"number": 0}, "unknown-observation", "number"),
]
REVIEWS: list[Bad] = [
    ("receive-feedback", {"feedback": "  "}, "empty-text", "feedback"),
    ("receive-feedback", {"indicator_id": "delays"}, "unknown-indicator", "indicator_id"),
    ("rate-evaluation", {"phase": "end"}, "evaluation-too-early", "phase"),
    ("rate-evaluation", {"scheme_version": 9}, "unknown-scheme", "scheme_id"),
    ("rate-evaluation", {"raters": ["expert-1"]}, "rater-implements", "raters.0"),
    ("review-progress", {"standard_version": 9}, "unknown-standard", "standard_id"),
]
RECOMMENDATIONS: list[Bad] = [
    ("issue", {}, "already-issued", "recommendation_id"),
    ("answer", {"action": ""}, "empty-text", "action"),
    ("answer", {"answer": "rejected"}, "action-rejected", "action"),
    ("complete-action", {}, "not-accepted", "recommendation_id"),
    ("return-action", {}, "action-not-completed", "recommendation_id"),
    ("verify-action", {}, "action-not-completed", "recommendation_id"),
]
NEW: list[Bad] = [
    ("issue", {"due_on": "2025-07-15"}, "due-in-past", "due_on"),
    ("issue", {"milestone": "party"}, "unknown-milestone", "milestone"),
    ("answer", {}, "unknown-recommendation", "recommendation_id"),
]


def unlike(
    api: Api,
    of: str,
    good: Mapping[str, dict[str, Any]],
    table: Sequence[Bad],
    match: str = "*",
) -> list[str]:
    """Send each command of a table about something; return those refused otherwise."""
    wrong: list[str] = []
    for step, changed, expected, field in table:
        found = refused(api, f"{of}/{step}", "manager-1", good[step] | changed, match=match)
        if found != (expected, {field: expected}):
            wrong.append(f"{step} {changed}: {found}")
    return wrong


def test_what_breaks_a_rule_of_projects(open_project: Api) -> None:
    assert unlike(open_project, PROJECT, OF_PROJECTS, PROJECTS) == []
    for city, expected in (("colombo", "not-let-through"), ("atlantis", "unknown-application")):
        new: list[Bad] = [
            ("prefer", {}, expected, "project_id"),
            ("start", {}, "unknown-project", "project_id"),
        ]
        assert unlike(open_project, f"/projects/{CALL}:{city}", OF_PROJECTS, new, '"0"') == []


def test_what_breaks_a_rule_of_monitoring(open_project: Api) -> None:
    assert unlike(open_project, INDICATOR, OF_INDICATORS, INDICATORS) == []
    assert unlike(open_project, RECOMMENDATION, OF_RECOMMENDATIONS, RECOMMENDATIONS) == []
    # Nothing was said yet of the project as a whole, of delays, nor recommended by that name.
    assert unlike(open_project, PROJECT, OF_REVIEWS, REVIEWS, '"0"') == []
    delays: list[Bad] = [
        ("define", {}, "unknown-indicator", "indicator_id"),
        ("verify-observation", {}, "indicator-not-defined", "indicator_id"),
    ]
    assert unlike(open_project, f"{PROJECT}/indicators/delays", OF_INDICATORS, delays, '"0"') == []
    of_new = f"{PROJECT}/recommendations/new"
    assert unlike(open_project, of_new, OF_RECOMMENDATIONS, NEW, '"0"') == []
    taken: list[Bad] = [("issue", {}, "reserved-id", "recommendation_id")]
    of_reactions = f"{PROJECT}/recommendations/auto-late-1"
    assert unlike(open_project, of_reactions, OF_RECOMMENDATIONS, taken, '"0"') == []


@pytest.mark.parametrize(
    ("routes", "table"),
    [(projects.ROUTES, PROJECTS), (monitoring.ROUTES, INDICATORS + REVIEWS + RECOMMENDATIONS)],
    ids=["projects", "monitoring"],
)
def test_no_command_is_left_out(routes: tuple[CommandRoute, ...], table: list[Bad]) -> None:
    assert {step for step, *_ in table} == {route.path.rpartition("/")[2] for route in routes}


def test_nothing_comes_before_what_it_rests_on(api: Api) -> None:
    project_rounds.selected(api)
    unknown: list[Bad] = [("agree-plan", {}, "unknown-project", "project_id")]
    assert unlike(api, PROJECT, OF_PROJECTS, unknown, '"0"') == []

    api.do(f"{PROJECT}/prefer", "officer-1")
    unsigned: list[Bad] = [
        ("sign-agreement", {}, "plan-not-agreed", "project_id"),
        ("start", {}, "agreement-not-signed", "project_id"),
        ("record-payment", {}, "agreement-not-signed", "project_id"),
        ("deliver-training", {}, "project-not-started", "project_id"),
        ("link-follow-up", {}, "project-not-started", "project_id"),
        ("reschedule-milestone", {}, "agreement-not-signed", "project_id"),
    ]
    unwatched: list[Bad] = [
        ("review-progress", {}, "agreement-not-signed", "project_id"),
        ("rate-evaluation", {}, "evaluation-too-early", "phase"),
    ]
    undefined: list[Bad] = [("define", {}, "agreement-not-signed", "project_id")]
    assert unlike(api, PROJECT, OF_PROJECTS, unsigned) == []
    assert unlike(api, PROJECT, OF_REVIEWS, unwatched, '"0"') == []
    assert unlike(api, INDICATOR, OF_INDICATORS, undefined, '"0"') == []

    plan: dict[str, Any] = {**PLAN, "milestones": []}
    plan["indicators"] = [RIDERS | {"unit": "", "targets": []}]
    body = OF_PROJECTS["agree-plan"] | {"plan": plan}
    answer = api.post(f"{PROJECT}/agree-plan", "officer-1", body, match="*")
    assert code(answer) == (400, "plan-incomplete")
    assert faults(answer) == {
        "plan.milestones": "plan-incomplete",
        "plan.indicators.0.unit": "empty-text",
        "plan.indicators.0.targets": "no-targets",
    }

    api.do(f"{PROJECT}/agree-plan", "officer-1", OF_PROJECTS["agree-plan"], on=STREAM)
    scorer = [{"actor": "evaluator-1", "organisation": "Institute"}]
    badly: list[Bad] = [
        ("sign-agreement", {"amount_krw": 300_000_001}, "amount-over-cap", "amount_krw"),
        ("sign-agreement", {"signatories": BOTH[:1]}, "signatory-missing", "signatories"),
        (
            "sign-agreement",
            {"implementers": scorer},
            "evaluator-implements",
            "implementers.0.actor",
        ),
        ("sign-agreement", {"implementers": []}, "no-implementers", "implementers"),
    ]
    assert unlike(api, PROJECT, OF_PROJECTS, badly) == []
