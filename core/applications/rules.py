"""An application is in time, from an eligible city, within the cap, and the city's only one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from core.applications.commands import (
    AmendApplication,
    AnswerClarification,
    ApplicationCommand,
    CorrectApplicationIndicator,
    DetermineEligibility,
    HoldConsultation,
    RecordApplicationIndicator,
    RequestClarification,
    SubmitApplication,
    WithdrawApplication,
)
from core.applications.events import (
    ApplicationAmended,
    ApplicationEvent,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    ClarificationAnswered,
    ClarificationRequested,
    ConsultationHeld,
    EligibilityDetermined,
    IndicatorCorrected,
    IndicatorRecorded,
    Project,
    application_id,
)
from core.decider import Act, Decider
from core.errors import require
from core.groups import CityFacts
from core.indicators import Figure, corrected, recorded, with_figure
from core.vocabulary import CityId, contact, digest, filled, krw, purpose_code, seoul_day

NO_CITY = CityId("")


@dataclass(frozen=True, slots=True)
class Application:
    """What an application's facts amount to; `eligible` is None until it was determined."""

    submitted: bool = False
    withdrawn: bool = False
    city_id: CityId = NO_CITY
    amount_krw: int | None = None
    eligible: bool | None = None
    asked: int = 0
    answered: frozenset[int] = frozenset()
    city: CityFacts | None = None
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What an application's rules read elsewhere.

    `countries` is the call's list, None where every country may apply; `city` is what is
    known of the city, its country empty where it is not registered.
    """

    call_known: bool
    receives: bool
    terms: str
    cap_krw: int | None
    countries: tuple[str, ...] | None
    list_version: str
    city: CityFacts


def decide(
    command: ApplicationCommand, act: Act, state: Application, facts: Facts
) -> Sequence[ApplicationEvent]:
    """Take an application from its receipt to its eligibility, or its withdrawal."""
    if isinstance(command, SubmitApplication):
        return [_submit(command, act, state, facts)]
    require(
        state.submitted,
        "unknown-application",
        "the application has not been submitted",
        field="application_id",
        value=command.application_id,
    )
    require(
        not state.withdrawn,
        "application-withdrawn",
        "a withdrawn application does not change; the city may submit anew",
        field="application_id",
        value=command.application_id,
    )
    match command:
        case AmendApplication(application_id=application, project=project):
            _in_time(act, facts)
            return [ApplicationAmended(application, _project(project, facts))]
        case RequestClarification(application_id=application, question=question):
            return [
                ClarificationRequested(application, state.asked + 1, filled(question, "question"))
            ]
        case AnswerClarification(application_id=application, number=number, answer=answer):
            require(
                1 <= number <= state.asked and number not in state.answered,
                "no-open-question",
                "an answer belongs to a question that is still open",
                field="number",
                value=number,
            )
            return [ClarificationAnswered(application, number, filled(answer, "answer"))]
        case HoldConsultation():
            return [_consulted(command)]
        case DetermineEligibility(application_id=application, list_version=version, checks=checks):
            require(
                version == facts.list_version,
                "wrong-list-version",
                f"this call was announced with the list {facts.list_version!r}",
                field="list_version",
                value=version,
            )
            require(checks, "no-checks", "eligibility is determined rule by rule", field="checks")
            eligible = all(check.holds for check in checks)
            return [EligibilityDetermined(application, version, checks, eligible)]
        case WithdrawApplication(application_id=application, reason=reason):
            return [ApplicationWithdrawn(application, filled(reason, "reason"))]
        case RecordApplicationIndicator(application_id=application, figure=figure):
            found = recorded(figure, state.figures, seoul_day(act.at))
            return [IndicatorRecorded(application, found)]
        case CorrectApplicationIndicator(application_id=application, figure=figure, reason=reason):
            before, after = corrected(figure, state.figures, seoul_day(act.at))
            return [IndicatorCorrected(application, before, after, filled(reason, "reason"))]
        case _:
            assert_never(command)


def _submit(
    command: SubmitApplication, act: Act, state: Application, facts: Facts
) -> ApplicationSubmitted:
    require(
        facts.call_known,
        "unknown-call",
        "the call has not been announced",
        field="call_id",
        value=command.call_id,
    )
    require(
        facts.city.country,
        "unknown-city",
        "the city has not been registered",
        field="city_id",
        value=command.city_id,
    )
    require(
        not state.submitted or state.withdrawn,
        "one-project-per-city",
        "a city submits one project to a call; this one has applied already",
        field="city_id",
        value=command.city_id,
    )
    _in_time(act, facts)
    require(
        facts.countries is None or facts.city.country in facts.countries,
        "ineligible-country",
        f"the country is not on the call's list {facts.list_version!r}",
        field="city_id",
        value=f"{command.city_id} ({facts.city.country})",
    )
    return ApplicationSubmitted(
        application_id(command.call_id, command.city_id),
        command.call_id,
        command.city_id,
        command.channel,
        _project(command.project, facts),
        facts.city,
    )


def _consulted(command: HoldConsultation) -> ConsultationHeld:
    contact(command.contact_id, command.contact_name, command.contact_email)
    return ConsultationHeld(
        command.application_id,
        filled(command.held_with, "held_with"),
        tuple(purpose_code(s, f"validated.{i}") for i, s in enumerate(command.validated)),
        filled(command.summary, "summary"),
        command.contact_id,
        command.contact_name,
        command.contact_email,
    )


def _in_time(act: Act, facts: Facts) -> None:
    require(
        facts.receives,
        "not-in-time",
        f"applications are received {facts.terms}",
        field="occurred_at",
        value=act.at.isoformat(),
    )


def _project(project: Project, facts: Facts) -> Project:
    filled(project.title.en, "project.title.en")
    purpose_code(project.sector, "project.sector")
    for i, document in enumerate(project.documents):
        digest(document, f"project.documents.{i}")
    if project.amount_krw is not None:
        krw(project.amount_krw, "project.amount_krw")
    if facts.cap_krw is not None:
        require(
            project.amount_krw is not None,
            "amount-missing",
            "a call with a cap needs the amount asked for",
            field="project.amount_krw",
        )
        require(
            (project.amount_krw or 0) <= facts.cap_krw,
            "amount-over-cap",
            f"a project costs at most KRW {facts.cap_krw}",
            field="project.amount_krw",
            value=project.amount_krw,
        )
    return project


def evolve(state: Application, event: ApplicationEvent) -> Application:
    """Fold one fact."""
    match event:
        case ApplicationSubmitted(city_id=city_id, project=project, city=city):
            amount = project.amount_krw
            return Application(submitted=True, city_id=city_id, amount_krw=amount, city=city)
        case ApplicationAmended(project=project):
            # What was checked is not what is applied for any more.
            return replace(state, amount_krw=project.amount_krw, eligible=None)
        case ClarificationRequested(number=number):
            return replace(state, asked=number)
        case ClarificationAnswered(number=number):
            return replace(state, answered=state.answered | {number})
        case ConsultationHeld():
            return state
        case EligibilityDetermined(eligible=eligible):
            return replace(state, eligible=eligible)
        case ApplicationWithdrawn():
            return replace(state, withdrawn=True)
        case IndicatorRecorded(figure=figure) | IndicatorCorrected(after=figure):
            return replace(state, figures=with_figure(state.figures, figure))
        case _:
            assert_never(event)


DECIDER: Decider[ApplicationCommand, Application, ApplicationEvent, Facts] = Decider(
    Application(), decide, evolve
)
