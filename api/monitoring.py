"""Monitoring: observed by officers and the city alike, verified by the programme alone."""

from __future__ import annotations

from api.access import CITY, MANAGER, STAFF
from api.commands import CommandRoute
from core.monitoring.commands import (
    AnswerRecommendation,
    CompleteAction,
    CorrectObservation,
    DefineIndicator,
    IssueRecommendation,
    RateEvaluation,
    ReceiveFeedback,
    RecordObservation,
    ReturnAction,
    ReviewProgress,
    ReviseIndicator,
    VerifyAction,
    VerifyObservation,
)

_PROJECT = "/projects/{project_id}"
_INDICATOR = f"{_PROJECT}/indicators/{{indicator_id}}"
_RECOMMENDATION = f"{_PROJECT}/recommendations/{{recommendation_id}}"

ROUTES = (
    CommandRoute(f"{_INDICATOR}/define", DefineIndicator, STAFF, opens=True),
    CommandRoute(f"{_INDICATOR}/revise", ReviseIndicator, MANAGER),
    CommandRoute(f"{_INDICATOR}/record-observation", RecordObservation, STAFF | CITY),
    CommandRoute(f"{_INDICATOR}/correct-observation", CorrectObservation, STAFF | CITY),
    CommandRoute(f"{_INDICATOR}/verify-observation", VerifyObservation, STAFF),
    # Whichever of these comes first begins the stream of the project's monitoring.
    CommandRoute(f"{_PROJECT}/receive-feedback", ReceiveFeedback, STAFF | CITY, opens=True),
    CommandRoute(f"{_PROJECT}/rate-evaluation", RateEvaluation, STAFF, opens=True),
    CommandRoute(f"{_PROJECT}/review-progress", ReviewProgress, STAFF, opens=True),
    CommandRoute(f"{_RECOMMENDATION}/issue", IssueRecommendation, STAFF, opens=True),
    CommandRoute(f"{_RECOMMENDATION}/answer", AnswerRecommendation, STAFF | CITY),
    CommandRoute(f"{_RECOMMENDATION}/complete-action", CompleteAction, STAFF | CITY),
    CommandRoute(f"{_RECOMMENDATION}/return-action", ReturnAction, STAFF),
    CommandRoute(f"{_RECOMMENDATION}/verify-action", VerifyAction, STAFF),
)
