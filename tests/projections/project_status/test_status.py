"""A project shows its course, its milestones and its parts, at any moment of both clocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from core.ledger.codec import Event
from core.monitoring.events import (
    EvaluationRated,
    FeedbackReceived,
    IndicatorBehind,
    IndicatorUnobserved,
    MilestoneMissed,
    Phase,
)
from core.monitoring.rating import SchemeRef
from core.monitoring.standard import StandardRef
from core.projects.events import (
    MilestoneReached,
    MilestoneRescheduled,
    PaymentMade,
    PlanAgreed,
    ProjectCompleted,
    ProjectSuspended,
    RiskLevel,
    RiskRaised,
    RiskResolved,
)
from core.vocabulary import Instant
from projections.moments import About
from projections.project_status.fold import VIEW
from projections.project_status.queries import projects_from, status_from
from projections.project_status.status import ProjectStatus
from projections.project_status.summary import NextMilestone, ProjectLine
from projections.recommendations.fold import VIEW as RECOMMENDATIONS
from tests.project_scenes import (
    AGREED,
    ISSUE,
    OBSERVED,
    PLAN,
    PLANNED,
    PREFERRED,
    PROJECT,
    RATER,
    REPORT,
    RIDERS,
    RUNNING,
    SURVEY,
    TARGETS,
)
from tests.projections.told import Dated, given, on
from tests.scenes import DIGEST, Facts
from tests.stories import NOON

JULY, AUGUST, OCTOBER = (datetime(2024, month, 1, 9, tzinfo=UTC) for month in (7, 8, 10))
RISK = RiskRaised(PROJECT, 1, "cuts", RiskLevel.LOW, RiskLevel.HIGH, "Planning office")
MOVED = MilestoneRescheduled(PROJECT, SURVEY, date(2024, 9, 30), date(2024, 10, 31), "rain")
REACHED = MilestoneReached(PROJECT, SURVEY, date(2024, 10, 31), date(2024, 11, 2), (DIGEST,))


def known(
    facts: Facts, *more: Dated, at: Instant = OCTOBER, effective: Instant | None = None
) -> ProjectStatus | None:
    story = given(*facts, *more)
    found = ((key, 0, row) for key, row in story.rows(VIEW).items())
    asked = ((key, 0, row) for key, row in story.rows(RECOMMENDATIONS).items())
    return status_from(found, asked, About(at, effective))


def status(
    facts: Facts, *more: Dated, at: Instant = OCTOBER, effective: Instant | None = None
) -> ProjectStatus:
    found = known(facts, *more, at=at, effective=effective)
    assert found is not None
    return found


def milestones(found: ProjectStatus) -> list[tuple[str, str, int]]:
    return [(m.milestone_id, m.status, m.days_late) for m in found.milestones]


def test_a_project_goes_from_its_selection_to_its_end() -> None:
    completed = ProjectCompleted(PROJECT, date(2024, 10, 1), (SURVEY, REPORT), "told elsewhere")
    found = status(RUNNING, on(OCTOBER, completed))
    assert [step.status for step in found.project.steps] == [
        "preferred",
        "planned",
        "signed",
        "running",
        "completed",
    ]
    assert (found.status, found.since, found.project.reason) == (
        "completed",
        OCTOBER,
        "told elsewhere",
    )
    assert milestones(found) == [("survey", "left", 0), ("report", "left", 0)]


def test_a_moment_in_the_world_shows_the_status_of_then() -> None:
    rest = on(AUGUST, ProjectSuspended(PROJECT, date(2024, 8, 1), "an earthquake"))
    assert known(RUNNING, rest, effective=NOON - timedelta(days=1)) is None
    assert status(RUNNING, rest, effective=JULY).status == "running"
    assert status(RUNNING, rest, effective=AUGUST).status == "suspended"


def test_a_milestone_is_planned_then_due_then_overdue() -> None:
    assert milestones(status(PLANNED)) == [("survey", "planned", 0), ("report", "planned", 0)]
    assert milestones(status(RUNNING, at=JULY))[0] == ("survey", "due", 0)
    assert milestones(status(RUNNING))[0] == ("survey", "overdue", 1)


def test_a_milestone_that_was_moved_is_due_later_and_may_still_be_late() -> None:
    facts = (on(AUGUST, MOVED), on(OCTOBER + timedelta(days=32), REACHED))
    assert milestones(status(RUNNING, facts[0]))[0] == ("survey", "due", 0)
    reached = status(RUNNING, *facts).milestones[0]
    assert (reached.status, reached.days_late, reached.reached_on) == (
        "reached",
        2,
        date(2024, 11, 2),
    )
    assert (reached.first_due_on, reached.due_on) == (date(2024, 9, 30), date(2024, 10, 31))


def test_a_moment_in_the_world_shows_the_day_that_a_milestone_had_then() -> None:
    facts = (on(AUGUST, MOVED), on(OCTOBER + timedelta(days=32), REACHED))
    before = status(RUNNING, *facts, effective=JULY).milestones[0]
    assert (before.status, before.due_on, before.reached_on) == ("due", date(2024, 9, 30), None)
    assert status(RUNNING, *facts, effective=OCTOBER).milestones[0].status == "due"


def test_a_new_plan_takes_the_place_of_the_one_before() -> None:
    shorter = replace(PLAN, milestones=PLAN.milestones[1:], indicators=())
    again = PlanAgreed(PROJECT, 2, shorter, AGREED.signatories, DIGEST)
    found = status(PLANNED, on(JULY, again))
    assert milestones(found) == [("report", "planned", 0)]
    assert found.indicators == ()
    story = given(*PLANNED, again)
    story.lacks(VIEW, f"milestone:{PROJECT}:{SURVEY}")
    story.lacks(VIEW, f"indicator:{PROJECT}:riders")
    assert [i.indicator.id for i in status(PLANNED).indicators] == ["riders"]
    assert status(PREFERRED).milestones == ()


def test_risks_are_open_until_they_are_resolved() -> None:
    facts = (on(JULY, RISK), on(AUGUST, RiskResolved(PROJECT, 1, "the budget passed")))
    (risk,) = status(RUNNING, *facts).risks
    assert (risk.status, risk.since, risk.risk.resolution) == (
        "resolved",
        AUGUST,
        "the budget passed",
    )
    assert [r.status for r in status(RUNNING, *facts, effective=JULY).risks] == ["open"]
    assert status(RUNNING, *facts, effective=NOON).risks == ()


def test_what_was_paid_and_said_and_rated_is_shown_as_it_was_told() -> None:
    paid = [
        PaymentMade(PROJECT, n, 9_000_000, date(2024, 7, n), "SI", "part", DIGEST) for n in (1, 2)
    ]
    said = FeedbackReceived(PROJECT, 1, None, "The new lanes help")
    rated = [
        EvaluationRated(
            PROJECT,
            Phase.MID_TERM,
            SchemeRef("kfw-six-points", 1, DIGEST),
            (RATER,),
            (),
            grade,
            None,
            "mean",
            DIGEST,
            reason,
        )
        for grade, reason in (("3", ""), ("2", "figures came in"))
    ]
    facts = [
        on(JULY, paid[0]),
        on(AUGUST, paid[1]),
        on(AUGUST, said),
        *(on(JULY, r) for r in rated),
    ]
    found = status(RUNNING, *facts)
    assert (found.paid_krw, [f.feedback for f in found.feedback]) == (18_000_000, [said])
    assert [r.rating for r in found.ratings] == rated
    assert status(RUNNING, *facts, effective=JULY).paid_krw == 9_000_000


def test_what_reviews_found_to_be_late_is_shown_as_it_counts() -> None:
    standard = StandardRef("ssp-progress", 1, DIGEST)
    target = TARGETS[0]
    found: list[Event] = [
        MilestoneMissed(PROJECT, 1, SURVEY, date(2024, 9, 30), date(2024, 10, 1), standard),
        IndicatorUnobserved(PROJECT, 2, RIDERS, target, date(2024, 10, 1), standard),
        IndicatorBehind(
            PROJECT,
            3,
            RIDERS,
            1,
            date(2024, 9, 30),
            Decimal(120),
            Decimal(125),
            target,
            date(2024, 10, 1),
            standard,
        ),
    ]
    facts = [on(OCTOBER, event) for event in reversed(found)]
    assert [row.found for row in status(RUNNING, *facts).late] == found
    assert status(RUNNING, *facts, effective=AUGUST).late == ()


def test_a_line_says_what_asks_for_attention() -> None:
    story = given(*OBSERVED, on(JULY, RISK), ISSUE)
    found = [(key, 0, row) for key, row in story.rows(VIEW).items()]
    asked = [(key, 0, row) for key, row in story.rows(RECOMMENDATIONS).items()]
    october_2025 = OCTOBER + timedelta(days=365)
    (line,) = projects_from(found, asked, About(october_2025)).projects
    assert line == ProjectLine(
        project_id=PROJECT,
        call_id="ssp-2024",
        city_id="PELIM",
        status="running",
        since=NOON,
        cause=0,
        next_milestone=NextMilestone(REPORT, date(2025, 11, 30)),
        overdue_milestones=1,
        indicators=1,
        below_path=1,
        open_risks=1,
        open_recommendations=1,
        overdue_recommendations=1,
    )
    assert projects_from(found, asked, About(october_2025), "completed").projects == ()
