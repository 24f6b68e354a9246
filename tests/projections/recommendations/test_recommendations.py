"""Recommendations show where each stands, at any moment of both clocks, and what is overdue."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from core.monitoring.events import (
    ActionCompleted,
    ActionReturned,
    ActionVerified,
    Answer,
    RecommendationAnswered,
)
from core.vocabulary import Instant
from projections.moments import About
from projections.recommendations.fold import VIEW, RecommendationRow
from projections.recommendations.queries import Line, Recommendations, lines_of, selected
from tests.project_scenes import ASKED, COUNTER, ISSUE, PROJECT, RUNNING
from tests.projections.told import Dated, given, on
from tests.scenes import DIGEST

JULY, AUGUST, OCTOBER = (datetime(2025, month, 1, 9, tzinfo=UTC) for month in (7, 8, 10))
DUE = date(2025, 9, 30)
ISSUED = on(JULY, ISSUE)
ANSWERED = RecommendationAnswered(PROJECT, ASKED, Answer.PARTLY, "Count on two lines", "why not")
REJECTED = RecommendationAnswered(PROJECT, ASKED, Answer.REJECTED, "", "no counters")
DONE = ActionCompleted(PROJECT, ASKED, COUNTER, date(2025, 10, 1), "two lines", (DIGEST,))
CHECKED = ActionVerified(PROJECT, ASKED, COUNTER)


def shown(*facts: Dated, at: Instant = OCTOBER, effective: Instant | None = None) -> Line | None:
    rows = given(*RUNNING, *facts).rows(VIEW)
    lines = lines_of(((key, 0, row) for key, row in rows.items()), About(at, effective))
    return lines[0] if lines else None


def stands(line: Line | None) -> tuple[str, int] | None:
    return (line.status, line.days_late) if line else None


def test_a_recommendation_goes_from_its_issue_to_the_check_of_what_was_done() -> None:
    facts = (ISSUED, on(AUGUST, ANSWERED), on(OCTOBER, DONE, COUNTER), on(OCTOBER, CHECKED))
    row = given(*RUNNING, *facts).row(VIEW, f"{PROJECT}:{ASKED}", RecommendationRow)
    steps = [(step.status, step.by) for step in row.steps]
    assert [status for status, _ in steps] == ["issued", "accepted", "done", "verified"]
    assert steps[2][1] == COUNTER
    assert row.answered
    assert (row.answered.answer, row.due_on) == (Answer.PARTLY, DUE)
    assert row.action
    assert row.action.evidence == (DIGEST,)
    assert [stands(shown(*facts[:n])) for n in range(5)] == [
        None,
        ("issued", 1),
        ("accepted", 1),
        ("done", 0),
        ("verified", 0),
    ]


def test_what_was_returned_is_still_to_be_done() -> None:
    returned = ActionReturned(PROJECT, ASKED, COUNTER, "one line only")
    facts = (ISSUED, on(AUGUST, ANSWERED), on(AUGUST, DONE), on(OCTOBER, returned))
    line = shown(*facts)
    assert line
    assert stands(line) == ("returned", 1)
    assert line.recommendation.action
    assert line.recommendation.action.returned == "one line only"
    again = shown(*facts, on(OCTOBER, DONE))
    assert stands(again) == ("done", 0)


def test_what_was_rejected_is_never_late() -> None:
    assert stands(shown(ISSUED, on(AUGUST, REJECTED))) == ("rejected", 0)


def test_nothing_is_late_on_its_day_in_seoul() -> None:
    last_minute = datetime(2025, 9, 30, 14, 59, tzinfo=UTC)
    assert stands(shown(ISSUED, at=last_minute)) == ("issued", 0)
    assert stands(shown(ISSUED, at=last_minute + timedelta(minutes=1))) == ("issued", 1)


def test_a_moment_in_the_world_shows_what_had_happened_by_then() -> None:
    facts = (ISSUED, on(AUGUST, ANSWERED), on(OCTOBER, DONE))
    before = JULY - timedelta(seconds=1)
    assert stands(shown(*facts, effective=before)) is None
    assert stands(shown(*facts, effective=JULY)) == ("issued", 0)
    assert stands(shown(*facts, effective=OCTOBER - timedelta(seconds=1))) == ("accepted", 1)
    assert stands(shown(*facts, effective=OCTOBER)) == ("done", 0)


def test_a_step_that_is_dated_too_early_takes_effect_after_the_one_before() -> None:
    facts = (ISSUED, on(AUGUST, ANSWERED), on(JULY, DONE))
    assert stands(shown(*facts, effective=JULY)) == ("issued", 0)
    assert stands(shown(*facts, effective=AUGUST)) == ("done", 0)


def test_lines_can_be_chosen_by_status_and_by_lateness() -> None:
    line = shown(ISSUED)
    assert line is not None
    assert selected([line]) == Recommendations((line,), {"issued": 1}, 1)
    assert selected([line], "issued", overdue=True).lines == (line,)
    assert selected([line], "done").lines == selected([line], overdue=False).lines == ()
