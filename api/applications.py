"""Applications: handed in by a city or for it, asked about, and found eligible or not."""

from __future__ import annotations

from api.access import CHAIR, CITY, STAFF
from api.commands import CommandRoute
from core.applications.commands import (
    AmendApplication,
    AnswerClarification,
    CorrectApplicationIndicator,
    DetermineEligibility,
    HoldConsultation,
    RecordApplicationIndicator,
    RequestClarification,
    SubmitApplication,
    WithdrawApplication,
)

_ONE = "/applications/{application_id}"

ROUTES = (
    # The same address as all others: an application's id is made of these two.
    CommandRoute(
        "/applications/{call_id}:{city_id}/submit", SubmitApplication, STAFF | CITY, opens=True
    ),
    CommandRoute(f"{_ONE}/amend", AmendApplication, STAFF | CITY),
    CommandRoute(f"{_ONE}/request-clarification", RequestClarification, STAFF | CHAIR),
    CommandRoute(f"{_ONE}/answer-clarification", AnswerClarification, STAFF | CITY),
    CommandRoute(f"{_ONE}/hold-consultation", HoldConsultation, STAFF),
    CommandRoute(f"{_ONE}/determine-eligibility", DetermineEligibility, STAFF),
    CommandRoute(f"{_ONE}/withdraw", WithdrawApplication, STAFF | CITY),
    # A city does not put down the figures that it is marked by.
    CommandRoute(f"{_ONE}/record-indicator", RecordApplicationIndicator, STAFF),
    CommandRoute(f"{_ONE}/correct-indicator", CorrectApplicationIndicator, STAFF),
)
