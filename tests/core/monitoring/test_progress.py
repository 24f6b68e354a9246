"""What is late is found as of a day, once, and by a standard that was fixed before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from core.handlers.progress_standards import FOLDER, newest, shipped
from core.ledger.codec import Event
from core.monitoring.commands import ReviewProgress
from core.monitoring.events import (
    IndicatorBehind,
    IndicatorUnobserved,
    MilestoneMissed,
    ObservationCorrected,
)
from core.projects.events import (
    MilestoneReached,
    MilestoneRescheduled,
    PlanAgreed,
    ProjectCancelled,
    ProjectSuspended,
)
from core.vocabulary import MilestoneId
from tests.project_scenes import (
    AGREED,
    COMPLETED,
    DEFINED,
    ENDS,
    IN_2025,
    OBSERVED,
    PLAN,
    PLANNED,
    PREFERRED,
    PROJECT,
    RIDERS,
    RUNNING,
    SIGNED,
    SPRING,
    SURVEY,
    TARGETS,
    WOMEN,
    Y2024,
    observed,
    reading,
)
from tests.scenes import DIGEST, FINAL_APPROVED, Facts
from tests.stories import OFFICER, given

REF = newest()
REVIEW = ReviewProgress(PROJECT, REF.id, REF.version)
FIRST, SECOND = TARGETS
DUE = PLAN.milestones[0].due_on
REACHED = MilestoneReached(PROJECT, SURVEY, DUE, DUE, (DIGEST,))
FULL_2024 = observed(1, reading("130", Y2024))
ON_TIME: Facts = (*DEFINED, REACHED, FULL_2024)
"""The survey was done, and the first target met: nothing is late until half of 2025 was seen."""

# A standard that projects were reviewed by stays as it is: a change is a new version beside it.
PINNED = {
    ("ssp-progress", 1): "27a3b837d051955dc9815aecb82a4992d524fe0d4200f146aaa4509b0e033046",
}


def at(day: date, hour: int = 3) -> datetime:
    """An hour in UTC; from 15:00 on it is the next day in Seoul."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def missed(number: int, found_on: date, due_on: date = DUE) -> MilestoneMissed:
    return MilestoneMissed(PROJECT, number, SURVEY, due_on, found_on, REF)


def behind(number: int, observation: int, found_on: date, seen: str = "131") -> IndicatorBehind:
    expected = Decimal("139.917808219")  # 130 and 20 * 181 / 365
    return IndicatorBehind(
        PROJECT,
        number,
        RIDERS,
        observation,
        SPRING.end,
        Decimal(seen),
        expected,
        SECOND,
        found_on,
        REF,
    )


def test_a_version_of_a_standard_never_changes_and_says_where_it_comes_from() -> None:
    assert {key: standard.ref.digest for key, standard in shipped().items()} == PINNED
    names = {f"{standard_id}.{version}.toml" for standard_id, version in shipped()}
    assert names == {path.name for path in FOLDER.iterdir()}
    assert all(standard.source and standard.title.ko for standard in shipped().values())


def test_a_milestone_is_missed_on_the_day_after_it_was_due_in_seoul() -> None:
    given(*RUNNING).when(REVIEW, at=at(DUE, 14)).then()
    given(*RUNNING).when(REVIEW, at=at(DUE, 15)).then(missed(1, date(2024, 10, 1)))
    given(*SIGNED).when(REVIEW, at=at(DUE, 15)).then(missed(1, date(2024, 10, 1)))


def test_a_milestone_that_was_reached_or_moved_is_not_missed() -> None:
    moved = MilestoneRescheduled(PROJECT, SURVEY, DUE, date(2024, 11, 1), "elections")
    for fact in (REACHED, moved):
        given(*RUNNING, fact).when(REVIEW, at=at(date(2024, 11, 1))).then()


def test_what_was_found_is_not_found_again_but_for_another_day() -> None:
    later = date(2024, 11, 2)
    known = missed(1, date(2024, 10, 1))
    given(*RUNNING, known).when(REVIEW, at=at(later)).then()
    moved = MilestoneRescheduled(PROJECT, SURVEY, DUE, date(2024, 11, 1), "elections")
    given(*RUNNING, known, moved).when(REVIEW, at=at(later)).then(
        missed(2, later, date(2024, 11, 1))
    )


def test_an_indicator_is_behind_where_its_latest_observation_is() -> None:
    seen = (*ON_TIME, observed(2, reading("131")))
    given(*seen).when(REVIEW, at=IN_2025).then(behind(1, 2, date(2025, 7, 15)))
    given(*seen, behind(1, 2, date(2025, 7, 15))).when(REVIEW, at=at(date(2025, 8, 1))).then()


@pytest.mark.parametrize("value", ["137.92", "150"])
def test_a_tenth_of_the_planned_change_is_tolerated(value: str) -> None:
    given(*ON_TIME, observed(2, reading(value))).when(REVIEW, at=IN_2025).then()
    found = given(*ON_TIME, observed(2, reading("137.91"))).when(REVIEW, at=IN_2025)
    assert found.only(IndicatorBehind).observed == Decimal("137.91")


def test_a_corrected_observation_is_taken_as_it_is_now() -> None:
    was, now = reading("131"), reading("141")
    put_right = ObservationCorrected(
        PROJECT, RIDERS, 2, OFFICER, was, now, "a machine was left out"
    )
    given(*ON_TIME, observed(2, was), put_right).when(REVIEW, at=IN_2025).then()
    worse = ObservationCorrected(PROJECT, RIDERS, 2, OFFICER, now, was, "counted twice")
    given(*ON_TIME, observed(2, now), worse).when(REVIEW, at=IN_2025).then(
        behind(1, 2, date(2025, 7, 15))
    )


def test_an_observation_that_came_in_late_is_not_the_latest() -> None:
    late = observed(3, reading("125", replace(SPRING, end=date(2025, 3, 31))))
    facts = (*ON_TIME, observed(2, reading("141", replace(SPRING, start=date(2025, 4, 1)))), late)
    given(*facts).when(REVIEW, at=IN_2025).then()


def test_on_the_way_to_the_next_target_it_is_behind_anew() -> None:
    first = observed(1, reading("121", Y2024))
    found = given(*DEFINED, REACHED, first).when(REVIEW, at=at(date(2025, 2, 1)))
    known = found.only(IndicatorBehind)
    assert known.target == FIRST
    facts = (*DEFINED, REACHED, first, known, observed(2, reading("131")))
    given(*facts).when(REVIEW, at=IN_2025).then(behind(2, 2, date(2025, 7, 15)))


def test_a_target_that_nobody_observed_is_told_after_two_months() -> None:
    facts = (*DEFINED, REACHED)
    given(*facts).when(REVIEW, at=at(date(2025, 3, 1))).then()
    unseen = IndicatorUnobserved(PROJECT, 1, RIDERS, FIRST, date(2025, 3, 2), REF)
    given(*facts).when(REVIEW, at=at(date(2025, 3, 2))).then(unseen)
    given(*facts, unseen).when(REVIEW, at=at(date(2025, 4, 2))).then()
    given(*RUNNING, REACHED).when(REVIEW, at=at(date(2025, 3, 2))).then(unseen)


def test_a_breakdown_is_observed_by_itself() -> None:
    """What was counted of all says nothing of the women, who have a target of their own."""
    women = replace(FIRST, value=Decimal(60), dimensions=WOMEN)
    indicator = replace(PLAN.indicators[0], targets=(*TARGETS, women))
    agreed = PlanAgreed(
        PROJECT, 1, replace(PLAN, indicators=(indicator,)), AGREED.signatories, DIGEST
    )
    signed = tuple(agreed if fact == AGREED else fact for fact in RUNNING)
    found = given(*signed, REACHED, FULL_2024).when(REVIEW, at=at(date(2025, 3, 2)))
    assert found.only(IndicatorUnobserved).target == women
    few = observed(2, reading("59", Y2024, *WOMEN))
    found = given(*signed, REACHED, FULL_2024, few).when(REVIEW, at=at(date(2025, 3, 2)))
    assert found.only(IndicatorBehind).target == women


def test_everything_that_is_late_is_found_at_once_and_numbered() -> None:
    found = given(*OBSERVED).when(REVIEW, at=IN_2025).events
    assert [(type(event), getattr(event, "number", 0)) for event in found] == [
        (MilestoneMissed, 1),
        (IndicatorUnobserved, 2),
        (IndicatorBehind, 3),
    ]


def test_after_its_end_a_project_s_indicators_are_watched_and_its_milestones_are_settled() -> None:
    assert given(*COMPLETED).when(REVIEW, at=at(date(2026, 3, 5))).events == (
        IndicatorUnobserved(PROJECT, 1, RIDERS, FIRST, date(2026, 3, 5), REF),
        IndicatorUnobserved(PROJECT, 2, RIDERS, SECOND, date(2026, 3, 5), REF),
    )


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (FINAL_APPROVED, "unknown-project"),
        (PREFERRED, "agreement-not-signed"),
        (PLANNED, "agreement-not-signed"),
        ((*RUNNING, ProjectSuspended(PROJECT, ENDS, "floods")), "project-suspended"),
        ((*RUNNING, ProjectCancelled(PROJECT, ENDS, "no budget")), "project-ended"),
    ],
)
def test_where_nothing_can_be_late_nobody_looks(facts: tuple[Event, ...], code: str) -> None:
    given(*facts).when(REVIEW, at=IN_2025).refused(code, field="project_id", value=PROJECT)


def test_a_standard_that_does_not_exist_is_refused() -> None:
    given(*RUNNING).when(replace(REVIEW, standard_version=9), at=IN_2025).refused(
        "unknown-standard", field="standard_id", value="ssp-progress 9"
    )


def test_a_milestone_is_known_by_its_id_and_its_day() -> None:
    other = replace(missed(1, date(2024, 10, 1)), milestone=MilestoneId("other"))
    given(*RUNNING, other).when(REVIEW, at=at(DUE, 15)).then(missed(2, date(2024, 10, 1)))
