"""Facts about applications: what a city asked for, and what became clear about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from core.groups import CityFacts
from core.indicators import Figure
from core.personal import About, Personal
from core.vocabulary import ApplicationId, CallId, Channel, CityId, OfContact, ProjectType, Text


def application_id(call_id: str, city_id: str) -> ApplicationId:
    """Name a city's application to a call.

    The natural key is the identity, so one project a city holds by construction.
    """
    return ApplicationId(f"{call_id}:{city_id}")


def stream(application: str) -> str:
    """Name the stream of an application."""
    return f"application-{application}"


def streams_of_call(call_id: str) -> str:
    """Name the prefix that all applications to a call share."""
    return f"application-{call_id}:"


@dataclass(frozen=True, slots=True)
class Project:
    """What is applied for.

    `sector` is a DAC purpose code; `project_type` and `amount_krw` (what is asked
    for) are None where a call knows neither; `documents` are the SHA-256 digests of
    what was handed in; `reference` is the applicant's own number.
    """

    title: Text
    sector: str
    summary: str
    project_type: ProjectType | None = None
    amount_krw: int | None = None
    documents: tuple[str, ...] = ()
    reference: str = ""


@dataclass(frozen=True, slots=True)
class RuleChecked:
    """One rule of eligibility, whether it holds, and on what evidence."""

    rule: str
    holds: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class ApplicationSubmitted:
    """A city applied; the event's occurred_at is the time of receipt.

    `city` is what was known of it then: it settles which weights a tailored rubric has for
    it. None in events of the first version.
    """

    WIRE: ClassVar = "applications.submitted.2"
    application_id: ApplicationId
    call_id: CallId
    city_id: CityId
    channel: Channel
    project: Project
    city: CityFacts | None = None


@dataclass(frozen=True, slots=True)
class ApplicationAmended:
    """The city replaced what it applied for, before the deadline."""

    WIRE: ClassVar = "applications.amended.1"
    application_id: ApplicationId
    project: Project


@dataclass(frozen=True, slots=True)
class ClarificationRequested:
    """The programme asked the city a question; questions count from 1."""

    WIRE: ClassVar = "applications.clarification-requested.1"
    application_id: ApplicationId
    number: int
    question: str


@dataclass(frozen=True, slots=True)
class ClarificationAnswered:
    """The city answered a question."""

    WIRE: ClassVar = "applications.clarification-answered.1"
    application_id: ApplicationId
    number: int
    answer: Annotated[Personal, About()]


@dataclass(frozen=True, slots=True)
class ConsultationHeld:
    """The programme consulted about the application; `validated` are sectors of needs.

    `contact_id` is the pseudonym of the person consulted, empty where nobody is named.
    """

    WIRE: ClassVar = "applications.consultation-held.2"
    application_id: ApplicationId
    held_with: OfContact
    validated: tuple[str, ...]
    summary: OfContact
    contact_id: str
    contact_name: OfContact
    contact_email: OfContact


@dataclass(frozen=True, slots=True)
class EligibilityDetermined:
    """Each rule of eligibility was checked against a dated list."""

    WIRE: ClassVar = "applications.eligibility-determined.1"
    application_id: ApplicationId
    list_version: str
    checks: tuple[RuleChecked, ...]
    eligible: bool


@dataclass(frozen=True, slots=True)
class ApplicationWithdrawn:
    """The city took its application back."""

    WIRE: ClassVar = "applications.withdrawn.1"
    application_id: ApplicationId
    reason: str


@dataclass(frozen=True, slots=True)
class IndicatorRecorded:
    """A figure about the application was put on record, from a source."""

    WIRE: ClassVar = "applications.indicator-recorded.1"
    application_id: ApplicationId
    figure: Figure


@dataclass(frozen=True, slots=True)
class IndicatorCorrected:
    """A figure about the application was put right; both figures and the reason stay on record."""

    WIRE: ClassVar = "applications.indicator-corrected.1"
    application_id: ApplicationId
    before: Figure
    after: Figure
    reason: str


ApplicationEvent = (
    ApplicationSubmitted
    | ApplicationAmended
    | ClarificationRequested
    | ClarificationAnswered
    | ConsultationHeld
    | EligibilityDetermined
    | ApplicationWithdrawn
    | IndicatorRecorded
    | IndicatorCorrected
)
