"""Rules of agreement: selected, then planned, then signed; only then started and paid."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from core.applications.events import ApplicationWithdrawn
from core.projects.commands import (
    AgreePlan,
    PreferProject,
    ProjectCommand,
    RecordPayment,
    SignAgreement,
    StartProject,
    SurveySite,
)
from core.projects.events import (
    AgreementSigned,
    Implementer,
    PaymentMade,
    PlanAgreed,
    ProjectCancelled,
    ProjectPreferred,
    ProjectStarted,
    ProjectSuspended,
    SiteSurveyed,
)
from core.projects.plan import Party, Signatory
from core.results import Period
from core.selection.commands import PromoteReserve
from core.selection.events import ReservePromoted, SelectionRevoked
from core.vocabulary import ActorId, ProjectId
from tests.project_scenes import (
    AGREED,
    AGREEMENT,
    BOTH,
    COMPLETED,
    IN_2026,
    NEXT,
    PLAN,
    PLANNED,
    PREFERRED,
    PROJECT,
    RUNNING,
    SIGNED,
    SIGNED_AT,
    SIGNED_ON,
    STARTS,
    TEAM,
)
from tests.scenes import (
    ADVANCED,
    ANNOUNCEMENT,
    CALL,
    DIGEST,
    FINAL,
    FINAL_APPROVED,
    FINAL_RANKED,
    KIM,
    LIMA,
    PHNOM_PENH,
    Facts,
    app,
    swapped,
)
from tests.stories import MANAGER, given

PREFER = PreferProject(PROJECT)
AGREE = AgreePlan(PROJECT, PLAN, BOTH, DIGEST)
SIGN = SignAgreement(PROJECT, 180_000_000, BOTH, TEAM, DIGEST)
PAY = RecordPayment(PROJECT, 100_000_000, "Seoul Institute", "first part", DIGEST)
REVOKED = SelectionRevoked(CALL, FINAL, MANAGER, "an appeal was upheld")
WITHDRAWN = ApplicationWithdrawn(app(LIMA), "a change of mayor")
JUNE_10 = datetime(2024, 6, 10, tzinfo=UTC)


# Preferred


def test_a_city_that_the_last_stage_let_through_becomes_preferred() -> None:
    given(*FINAL_APPROVED).when(PREFER).then(
        ProjectPreferred(PROJECT, app(LIMA), CALL, LIMA, FINAL, 200_000_000)
    )


@pytest.mark.parametrize(
    "facts",
    [ADVANCED, FINAL_RANKED, (*FINAL_APPROVED, REVOKED)],
    ids=["stage", "ranked", "revoked"],
)
def test_only_an_approved_selection_of_the_last_stage_leads_to_a_project(facts: Facts) -> None:
    given(*facts).when(PREFER).refused("not-let-through", field="project_id", value=PROJECT)


def test_a_reserve_has_no_project_until_it_is_promoted() -> None:
    given(*FINAL_APPROVED).when(PreferProject(NEXT)).refused("not-let-through", value=NEXT)
    promote = PromoteReserve(CALL, FINAL, app(PHNOM_PENH), app(LIMA), "Lima stepped back")
    promoted = (*FINAL_APPROVED, given(*FINAL_APPROVED).when(promote).only(ReservePromoted))
    assert given(*promoted).when(PreferProject(NEXT)).only(ProjectPreferred).city_id == PHNOM_PENH
    given(*promoted).when(PREFER).refused("not-let-through")


def test_a_withdrawn_application_leads_to_no_project() -> None:
    given(*FINAL_APPROVED, WITHDRAWN).when(PREFER).refused(
        "application-withdrawn", field="project_id", value=PROJECT
    )


def test_an_application_leads_to_one_project() -> None:
    given(*PREFERRED).when(PREFER).refused("already-preferred", field="project_id", value=PROJECT)


@pytest.mark.parametrize("unknown", ["ssp-2024:JPTYO", "ssp-1999:PELIM"])
def test_what_was_not_applied_for_is_no_project(unknown: str) -> None:
    given(*FINAL_APPROVED).when(PreferProject(ProjectId(unknown))).refused(
        "unknown-application", field="project_id", value=unknown
    )


@pytest.mark.parametrize("malformed", ["", "ssp-2024", "a:b:c", "ssp-2024:", "ssp 2024:PELIM"])
def test_a_project_is_named_by_its_call_and_its_city(malformed: str) -> None:
    given(*FINAL_APPROVED).when(PreferProject(ProjectId(malformed))).refused(
        "malformed-id", field="project_id"
    )


@pytest.mark.parametrize("command", [AGREE, SIGN, StartProject(PROJECT), PAY])
def test_nothing_is_done_to_a_project_that_is_not_preferred(command: ProjectCommand) -> None:
    given(*FINAL_APPROVED).when(command).refused(
        "unknown-project", field="project_id", value=PROJECT
    )


# The site


def test_a_survey_is_on_record_with_its_report() -> None:
    days = Period(date(2024, 5, 6), date(2024, 5, 9))
    given(*PREFERRED).when(SurveySite(PROJECT, days, "A wide road", DIGEST)).then(
        SiteSurveyed(PROJECT, days, "A wide road", DIGEST)
    )


def survey(**changed: Any) -> SurveySite:  # noqa: ANN401  # any field of the command
    days = Period(date(2024, 5, 6), date(2024, 5, 9))
    return replace(SurveySite(PROJECT, days, "A wide road", DIGEST), **changed)


@pytest.mark.parametrize(
    ("command", "code", "field"),
    [
        (survey(summary=" "), "empty-text", "summary"),
        (survey(report="beef"), "malformed-digest", "report"),
        (
            survey(period=Period(date(2024, 5, 9), date(2024, 5, 6))),
            "period-reversed",
            "period",
        ),
        (
            survey(period=Period(date(2024, 6, 1), date(2024, 6, 2))),
            "period-in-future",
            "period",
        ),
    ],
)
def test_a_survey_that_cannot_have_been_is_refused(
    command: SurveySite, code: str, field: str
) -> None:
    given(*PREFERRED).when(command).refused(code, field=field)


# The plan


def test_a_plan_is_agreed_by_both_cities() -> None:
    given(*PREFERRED).when(AGREE).then(AGREED)


def test_until_it_is_signed_another_plan_takes_its_place() -> None:
    longer = replace(PLAN, monitored_until=date(2030, 12, 31))
    event = given(*PLANNED).when(replace(AGREE, plan=longer)).only(PlanAgreed)
    assert (event.version, event.plan) == (2, longer)
    assert given(*PLANNED, event).when(SIGN).only(AgreementSigned).plan_version == 2
    given(*SIGNED).when(AGREE).refused("agreement-signed", field="project_id", value=PROJECT)


@pytest.mark.parametrize(
    ("signatories", "missing"), [((), "seoul, partner"), (BOTH[:1], "partner"), (BOTH[1:], "seoul")]
)
def test_a_plan_that_one_city_did_not_sign_is_refused(
    signatories: tuple[Signatory, ...], missing: str
) -> None:
    for facts, command in ((PREFERRED, AGREE), (PLANNED, SIGN)):
        given(*facts).when(replace(command, signatories=signatories)).refused(
            "signatory-missing", field="signatories", value=missing
        )


def test_a_signatory_has_an_office_and_a_plan_its_document() -> None:
    nameless = (*BOTH, Signatory(Party.SEOUL, ""))
    given(*PREFERRED).when(replace(AGREE, signatories=nameless)).refused(
        "empty-text", field="signatories.2.office"
    )
    given(*PREFERRED).when(replace(AGREE, document="")).refused(
        "malformed-digest", field="document"
    )


# The agreement


def test_both_cities_sign_the_plan_as_it_stands() -> None:
    given(*PLANNED).when(SIGN, at=SIGNED_AT).then(AGREEMENT)


def test_the_day_of_an_agreement_is_the_day_in_seoul() -> None:
    late = datetime(2024, 6, 1, 15, 0, tzinfo=UTC)
    before, after = late - timedelta(microseconds=1), late
    assert given(*PLANNED).when(SIGN, at=before).only(AgreementSigned).signed_on.day == 1
    assert given(*PLANNED).when(SIGN, at=after).only(AgreementSigned).signed_on.day == 2


def test_an_agreement_needs_a_plan_and_is_signed_once() -> None:
    given(*PREFERRED).when(SIGN).refused("plan-not-agreed", field="project_id", value=PROJECT)
    given(*SIGNED).when(SIGN).refused("agreement-signed", field="project_id", value=PROJECT)


@pytest.mark.parametrize(
    ("fact", "code"), [(REVOKED, "not-let-through"), (WITHDRAWN, "application-withdrawn")]
)
def test_what_the_selection_carries_no_more_is_neither_planned_nor_signed(
    fact: Any,  # noqa: ANN401  # either of two events
    code: str,
) -> None:
    given(*PREFERRED, fact).when(AGREE).refused(code)
    given(*PLANNED, fact).when(SIGN).refused(code)
    assert given(*SIGNED, fact).when(StartProject(PROJECT)).refusal is None


def test_an_agreement_keeps_to_the_calls_cap() -> None:
    given(*PLANNED).when(replace(SIGN, amount_krw=300_000_001)).refused(
        "amount-over-cap", field="amount_krw", value=300_000_001
    )
    uncapped = swapped(PLANNED, ANNOUNCEMENT, replace(ANNOUNCEMENT, cap_krw=None))
    assert given(*uncapped).when(replace(SIGN, amount_krw=300_000_001)).refusal is None
    given(*PLANNED).when(replace(SIGN, amount_krw=0)).refused("amount-not-positive")


@pytest.mark.parametrize(
    ("team", "code", "field"),
    [
        ((), "no-implementers", "implementers"),
        ((Implementer(ActorId("a b"), "x"),), "malformed-id", "implementers.0.actor"),
        ((*TEAM, Implementer(ActorId("b"), " ")), "empty-text", "implementers.1.organisation"),
        ((*TEAM, *TEAM), "implementer-repeated", "implementers.1.actor"),
    ],
)
def test_an_agreement_names_who_carries_the_project_out(
    team: tuple[Implementer, ...], code: str, field: str
) -> None:
    given(*PLANNED).when(replace(SIGN, implementers=team)).refused(code, field=field)


def test_whoever_scored_the_application_does_not_carry_its_project_out() -> None:
    scored = (*TEAM, Implementer(KIM, "Kim & Partners"))
    given(*PLANNED).when(replace(SIGN, implementers=scored)).refused(
        "evaluator-implements", field="implementers.1.actor", value=KIM
    )


def test_an_agreement_names_its_document() -> None:
    given(*PLANNED).when(replace(SIGN, document="signed")).refused(
        "malformed-digest", field="document", value="signed"
    )


# The start and the money


def test_a_signed_project_starts_once() -> None:
    given(*SIGNED).when(StartProject(PROJECT), at=JUNE_10).then(ProjectStarted(PROJECT, STARTS))
    given(*RUNNING).when(StartProject(PROJECT), at=JUNE_10).refused(
        "already-started", field="project_id", value=PROJECT
    )


@pytest.mark.parametrize("command", [StartProject(PROJECT), PAY])
@pytest.mark.parametrize("facts", [PREFERRED, PLANNED], ids=["preferred", "planned"])
def test_nothing_is_started_or_paid_before_the_agreement(
    facts: Facts, command: ProjectCommand
) -> None:
    given(*facts).when(command).refused("agreement-not-signed", field="project_id", value=PROJECT)


@pytest.mark.parametrize("command", [StartProject(PROJECT), PAY])
def test_a_late_record_does_not_let_a_start_or_payment_lie_before_the_agreement(
    command: ProjectCommand,
) -> None:
    eve = SIGNED_AT - timedelta(days=1)
    given(*SIGNED).when(command, at=eve).refused(
        "before-agreement", field="occurred_at", value="2024-05-31", rule=str(SIGNED_ON)
    )
    assert given(*SIGNED).when(command, at=SIGNED_AT).refusal is None


def test_payments_are_counted_and_stay_within_the_agreement() -> None:
    first = PaymentMade(PROJECT, 1, 100_000_000, SIGNED_ON, "Seoul Institute", "first part", DIGEST)
    given(*SIGNED).when(PAY, at=SIGNED_AT).then(first)
    rest = replace(PAY, amount_krw=80_000_000)
    assert given(*SIGNED, first).when(rest).only(PaymentMade).number == 2
    given(*SIGNED, first).when(replace(rest, amount_krw=80_000_001)).refused(
        "over-agreement", field="amount_krw", value=180_000_001, rule="KRW 180000000"
    )


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"amount_krw": -1}, "amount-not-positive"),
        ({"recipient": ""}, "empty-text"),
        ({"purpose": " "}, "empty-text"),
        ({"document": DIGEST.upper()}, "malformed-digest"),
    ],
)
def test_a_payment_says_how_much_to_whom_what_for_and_by_which_document(
    changed: dict[str, Any], code: str
) -> None:
    given(*SIGNED).when(replace(PAY, **changed)).refused(code, field=next(iter(changed)))


def test_nothing_is_paid_while_a_project_rests_or_once_it_was_cancelled() -> None:
    given(*RUNNING, ProjectSuspended(PROJECT, STARTS, "floods")).when(PAY).refused(
        "project-suspended", field="project_id", value=PROJECT
    )
    cancelled = ProjectCancelled(PROJECT, SIGNED_ON, "the city asked for it")
    given(*RUNNING, cancelled).when(PAY).refused("project-ended", field="project_id", value=PROJECT)


def test_a_completed_project_is_paid_off() -> None:
    assert given(*COMPLETED).when(PAY, at=IN_2026).only(PaymentMade).paid_on == date(2026, 3, 1)
