"""A selection round told through HTTP alone: one call, three cities, three evaluators."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.api.harness import START, Api

CALL, STAGE = "seoul-2024", "documents"
CITIES = {"lima": "PE", "phnom-penh": "KH", "colombo": "LK"}
EVALUATORS = ("evaluator-1", "evaluator-2", "evaluator-3")
MARKS = {"lima": 90, "phnom-penh": 80, "colombo": 70}
OPENS, DEADLINE = START + timedelta(days=1), START + timedelta(days=30)
SELECTION = f"/calls/{CALL}/stages/{STAGE}/selection"
SELECTED = f"selection-{CALL}:{STAGE}"

_SCALE = {"worst": "0", "best": "100", "step": "1"}
RUBRIC: dict[str, Any] = {
    "title": {"en": "Document evaluation", "ko": "서면평가"},
    "criteria": [
        {"id": "need", "title": {"en": "Need"}, "weight": "60", "scale": _SCALE},
        {"id": "fit", "title": {"en": "Fit"}, "weight": "40", "scale": _SCALE},
    ],
    "aggregation": {"roundings": [{"at": "total", "step": "0.01"}]},
    "tie_breaks": ["need"],
    "quorum": 3,
}
ANNOUNCEMENT: dict[str, Any] = {
    "year": 2024,
    "title": {"en": "2024 Seoul ODA Challenge"},
    "opens_at": OPENS.isoformat(),
    "deadline_at": DEADLINE.isoformat(),
    "stages": [
        {
            "id": STAGE,
            "title": {"en": "Documents"},
            "framework": {"framework_id": "ssp", "version": 1},
            "slots": 1,
        }
    ],
    "cap_krw": 300_000_000,
}
PROJECT: dict[str, Any] = {
    "title": {"en": "Bus network"},
    "sector": "21010",
    "summary": "A master plan.",
    "project_type": "master-plan",
    "amount_krw": 250_000_000,
}


def announce(api: Api, announcement: dict[str, Any] = ANNOUNCEMENT) -> None:
    """Publish a rubric and announce the call that is scored by it."""
    api.do("/frameworks/ssp/draft", "officer-1", {"rubric": RUBRIC})
    api.do("/frameworks/ssp/publish", "manager-1", {"version": 1}, on="framework-ssp")
    api.do(f"/calls/{CALL}/announce", "officer-1", announcement)
    api.clock.move_to(OPENS)


def apply(api: Api, city: str) -> None:
    """Register a city, which then applies by itself."""
    body = {"name": {"en": city.title()}, "country": CITIES[city]}
    api.do(f"/cities/{city}/register", "officer-1", body)
    submission = {"channel": "open-call", "project": PROJECT}
    api.do(f"/applications/{CALL}:{city}/submit", f"city-{city}", submission)


def open_stage(api: Api) -> None:
    """Close the call after its deadline and let evaluators score."""
    api.clock.move_to(DEADLINE)
    api.do(f"/calls/{CALL}/close", "officer-1", on=f"call-{CALL}")
    api.do(f"/calls/{CALL}/stages/{STAGE}/open", "officer-1", on=f"call-{CALL}")


def appoint(api: Api, evaluator: str) -> None:
    """Appoint an evaluator, who declares that there is no interest."""
    api.do(f"/evaluators/{evaluator}/appoint", "officer-1", {"call_id": CALL})
    declaration = {"call_id": CALL, "kind": "none"}
    stream = f"evaluator-{evaluator}"
    api.do(f"/evaluators/{evaluator}/declare-conflict", evaluator, declaration, on=stream)


def evaluation(city: str, evaluator: str) -> str:
    """The address of one evaluation."""
    return f"/applications/{CALL}:{city}/evaluations/{evaluator}/{STAGE}"


def evaluation_stream(city: str, evaluator: str) -> str:
    """The stream of one evaluation."""
    return f"evaluation-{CALL}:{STAGE}:{city}:{evaluator}"


def marks(need: int, fit: int = 75) -> dict[str, Any]:
    """A whole score sheet."""
    given = {"need": need, "fit": fit}
    return {"marks": [{"criterion": c, "value": str(mark)} for c, mark in given.items()]}


def score(api: Api, city: str, evaluator: str) -> None:
    """Assign an application to an evaluator, who scores it."""
    api.do(f"{evaluation(city, evaluator)}/assign", "chair-1")
    stream = evaluation_stream(city, evaluator)
    path = f"{evaluation(city, evaluator)}/submit-scores"
    api.do(path, evaluator, marks(MARKS[city]), on=stream)


def scored(api: Api) -> None:
    """Play everything up to the last score."""
    announce(api)
    for city in CITIES:
        apply(api, city)
    open_stage(api)
    for evaluator in EVALUATORS:
        appoint(api, evaluator)
    panel = {"evaluators": EVALUATORS, "chair": "chair-1"}
    api.do(f"{SELECTION}/convene-panel", "officer-1", panel)
    for city in CITIES:
        for evaluator in EVALUATORS:
            score(api, city, evaluator)


def ranked(api: Api) -> None:
    """Lock what was scored, confirm the quorum and rank."""
    api.do(f"/calls/{CALL}/stages/{STAGE}/lock", "chair-1", on=f"call-{CALL}")
    api.do(f"{SELECTION}/confirm-quorum", "chair-1", on=SELECTED)
    api.do(f"{SELECTION}/rank", "chair-1", on=SELECTED)
