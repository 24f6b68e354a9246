"""What can be asked of an application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from core.applications.events import Project, RuleChecked
from core.indicators import Figure
from core.personal import About, Personal
from core.vocabulary import ApplicationId, CallId, Channel, CityId, OfContact


@dataclass(frozen=True, slots=True)
class SubmitApplication:
    """Hand in a city's project; the act's instant is the time of receipt."""

    call_id: CallId
    city_id: CityId
    channel: Channel
    project: Project


@dataclass(frozen=True, slots=True)
class AmendApplication:
    """Replace what is applied for, before the deadline."""

    application_id: ApplicationId
    project: Project


@dataclass(frozen=True, slots=True)
class RequestClarification:
    """Ask the city a question."""

    application_id: ApplicationId
    question: str


@dataclass(frozen=True, slots=True)
class AnswerClarification:
    """Answer a question, by its number."""

    application_id: ApplicationId
    number: int
    answer: Annotated[Personal, About()]


@dataclass(frozen=True, slots=True)
class HoldConsultation:
    """Record a consultation and the needs, by sector, that it validated."""

    application_id: ApplicationId
    held_with: OfContact
    validated: tuple[str, ...]
    summary: OfContact
    contact_id: str = ""
    contact_name: OfContact = ""
    contact_email: OfContact = ""


@dataclass(frozen=True, slots=True)
class DetermineEligibility:
    """Record the check of each rule of eligibility against the call's list."""

    application_id: ApplicationId
    list_version: str
    checks: tuple[RuleChecked, ...]


@dataclass(frozen=True, slots=True)
class WithdrawApplication:
    """Take the application back."""

    application_id: ApplicationId
    reason: str


@dataclass(frozen=True, slots=True)
class RecordApplicationIndicator:
    """Put a figure about the application on record, from a source."""

    application_id: ApplicationId
    figure: Figure


@dataclass(frozen=True, slots=True)
class CorrectApplicationIndicator:
    """Put a figure about the application right, for the same indicator and day."""

    application_id: ApplicationId
    figure: Figure
    reason: str


ApplicationCommand = (
    SubmitApplication
    | AmendApplication
    | RequestClarification
    | AnswerClarification
    | HoldConsultation
    | DetermineEligibility
    | WithdrawApplication
    | RecordApplicationIndicator
    | CorrectApplicationIndicator
)
