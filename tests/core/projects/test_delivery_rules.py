"""Rules of delivery: while the project runs, by those named for it, to the plan's milestones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.projects.commands import (
    CancelProject,
    CompleteProject,
    DeliverConsulting,
    DeliverTraining,
    LinkFollowUp,
    ProjectCommand,
    RaiseRisk,
    ReachMilestone,
    RescheduleMilestone,
    ResolveRisk,
    ResumeProject,
    SuspendProject,
)
from core.projects.events import (
    ConsultingDelivered,
    FollowUpKind,
    FollowUpLinked,
    MilestoneReached,
    MilestoneRescheduled,
    Money,
    ProjectCancelled,
    ProjectCompleted,
    ProjectResumed,
    ProjectSuspended,
    RiskLevel,
    RiskRaised,
    RiskResolved,
    TrainingDelivered,
)
from core.results import Period
from core.vocabulary import ActorId, MilestoneId, Text
from tests.project_scenes import (
    COMPLETED,
    ENDS,
    EXPERT,
    IN_2025,
    IN_2026,
    PREFERRED,
    PROJECT,
    REPORT,
    RUNNING,
    SIGNED,
    SURVEY,
    WATCHED_UNTIL,
)
from tests.scenes import DIGEST
from tests.stories import given

WEEK = Period(date(2025, 3, 3), date(2025, 3, 7))
TRAIN = DeliverTraining(PROJECT, Text("Bus operations"), WEEK, EXPERT, 24, (DIGEST,), 11)
ADVISE = DeliverConsulting(PROJECT, "Fares", WEEK, EXPERT, Decimal("7.5"), (DIGEST,))
REACH = ReachMilestone(PROJECT, SURVEY, (DIGEST,))
RESCHEDULE = RescheduleMilestone(PROJECT, SURVEY, date(2024, 10, 31), "elections")
SUSPEND = SuspendProject(PROJECT, "floods")
COMPLETE = CompleteProject(PROJECT, "the survey was not needed any more")
LINK = LinkFollowUp(
    PROJECT,
    FollowUpKind.BANK_LOAN,
    "Inter-American Development Bank",
    Text("Bus corridor"),
    Money(Decimal(50_000_000), "USD"),
    "https://example.org/loans/7",
)
RESTS = ProjectSuspended(PROJECT, date(2025, 7, 15), "floods")
RESUMED = ProjectResumed(PROJECT, date(2025, 8, 15), "dry again")
DONE = MilestoneReached(PROJECT, SURVEY, date(2024, 9, 30), date(2024, 9, 12), (DIGEST,))
WORK = [TRAIN, ADVISE, REACH, SUSPEND, COMPLETE]
IN_SEPTEMBER = datetime(2024, 9, 12, tzinfo=UTC)


@pytest.mark.parametrize("command", WORK)
def test_work_is_done_only_while_the_project_runs(command: ProjectCommand) -> None:
    given(*SIGNED).when(command, at=IN_2025).refused(
        "project-not-started", field="project_id", value=PROJECT
    )
    given(*RUNNING, RESTS).when(command, at=IN_2025).refused(
        "project-suspended", field="project_id", value=PROJECT
    )
    given(*COMPLETED).when(command, at=IN_2026).refused(
        "project-ended", field="project_id", value=PROJECT
    )
    early = datetime(2024, 6, 9, 12, tzinfo=UTC)
    given(*RUNNING).when(command, at=early).refused(
        "before-start", field="occurred_at", value="2024-06-09"
    )
    assert given(*RUNNING).when(command, at=IN_2025).refusal is None


# Training and consulting


def test_a_training_is_on_record_with_its_people_and_its_evidence() -> None:
    given(*RUNNING).when(TRAIN, at=IN_2025).then(
        TrainingDelivered(PROJECT, Text("Bus operations"), WEEK, EXPERT, 24, 11, (DIGEST,))
    )
    uncounted = replace(TRAIN, women=None)
    assert given(*RUNNING).when(uncounted, at=IN_2025).only(TrainingDelivered).women is None


def test_advice_is_on_record_in_person_days() -> None:
    given(*RUNNING).when(ADVISE, at=IN_2025).then(
        ConsultingDelivered(PROJECT, "Fares", WEEK, EXPERT, Decimal("7.5"), (DIGEST,))
    )


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"title": Text(" ")}, "empty-text", "title.en"),
        ({"period": Period(WEEK.end, WEEK.start)}, "period-reversed", "period"),
        ({"period": Period(WEEK.start, date(2025, 7, 16))}, "period-in-future", "period"),
        ({"period": Period(date(2024, 6, 9), WEEK.end)}, "before-start", "period"),
        ({"delivered_by": ActorId("someone")}, "unknown-implementer", "delivered_by"),
        ({"participants": 0}, "no-participants", "participants"),
        ({"women": 25}, "more-women-than-participants", "women"),
        ({"women": -1}, "more-women-than-participants", "women"),
        ({"evidence": ()}, "no-evidence", "evidence"),
        ({"evidence": (DIGEST, "x")}, "malformed-digest", "evidence.1"),
    ],
)
def test_a_training_that_cannot_have_been_is_refused(
    changed: dict[str, Any], code: str, field: str
) -> None:
    given(*RUNNING).when(replace(TRAIN, **changed), at=IN_2025).refused(code, field=field)


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"topic": ""}, "empty-text", "topic"),
        ({"period": Period(WEEK.start, date(2025, 7, 16))}, "period-in-future", "period"),
        ({"delivered_by": ActorId("someone")}, "unknown-implementer", "delivered_by"),
        ({"days": Decimal(0)}, "not-positive", "days"),
        ({"days": Decimal("1E+999999")}, "quantity-out-of-range", "days"),
        ({"days": Decimal("Infinity")}, "not-a-number", "days"),
        ({"evidence": ()}, "no-evidence", "evidence"),
    ],
)
def test_advice_that_cannot_have_been_is_refused(
    changed: dict[str, Any], code: str, field: str
) -> None:
    given(*RUNNING).when(replace(ADVISE, **changed), at=IN_2025).refused(code, field=field)


# Milestones


def test_a_milestone_is_reached_once_with_evidence() -> None:
    given(*RUNNING).when(REACH, at=IN_SEPTEMBER).then(DONE)
    given(*RUNNING, DONE).when(REACH, at=IN_2025).refused(
        "milestone-reached", field="milestone", value=SURVEY
    )
    given(*RUNNING).when(replace(REACH, evidence=()), at=IN_2025).refused(
        "no-evidence", field="evidence"
    )


@pytest.mark.parametrize("command", [REACH, RESCHEDULE])
def test_a_milestone_outside_the_plan_is_refused(
    command: ReachMilestone | RescheduleMilestone,
) -> None:
    given(*RUNNING).when(replace(command, milestone=MilestoneId("party")), at=IN_2025).refused(
        "unknown-milestone", field="milestone", value="party", rule="survey, report"
    )


def test_a_milestone_is_moved_with_a_reason_and_moved_on_from_there() -> None:
    moved = MilestoneRescheduled(
        PROJECT, SURVEY, date(2024, 9, 30), date(2024, 10, 31), "elections"
    )
    given(*RUNNING).when(RESCHEDULE).then(moved)
    given(*RUNNING, moved).when(RESCHEDULE).refused("nothing-changed", field="due_on")
    again = given(*RUNNING, moved).when(replace(RESCHEDULE, due_on=WATCHED_UNTIL))
    assert again.only(MilestoneRescheduled).before == date(2024, 10, 31)
    late = given(*RUNNING, moved).when(REACH, at=IN_2025).only(MilestoneReached)
    assert late.due_on == date(2024, 10, 31)


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"reason": ""}, "empty-text", "reason"),
        ({"due_on": date(2024, 6, 9)}, "milestone-outside", "due_on"),
        ({"due_on": date(2029, 1, 1)}, "milestone-outside", "due_on"),
    ],
)
def test_a_milestone_is_not_moved_anywhere(changed: dict[str, Any], code: str, field: str) -> None:
    given(*RUNNING).when(replace(RESCHEDULE, **changed)).refused(code, field=field)


def test_a_milestone_is_not_moved_once_reached_or_before_it_was_signed() -> None:
    given(*RUNNING, DONE).when(RESCHEDULE).refused("milestone-reached")
    given(*PREFERRED).when(RESCHEDULE).refused("agreement-not-signed", field="project_id")
    assert given(*RUNNING, RESTS).when(RESCHEDULE).refusal is None


# Risks


RAISE = RaiseRisk(
    PROJECT, "The budget may be cut", RiskLevel.LOW, RiskLevel.HIGH, "Planning office"
)


def test_a_risk_is_raised_from_the_beginning_and_resolved_once() -> None:
    raised = RiskRaised(
        PROJECT, 1, "The budget may be cut", RiskLevel.LOW, RiskLevel.HIGH, "Planning office"
    )
    given(*PREFERRED).when(RAISE).then(raised)
    assert given(*PREFERRED, raised).when(RAISE).only(RiskRaised).number == 2
    resolved = RiskResolved(PROJECT, 1, "it was passed")
    resolve = ResolveRisk(PROJECT, 1, "it was passed")
    given(*PREFERRED, raised).when(resolve).then(resolved)
    given(*PREFERRED, raised).when(replace(resolve, resolution="")).refused(
        "empty-text", field="resolution"
    )
    for facts in (PREFERRED, (*PREFERRED, raised, resolved)):
        given(*facts).when(resolve).refused("no-open-risk", field="number", value=1)


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (replace(RAISE, description=" "), "description"),
        (replace(RAISE, owner=""), "owner"),
    ],
)
def test_a_risk_is_described_and_watched(command: RaiseRisk, field: str) -> None:
    given(*RUNNING).when(command).refused("empty-text", field=field)


# Rest and end


def test_a_project_rests_and_goes_on_with_reasons() -> None:
    given(*RUNNING).when(SUSPEND, at=IN_2025).then(RESTS)
    given(*RUNNING).when(SuspendProject(PROJECT, ""), at=IN_2025).refused("empty-text")
    august = datetime(2025, 8, 15, tzinfo=UTC)
    given(*RUNNING, RESTS).when(ResumeProject(PROJECT, "dry again"), at=august).then(RESUMED)
    given(*RUNNING, RESTS).when(
        ResumeProject(PROJECT, "dry again"), at=IN_2025 - timedelta(days=1)
    ).refused("before-rest", field="occurred_at", value="2025-07-14")
    given(*RUNNING, RESTS).when(ResumeProject(PROJECT, " "), at=IN_2025).refused("empty-text")
    given(*RUNNING).when(ResumeProject(PROJECT, "dry"), at=IN_2025).refused(
        "not-suspended", field="project_id", value=PROJECT
    )
    assert given(*RUNNING, RESTS, RESUMED).when(REACH, at=IN_2026).refusal is None


@pytest.mark.parametrize("command", [TRAIN, ADVISE])
@pytest.mark.parametrize(
    ("first", "last", "rested"),
    [
        (date(2025, 7, 1), date(2025, 7, 15), False),
        (date(2025, 7, 1), date(2025, 7, 16), True),
        (date(2025, 7, 20), date(2025, 7, 22), True),
        (date(2025, 7, 1), date(2025, 9, 1), True),
        (date(2025, 8, 14), date(2025, 8, 20), True),
        (date(2025, 8, 15), date(2025, 8, 20), False),
    ],
)
def test_no_work_is_recorded_later_for_days_on_which_the_project_rested(
    command: DeliverTraining | DeliverConsulting, first: date, last: date, *, rested: bool
) -> None:
    late = replace(command, period=Period(first, last))
    answer = given(*RUNNING, RESTS, RESUMED).when(late, at=IN_2026)
    if rested:
        answer.refused("period-of-rest", field="period", rule="2025-07-15/2025-08-15")
    else:
        assert answer.refusal is None


def test_a_project_with_open_milestones_is_completed_with_a_reason_only() -> None:
    last = datetime(2025, 12, 31, tzinfo=UTC)
    given(*RUNNING, DONE).when(CompleteProject(PROJECT), at=last).refused(
        "milestones-open", field="reason", value=REPORT
    )
    given(*RUNNING, DONE).when(CompleteProject(PROJECT, "by the bank"), at=last).then(
        ProjectCompleted(PROJECT, ENDS, (REPORT,), "by the bank")
    )
    report = MilestoneReached(PROJECT, REPORT, date(2025, 11, 30), date(2025, 11, 30), (DIGEST,))
    given(*RUNNING, DONE, report).when(CompleteProject(PROJECT), at=last).then(
        ProjectCompleted(PROJECT, ENDS, (), "")
    )


def test_a_project_is_cancelled_at_any_time_with_a_reason() -> None:
    for facts in (PREFERRED, SIGNED, RUNNING, (*RUNNING, RESTS)):
        given(*facts).when(CancelProject(PROJECT, "")).refused("empty-text", field="reason")
        cancelled = given(*facts).when(CancelProject(PROJECT, "by the city"), at=IN_2025)
        cancelled.then(ProjectCancelled(PROJECT, date(2025, 7, 15), "by the city"))
        given(*facts, *cancelled.events).when(CancelProject(PROJECT, "again")).refused(
            "project-ended", field="project_id", value=PROJECT
        )
    given(*COMPLETED).when(CancelProject(PROJECT, "too late")).refused("project-ended")


def test_a_project_that_rested_overnight_did_not_rest_on_any_day() -> None:
    whole = replace(TRAIN, period=Period(date(2025, 7, 1), date(2025, 7, 31)))
    for day in (date(2025, 7, 15), date(2025, 7, 16)):
        resumed = ProjectResumed(PROJECT, day, "dry again")
        assert given(*RUNNING, RESTS, resumed).when(whole, at=IN_2026).refusal is None
    resumed = ProjectResumed(PROJECT, date(2025, 7, 17), "dry again")
    given(*RUNNING, RESTS, resumed).when(whole, at=IN_2026).refused("period-of-rest")


# What it led to


def test_what_a_project_led_to_is_linked_even_after_its_end() -> None:
    linked = FollowUpLinked(PROJECT, 1, LINK.kind, LINK.partner, LINK.title, LINK.amount, LINK.url)
    given(*COMPLETED).when(LINK).then(linked)
    bare = LinkFollowUp(PROJECT, FollowUpKind.ODA_PROJECT, "KOICA", Text("Signals"))
    given(*COMPLETED, linked).when(bare).then(
        FollowUpLinked(PROJECT, 2, FollowUpKind.ODA_PROJECT, "KOICA", Text("Signals"), None, "")
    )
    given(*SIGNED).when(LINK).refused("project-not-started", field="project_id", value=PROJECT)


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"partner": " "}, "empty-text", "partner"),
        ({"title": Text("")}, "empty-text", "title.en"),
        ({"amount": Money(Decimal(0), "USD")}, "not-positive", "amount.amount"),
        ({"amount": Money(Decimal("sNaN"), "USD")}, "not-a-number", "amount.amount"),
        ({"amount": Money(Decimal(1), "usd")}, "malformed-currency", "amount.currency"),
        ({"url": "javascript:alert(1)"}, "malformed-url", "url"),
        ({"url": "https://"}, "malformed-url", "url"),
        ({"url": "https://[::1"}, "malformed-url", "url"),
        ({"url": "https://example.org/a b"}, "malformed-url", "url"),
        ({"url": "https://example.org/\u202e"}, "malformed-url", "url"),
        ({"url": "example.org"}, "malformed-url", "url"),
    ],
)
def test_a_follow_up_that_nobody_could_find_is_refused(
    changed: dict[str, Any], code: str, field: str
) -> None:
    given(*RUNNING).when(replace(LINK, **changed)).refused(code, field=field)
