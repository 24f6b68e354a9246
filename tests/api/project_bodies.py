"""A body for each command of projects and monitoring, to be spoilt in one place by tests."""

from __future__ import annotations

from typing import Any

from tests.api.project_rounds import AGREEMENT, BOTH, DIGEST, PLAN, RIDERS, reading

WEEK = {"start": "2025-03-03", "end": "2025-03-07"}
AUTUMN: dict[str, Any] = reading("140", "2025-07-01", "2025-07-10")["reading"]
"""A reading of days that nobody has observed yet."""
DAC = ("relevance", "coherence", "effectiveness", "efficiency", "impact", "sustainability")

OF_PROJECTS: dict[str, dict[str, Any]] = {
    "prefer": {},
    "survey-site": {"period": WEEK, "summary": "The corridor is free", "report": DIGEST},
    "agree-plan": {"plan": PLAN, "signatories": BOTH, "document": DIGEST},
    "sign-agreement": AGREEMENT,
    "start": {},
    "record-payment": {
        "amount_krw": 1_000,
        "recipient": "Seoul Institute",
        "purpose": "first part",
        "document": DIGEST,
    },
    "deliver-training": {
        "title": {"en": "Operations"},
        "period": WEEK,
        "delivered_by": "expert-1",
        "participants": 24,
        "evidence": [DIGEST],
    },
    "deliver-consulting": {
        "topic": "Fares",
        "period": WEEK,
        "delivered_by": "expert-1",
        "days": "7.5",
        "evidence": [DIGEST],
    },
    "reach-milestone": {"milestone": "report", "evidence": [DIGEST]},
    "reschedule-milestone": {"milestone": "report", "due_on": "2025-12-01", "reason": "elections"},
    "raise-risk": {
        "description": "a cut",
        "likelihood": "low",
        "impact": "high",
        "owner": "Planning office",
    },
    "resolve-risk": {"number": 1, "resolution": "The council passed the budget"},
    "suspend": {"reason": "floods"},
    "resume": {"reason": "dry again"},
    "complete": {},
    "cancel": {"reason": "no budget"},
    "link-follow-up": {"kind": "bank-loan", "partner": "A bank", "title": {"en": "Corridor"}},
}
OF_INDICATORS: dict[str, dict[str, Any]] = {
    "define": {},
    "revise": {"baseline": RIDERS["baseline"], "targets": RIDERS["targets"], "reason": "counted"},
    "record-observation": {"reading": AUTUMN},
    "correct-observation": {**reading("132"), "number": 1, "reason": "one machine was left out"},
    "verify-observation": {"number": 1},
}
OF_REVIEWS: dict[str, dict[str, Any]] = {
    "receive-feedback": {"feedback": "The new lanes help"},
    "rate-evaluation": {
        "phase": "mid-term",
        "scheme_id": "plain-four-points",
        "scheme_version": 1,
        "raters": ["rater-1"],
        "ratings": [{"criterion": dac, "grade": "3", "evidence": [DIGEST]} for dac in DAC],
        "report": DIGEST,
    },
    "review-progress": {"standard_id": "ssp-progress", "standard_version": 1},
}
OF_RECOMMENDATIONS: dict[str, dict[str, Any]] = {
    "issue": {"recommendation": "Count", "addressee": "Bus company", "due_on": "2026-01-31"},
    "answer": {"answer": "accepted", "reason": "we need it too", "action": "new counters"},
    "complete-action": {"summary": "two lines are counted", "evidence": [DIGEST]},
    "return-action": {"reason": "the photograph shows another line"},
    "verify-action": {},
}
