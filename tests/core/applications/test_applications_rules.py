"""Rules of applications: in time, from an eligible city, within the cap, one for each city."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from core.applications.commands import (
    AmendApplication,
    AnswerClarification,
    ApplicationCommand,
    DetermineEligibility,
    HoldConsultation,
    RequestClarification,
    SubmitApplication,
    WithdrawApplication,
)
from core.applications.events import (
    ApplicationAmended,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    ClarificationAnswered,
    ClarificationRequested,
    ConsultationHeld,
    EligibilityDetermined,
    Project,
    RuleChecked,
)
from core.calls.events import CallCancelled, CallClosed, DeadlineExtended
from core.vocabulary import ApplicationId, CallId, Channel, CityId, Text
from tests.scenes import (
    ANNOUNCED,
    ANNOUNCEMENT,
    CALL,
    CAP_KRW,
    DEADLINE,
    IN_MARCH,
    LIMA,
    OPEN,
    OPENS,
    PUBLISHED,
    TOKYO,
    app,
    checked,
    project,
    submitted,
    swapped,
)
from tests.stories import given

SECOND = timedelta(seconds=1)
APPLICATION = app(LIMA)
SUBMITTED = (*OPEN, submitted(LIMA))
WITHDRAWN = (*SUBMITTED, ApplicationWithdrawn(APPLICATION, "a change of mayor"))


def submit(
    city: CityId = LIMA, what: Project | None = None, call: CallId = CALL
) -> SubmitApplication:
    return SubmitApplication(call, city, Channel.OPEN_CALL, what or project())


def test_a_city_submits_a_project_while_the_call_is_open() -> None:
    given(*OPEN).when(submit(), at=IN_MARCH).then(submitted(LIMA))


@pytest.mark.parametrize("at", [OPENS, DEADLINE - SECOND], ids=["first", "last"])
def test_the_first_and_the_last_moment_of_a_call_are_in_time(at: datetime) -> None:
    given(*OPEN).when(submit(), at=at).then(submitted(LIMA))


@pytest.mark.parametrize("at", [OPENS - SECOND, DEADLINE], ids=["early", "late"])
def test_a_late_application_is_refused_and_an_early_one(at: datetime) -> None:
    given(*OPEN).when(submit(), at=at).refused(
        "not-in-time",
        field="occurred_at",
        value=at.isoformat(),
        rule="from 2024-03-01T00:00:00+00:00 until before 2024-04-01T00:00:00+00:00",
    )


def test_the_deadline_is_an_instant_wherever_the_clock_hangs() -> None:
    seoul = timezone(timedelta(hours=9))
    given(*OPEN).when(submit(), at=datetime(2024, 4, 1, 8, 59, tzinfo=seoul)).then(submitted(LIMA))
    given(*OPEN).when(submit(), at=datetime(2024, 4, 1, 9, tzinfo=seoul)).refused("not-in-time")


def test_an_instant_without_an_offset_is_not_guessed() -> None:
    given(*OPEN).when(submit(), at=IN_MARCH.replace(tzinfo=None)).refused(
        "instant-without-offset", field="occurred_at", value="2024-03-15 00:00:00"
    )


def test_an_extended_deadline_is_extended_for_everyone() -> None:
    later = DEADLINE + timedelta(days=7)
    extended = DeadlineExtended(CALL, DEADLINE, later, "storm")
    given(*OPEN, extended).when(submit(), at=later - SECOND).then(submitted(LIMA))
    given(*OPEN, extended).when(submit(), at=later).refused("not-in-time")


@pytest.mark.parametrize(
    "end", [CallClosed(CALL), CallCancelled(CALL, "no budget")], ids=["closed", "cancelled"]
)
def test_nothing_is_received_once_a_call_is_closed_or_cancelled(
    end: CallClosed | CallCancelled,
) -> None:
    given(*OPEN, end).when(submit(), at=IN_MARCH).refused("not-in-time", rule="while the call is")


def test_a_second_project_of_a_city_is_refused() -> None:
    given(*SUBMITTED).when(submit(), at=IN_MARCH).refused(
        "one-project-per-city", field="city_id", value=LIMA, rule="one project"
    )


def test_a_city_that_withdrew_may_submit_anew() -> None:
    given(*WITHDRAWN).when(submit(), at=IN_MARCH).then(submitted(LIMA))


def test_a_city_of_a_country_that_is_not_on_the_list_is_refused() -> None:
    given(*OPEN).when(submit(TOKYO), at=IN_MARCH).refused(
        "ineligible-country",
        field="city_id",
        value="JPTYO (JP)",
        rule="not on the call's list 'DAC 2024'",
    )


def test_a_call_without_a_list_takes_cities_of_every_country() -> None:
    facts = swapped(OPEN, ANNOUNCEMENT, replace(ANNOUNCEMENT, eligibility=None))
    given(*facts).when(submit(TOKYO), at=IN_MARCH).then(submitted(TOKYO))


def test_an_application_needs_a_call_and_a_city_that_are_known() -> None:
    given(*PUBLISHED).when(submit(), at=IN_MARCH).refused(
        "unknown-call", field="call_id", value=CALL
    )
    given(*ANNOUNCED).when(submit(), at=IN_MARCH).refused(
        "unknown-city", field="city_id", value=LIMA
    )


def test_ids_that_could_be_taken_for_others_are_refused() -> None:
    given(*OPEN).when(submit(CityId("PELIM:x")), at=IN_MARCH).refused(
        "malformed-id", field="city_id", value="PELIM:x"
    )
    given(*OPEN).when(submit(call=CallId("ssp-2024:PELIM")), at=IN_MARCH).refused(
        "malformed-id", field="call_id"
    )
    given(*OPEN).when(WithdrawApplication(ApplicationId("lima"), "why")).refused(
        "malformed-id", field="application_id", value="lima", rule="2 parts"
    )


def test_a_project_may_cost_as_much_as_the_cap() -> None:
    given(*OPEN).when(submit(what=project(CAP_KRW)), at=IN_MARCH).then(submitted(LIMA, CAP_KRW))


def test_a_project_over_the_cap_is_refused() -> None:
    given(*OPEN).when(submit(what=project(CAP_KRW + 1)), at=IN_MARCH).refused(
        "amount-over-cap",
        field="project.amount_krw",
        value=300_000_001,
        rule="at most KRW 300000000",
    )


def test_a_call_with_a_cap_needs_the_amount_and_others_do_not() -> None:
    given(*OPEN).when(submit(what=project(None)), at=IN_MARCH).refused(
        "amount-missing", field="project.amount_krw"
    )
    facts = swapped(OPEN, ANNOUNCEMENT, replace(ANNOUNCEMENT, cap_krw=None))
    given(*facts).when(submit(what=project(None)), at=IN_MARCH).then(submitted(LIMA, None))


BROKEN: list[tuple[str, str, str, Project]] = [
    ("empty-text", "project.title.en", "", replace(project(), title=Text("", "버스"))),
    ("malformed-sector", "project.sector", "transport", replace(project(), sector="transport")),
    ("malformed-digest", "project.documents.0", "AB", replace(project(), documents=("AB",))),
    ("amount-not-positive", "project.amount_krw", "0", project(0)),
]


@pytest.mark.parametrize(("code", "field", "value", "what"), BROKEN)
def test_an_unsound_project_is_refused_when_submitted_and_when_amended(
    code: str, field: str, value: str, what: Project
) -> None:
    given(*OPEN).when(submit(what=what), at=IN_MARCH).refused(code, field=field, value=value)
    given(*SUBMITTED).when(AmendApplication(APPLICATION, what), at=IN_MARCH).refused(
        code, field=field, value=value
    )


def test_a_project_is_amended_before_the_deadline_only() -> None:
    cheaper = project(150_000_000)
    given(*SUBMITTED).when(AmendApplication(APPLICATION, cheaper), at=IN_MARCH).then(
        ApplicationAmended(APPLICATION, cheaper)
    )
    given(*SUBMITTED).when(AmendApplication(APPLICATION, cheaper), at=DEADLINE).refused(
        "not-in-time", field="occurred_at", value=DEADLINE.isoformat()
    )


def test_an_amendment_keeps_to_the_cap() -> None:
    given(*SUBMITTED).when(
        AmendApplication(APPLICATION, project(CAP_KRW + 1)), at=IN_MARCH
    ).refused("amount-over-cap", field="project.amount_krw", value=300_000_001)


COMMANDS: list[ApplicationCommand] = [
    AmendApplication(APPLICATION, project()),
    RequestClarification(APPLICATION, "Which corridor?"),
    AnswerClarification(APPLICATION, 1, "The northern one"),
    HoldConsultation(APPLICATION, "Ministry of Transport", (), "Agreed"),
    DetermineEligibility(APPLICATION, "DAC 2024", (RuleChecked("country", holds=True),)),
    WithdrawApplication(APPLICATION, "a change of mayor"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: type(c).__name__)
def test_nothing_can_be_done_with_an_application_that_was_not_submitted(
    command: ApplicationCommand,
) -> None:
    given(*OPEN).when(command, at=IN_MARCH).refused(
        "unknown-application", field="application_id", value=APPLICATION
    )


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: type(c).__name__)
def test_a_withdrawn_application_does_not_change(command: ApplicationCommand) -> None:
    given(*WITHDRAWN).when(command, at=IN_MARCH).refused(
        "application-withdrawn", field="application_id", value=APPLICATION
    )


FIRST = ClarificationRequested(APPLICATION, 1, "Which corridor?")
SECOND_QUESTION = ClarificationRequested(APPLICATION, 2, "Which ministry?")


def test_questions_count_from_one() -> None:
    given(*SUBMITTED).when(RequestClarification(APPLICATION, "Which corridor?")).then(FIRST)
    given(*SUBMITTED, FIRST).when(RequestClarification(APPLICATION, "Which ministry?")).then(
        SECOND_QUESTION
    )
    given(*SUBMITTED).when(RequestClarification(APPLICATION, " ")).refused(
        "empty-text", field="question"
    )


def test_a_question_is_answered_once_in_any_order() -> None:
    asked = (*SUBMITTED, FIRST, SECOND_QUESTION)
    answered = ClarificationAnswered(APPLICATION, 2, "Transport")
    given(*asked).when(AnswerClarification(APPLICATION, 2, "Transport")).then(answered)
    given(*asked, answered).when(AnswerClarification(APPLICATION, 1, "North")).then(
        ClarificationAnswered(APPLICATION, 1, "North")
    )
    given(*asked, answered).when(AnswerClarification(APPLICATION, 2, "Again")).refused(
        "no-open-question", field="number", value=2
    )


@pytest.mark.parametrize("number", [0, 2])
def test_a_question_that_was_not_asked_has_no_answer(number: int) -> None:
    given(*SUBMITTED, FIRST).when(AnswerClarification(APPLICATION, number, "North")).refused(
        "no-open-question", field="number", value=number
    )


def test_an_answer_says_something() -> None:
    given(*SUBMITTED, FIRST).when(AnswerClarification(APPLICATION, 1, "")).refused(
        "empty-text", field="answer"
    )


def test_a_consultation_names_with_whom_and_the_needs_that_it_validated() -> None:
    command = HoldConsultation(APPLICATION, "Ministry of Transport", ("21010",), "Agreed")
    given(*SUBMITTED).when(command).then(
        ConsultationHeld(APPLICATION, "Ministry of Transport", ("21010",), "Agreed", "", "", "")
    )
    given(*SUBMITTED).when(replace(command, validated=("21010", "bus"))).refused(
        "malformed-sector", field="validated.1", value="bus"
    )
    given(*SUBMITTED).when(replace(command, held_with="")).refused("empty-text", field="held_with")
    given(*SUBMITTED).when(replace(command, summary="")).refused("empty-text", field="summary")


def test_eligibility_is_determined_rule_by_rule_and_one_failure_is_enough() -> None:
    on_list = RuleChecked("country on the list", holds=True)
    one_project = RuleChecked("one project", holds=False, note="two letters of request")
    given(*SUBMITTED).when(DetermineEligibility(APPLICATION, "DAC 2024", (on_list,))).then(
        checked(LIMA)
    )
    both = (on_list, one_project)
    given(*SUBMITTED).when(DetermineEligibility(APPLICATION, "DAC 2024", both)).then(
        EligibilityDetermined(APPLICATION, "DAC 2024", both, eligible=False)
    )


def test_eligibility_is_checked_against_the_list_of_the_call() -> None:
    command = DetermineEligibility(APPLICATION, "DAC 2022", (RuleChecked("country", holds=True),))
    given(*SUBMITTED).when(command).refused(
        "wrong-list-version", field="list_version", value="DAC 2022", rule="'DAC 2024'"
    )
    given(*SUBMITTED).when(DetermineEligibility(APPLICATION, "DAC 2024", ())).refused(
        "no-checks", field="checks"
    )


def test_a_city_withdraws_with_a_reason() -> None:
    given(*SUBMITTED).when(WithdrawApplication(APPLICATION, "a change of mayor")).then(
        ApplicationWithdrawn(APPLICATION, "a change of mayor")
    )
    given(*SUBMITTED).when(WithdrawApplication(APPLICATION, "")).refused(
        "empty-text", field="reason"
    )


def test_whoever_has_seen_an_older_version_of_the_application_is_refused() -> None:
    given(*SUBMITTED, FIRST).when(WithdrawApplication(APPLICATION, "why"), seen=1).refused(
        "stale-version", field="expected_version", value=1, rule="it is at version 2"
    )


def test_the_id_of_an_application_is_its_call_and_city() -> None:
    (event,) = given(*OPEN).when(submit(), at=datetime(2024, 3, 2, tzinfo=UTC)).events
    assert isinstance(event, ApplicationSubmitted)
    assert event.application_id == "ssp-2024:PELIM"
