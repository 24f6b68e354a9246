"""A project told through HTTP alone: Lima's, from the approved selection on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.api import rounds
from tests.api.harness import Api

PROJECT_ID = f"{rounds.CALL}:lima"
PROJECT = f"/projects/{PROJECT_ID}"
INDICATOR, RECOMMENDATION = f"{PROJECT}/indicators/riders", f"{PROJECT}/recommendations/by-sex"
STREAM, WATCHED = f"project-{PROJECT_ID}", f"monitoring-{PROJECT_ID}:riders"
ASKED = f"recommendation-{PROJECT_ID}:by-sex"
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
SIGNED, SUMMER = datetime(2024, 4, 10, tzinfo=UTC), datetime(2025, 7, 15, tzinfo=UTC)

BOTH = [{"party": "seoul", "office": "Director"}, {"party": "partner", "office": "Mayor"}]
RIDERS: dict[str, Any] = {
    "id": "riders",
    "result": "ridership",
    "title": {"en": "Riders a day", "ko": "하루 승객"},
    "unit": "thousand riders",
    "measure": "unit",
    "direction": "increasing",
    "baseline": {"year": 2023, "value": "120.5"},
    "targets": [{"period": {"start": "2025-01-01", "end": "2025-12-31"}, "value": "150"}],
}
PLAN: dict[str, Any] = {
    "starts_on": "2024-04-10",
    "ends_on": "2025-12-31",
    "monitored_until": "2028-12-31",
    "results": [{"id": "ridership", "kind": "outcome", "title": {"en": "More riders"}}],
    "milestones": [{"id": "report", "title": {"en": "Report"}, "due_on": "2025-11-30"}],
    "indicators": [RIDERS],
}
AGREEMENT: dict[str, Any] = {
    "amount_krw": 180_000_000,
    "signatories": BOTH,
    "implementers": [{"actor": "expert-1", "organisation": "Seoul Institute"}],
    "document": DIGEST,
}


def reading(value: str, start: str = "2025-01-01", end: str = "2025-06-30") -> dict[str, Any]:
    """A number for some days."""
    return {
        "reading": {
            "period": {"start": start, "end": end},
            "value": value,
            "unit": "thousand riders",
            "source": "ticket machines",
            "evidence": [DIGEST],
        }
    }


def selected(api: Api) -> None:
    """Play a round to Lima's approved selection."""
    rounds.scored(api)
    rounds.ranked(api)
    winner = {"choices": [{"application_id": PROJECT_ID, "outcome": "selected"}]}
    api.do(f"{rounds.SELECTION}/propose", "chair-1", winner, on=rounds.SELECTED)
    api.do(f"{rounds.SELECTION}/approve", "manager-1", on=rounds.SELECTED)


def running(api: Api) -> None:
    """Play everything up to the start of the project."""
    selected(api)
    api.do(f"{PROJECT}/prefer", "officer-1")
    plan = {"plan": PLAN, "signatories": BOTH, "document": DIGEST}
    api.do(f"{PROJECT}/agree-plan", "officer-1", plan, on=STREAM)
    api.clock.move_to(SIGNED)
    api.do(f"{PROJECT}/sign-agreement", "manager-1", AGREEMENT, on=STREAM)
    api.do(f"{PROJECT}/start", "manager-1", on=STREAM)


def observed(api: Api) -> None:
    """Let the city observe what the plan promised, and ask it for more."""
    api.do(f"{INDICATOR}/define", "officer-1")
    api.clock.move_to(SUMMER)
    api.do(f"{INDICATOR}/record-observation", "city-lima", reading("131"), on=WATCHED)
    asked = {
        "recommendation": "Count riders by sex",
        "addressee": "Bus company",
        "due_on": "2025-09-30",
        "indicator_id": "riders",
    }
    api.do(f"{RECOMMENDATION}/issue", "officer-1", asked)
