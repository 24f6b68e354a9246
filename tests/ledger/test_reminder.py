"""The calendar is heard once: however many remind, and whatever one of them remembers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from core.decider import Act
from core.handlers.progress_standards import newest
from core.handlers.table import Command
from core.ledger.draft import Envelope
from core.ledger.ledger import Ledger
from core.ledger.reactor import Reactor
from core.ledger.records import Recorded
from core.ledger.reminder import Reminder, remind
from core.monitoring.commands import RecordObservation, ReviewProgress
from core.monitoring.events import (
    IndicatorBehind,
    IndicatorUnobserved,
    MilestoneMissed,
    ObservationRecorded,
    RecommendationIssued,
)
from core.projects.commands import SuspendProject
from core.projects.events import MilestoneReached
from core.reactions.table import REACTIONS
from core.vocabulary import Role
from tests.processes import until
from tests.project_scenes import (
    DEFINED,
    IN_2025,
    NEXT,
    PROJECT,
    RIDERS,
    RUNNING,
    SURVEY,
    Y2024,
    observed,
    reading,
)
from tests.projections.logs import refill
from tests.scenes import DIGEST
from tests.stories import OFFICER

OCTOBER = datetime(2024, 10, 1, 3, tzinfo=UTC)
DUE = date(2024, 9, 30)
REACHED = MilestoneReached(PROJECT, SURVEY, DUE, DUE, (DIGEST,))
ON_TIME = (*DEFINED, REACHED, observed(1, reading("130", Y2024)))


@pytest.fixture
def late(database_url: str) -> str:
    """A log in which the survey's day has gone by on the first of October."""
    refill(database_url, RUNNING)
    return database_url


def send(ledger: Ledger, command: Command, at: datetime = IN_2025) -> None:
    ledger.handle(Envelope(command, Act(OFFICER, Role.MANAGER, at)))


def found(ledger: Ledger, at: datetime) -> list[str]:
    return [e.type for _, receipt in remind(ledger, at) for e in receipt.events]


def since(ledger: Ledger, facts: int) -> list[Recorded]:
    return list(ledger.read(facts))


def test_a_missed_milestone_is_found_by_the_reminder_and_spoken_of_by_a_reaction(late: str) -> None:
    with Ledger(late) as ledger:
        assert found(ledger, OCTOBER) == [MilestoneMissed.WIRE]
        assert Reactor(ledger, REACTIONS).catch_up() == 1

        missed, issued = since(ledger, len(RUNNING))

    assert (missed.meta.actor, missed.meta.role) == ("reminder", Role.SYSTEM)
    assert missed.meta.occurred_at == OCTOBER
    assert isinstance(issued.event, RecommendationIssued)
    assert (issued.event.milestone, str(issued.event.due_on)) == (SURVEY, "2024-10-31")
    assert issued.event.recommendation == (
        "The milestone survey was due on 2024-09-30 and has not been reached: consider what it "
        "needs, or another day for it."
    )
    assert issued.meta.causation_id == missed.meta.id


def test_the_same_lateness_is_found_once_by_however_many_remind(late: str) -> None:
    def look(ledger: Ledger) -> list[str]:
        return found(ledger, OCTOBER)

    with Ledger(late) as one, Ledger(late) as other, ThreadPoolExecutor(4) as four:
        looks = list(four.map(look, (one, other) * 2))
        assert sorted(map(len, looks)) == [0, 0, 0, 1]
        assert found(one, IN_2025) == [IndicatorUnobserved.WIRE]
        assert found(other, IN_2025) == []
        assert len(since(one, len(RUNNING))) == 2


def test_a_number_behind_its_path_is_found_and_spoken_of_when_it_comes_in(
    database_url: str,
) -> None:
    refill(database_url, ON_TIME)
    with Ledger(database_url) as ledger:
        reactor = Reactor(ledger, REACTIONS)
        assert reactor.catch_up() == 0
        send(ledger, RecordObservation(PROJECT, RIDERS, reading("131")))
        assert reactor.catch_up() == 2

        records = since(ledger, len(ON_TIME))

    kinds = [type(r.event) for r in records]
    assert kinds == [ObservationRecorded, IndicatorBehind, RecommendationIssued]
    assert {r.meta.correlation_id for r in records} == {records[0].meta.correlation_id}
    assert isinstance(records[2].event, RecommendationIssued)
    assert records[2].event.recommendation == (
        "The indicator riders was at 131 on 2025-06-30, and its path to 150 by 2025-12-31 was at "
        "139.9: consider what would bring it back."
    )


def test_a_number_on_its_path_calls_for_a_look_that_leaves_no_trace(database_url: str) -> None:
    refill(database_url, ON_TIME)
    with Ledger(database_url) as ledger, capture_logs() as logs:
        send(ledger, RecordObservation(PROJECT, RIDERS, reading("141")))
        assert Reactor(ledger, REACTIONS).catch_up() == 0
        assert len(since(ledger, len(ON_TIME))) == 1
    assert [line for line in logs if line["event"] == "reaction.refused"] == []


def test_a_review_that_finds_nothing_does_not_rest_on_what_is_remembered(
    database_url: str,
) -> None:
    """An append would notice that it was old; where nothing is appended nothing would."""
    refill(database_url, ON_TIME)
    review = ReviewProgress(PROJECT, newest().id, newest().version)
    with Ledger(database_url) as one, Ledger(database_url) as other:
        send(one, review)
        send(other, RecordObservation(PROJECT, RIDERS, reading("131")))
        send(one, review)
        assert [type(r.event) for r in since(one, len(ON_TIME))] == [
            ObservationRecorded,
            IndicatorBehind,
        ]


def test_a_project_that_was_suspended_meanwhile_does_not_hold_up_the_others(
    database_url: str,
) -> None:
    ours: tuple[Any, ...] = RUNNING[-4:]
    both = (*RUNNING, *(replace(fact, project_id=NEXT) for fact in ours))
    refill(database_url, both)
    with Ledger(database_url) as ledger, capture_logs() as logs:
        looks = remind(ledger, OCTOBER)
        first, _ = next(looks)
        other = ({PROJECT, NEXT} - {first}).pop()
        send(ledger, SuspendProject(other, "floods"))
        assert list(looks) == []
    assert [(line["project"], line["codes"]) for line in logs if "codes" in line] == [
        (other, ["project-suspended"])
    ]


def test_a_reminder_reminds_at_once_and_on_each_new_day_in_seoul(late: str) -> None:
    clock = [datetime(2024, 9, 30, 14, 59, tzinfo=UTC)]
    with Ledger(late) as ledger:
        reminder = Reminder(ledger, lambda: clock[0], looks_s=0.01)
        reminder.start()
        try:
            until(lambda: reminder.reminded_on == DUE)
            assert since(ledger, len(RUNNING)) == []
            clock[0] = datetime(2024, 9, 30, 15, tzinfo=UTC)
            until(lambda: len(since(ledger, len(RUNNING))) == 1)
        finally:
            reminder.stop()
