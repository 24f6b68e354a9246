"""Marks in both clocks: known as of a position, effective at an instant."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from core.evaluations.events import (
    EvaluationInvalidated,
    ScoreRevised,
    ScoresSubmitted,
    evaluation_stream,
)
from core.ranking import Mark
from projections.evaluation_consistency.fold import VIEW
from projections.evaluation_consistency.queries import report_from
from projections.evaluation_consistency.report import Consistency
from projections.evaluation_consistency.revisions import RevisionCount
from projections.evaluation_consistency.rows import EvaluationRow
from projections.ranking.fold import VIEW as RANKING
from tests import scenes
from tests.projections.told import Dated, Story, given, on
from tests.scenes import CALL, DOCUMENT, FIT, KIM, LEE, LIMA, NEED, app
from tests.stories import NOON

KEY = evaluation_stream(app(LIMA), KIM, DOCUMENT)
DAY = timedelta(days=1)
FIRST = on(NOON, scenes.scored(LIMA, KIM, 80, 90, 100))


def revised(at: datetime, before: int | None, after: int | None, by: str = KIM) -> Dated:
    was, now = (None if v is None else Decimal(v) for v in (before, after))
    return on(at, ScoreRevised(app(LIMA), KIM, DOCUMENT, NEED, was, now, "r"), by)


def need(story: Story, at: datetime | None, upto: int | None = None) -> Decimal | None:
    row = story.rows(VIEW, upto)[KEY]
    assert isinstance(row, EvaluationRow)
    return row.marks_at(at)[NEED]


def report(story: Story, at: datetime | None = None) -> Consistency:
    found = report_from(story.rows(VIEW).values(), story.rows(RANKING).values(), CALL, DOCUMENT, at)
    assert found is not None
    return found


def test_a_mark_is_what_it_was_at_an_instant_in_the_world() -> None:
    story = given(FIRST, revised(NOON + DAY, 80, 60))
    assert need(story, NOON) == 80
    assert need(story, NOON + DAY) == 60
    assert need(story, None) == 60
    row = story.row(VIEW, KEY, EvaluationRow)
    assert row.marks_at(NOON - DAY) == {}
    assert row.marks_at(NOON + DAY)[FIT] == 90


def test_what_was_not_known_at_a_position_is_not_effective_then() -> None:
    story = given(FIRST, revised(NOON + DAY, 80, 60))
    assert need(story, NOON + 2 * DAY, upto=0) == 80
    assert need(story, NOON + 2 * DAY, upto=1) == 60


def test_a_revision_recorded_late_changes_what_was_true_since_its_own_instant() -> None:
    story = given(FIRST, revised(NOON + 3 * DAY, 80, 100), revised(NOON + 5 * DAY, 100, 70))
    assert need(story, NOON + 4 * DAY) == 100
    assert need(story, NOON + 5 * DAY) == 70


def test_a_revision_is_never_effective_before_what_it_revises() -> None:
    story = given(FIRST, revised(NOON - DAY, 80, 60))
    assert story.row(VIEW, KEY, EvaluationRow).marks_at(NOON - DAY) == {}
    assert need(story, NOON) == 60
    assert need(story, None) == 60


def test_marks_end_when_they_were_invalidated() -> None:
    ended = on(NOON + DAY, EvaluationInvalidated(app(LIMA), KIM, DOCUMENT, "r"))
    row = given(FIRST, ended).row(VIEW, KEY, EvaluationRow)
    assert row.marks_at(NOON)[NEED] == 80
    assert row.marks_at(NOON + DAY) == {}
    assert row.marks_at(None) == {}


def test_imported_scores_do_not_revive_what_was_invalidated() -> None:
    ended = EvaluationInvalidated(app(LIMA), KIM, DOCUMENT, "r")
    again = ScoresSubmitted(app(LIMA), KIM, DOCUMENT, (Mark(NEED, Decimal(90)),), "")
    assert given(FIRST, ended, again).row(VIEW, KEY, EvaluationRow).marks_at(None) == {}


def test_revisions_are_counted_by_direction_evaluator_actor_and_day() -> None:
    story = given(
        *scenes.SCORED,
        revised(NOON + DAY, 100, 90),
        revised(NOON + DAY, 90, None, by="officer-9"),
        revised(NOON + 2 * DAY, None, 100),
        revised(NOON + 2 * DAY, 100, 60),
    )
    found = report(story).revisions
    assert found.total == RevisionCount("all", 4, 0, 2, 2)
    assert found.by_evaluator == (RevisionCount(KIM, 4, 0, 2, 2),)
    assert found.by_actor == (
        RevisionCount(KIM, 3, 0, 2, 1),
        RevisionCount("officer-9", 1, 0, 0, 1),
    )
    assert [(c.of, c.revisions) for c in found.by_day] == [("2024-06-02", 2), ("2024-06-03", 2)]
    assert report(story, NOON + DAY).revisions.total.revisions == 2
    assert report(story, NOON).revisions.total.revisions == 0


def test_a_backdated_revision_is_counted_with_its_own_direction() -> None:
    story = given(*scenes.SCORED, revised(NOON - DAY, 100, 60))
    assert report(story).revisions.total == RevisionCount("all", 1, 0, 1, 0)


def test_a_report_takes_every_application_of_the_stage_and_leaves_out_what_ended() -> None:
    ended = EvaluationInvalidated(app(LIMA), LEE, DOCUMENT, "r")
    before, after = (report(given(*scenes.SCORED, *end)).criteria[0] for end in ((), (ended,)))
    assert (before.applications, before.evaluators, before.marks) == (3, 2, 6)
    assert before.design.kind == "two-way"
    assert (after.marks, after.design.kind) == (5, "one-way")
    capacity = report(given(*scenes.SCORED)).criteria[2]
    assert (capacity.marks, capacity.not_applicable) == (5, 1)


def test_a_stage_that_was_not_announced_has_no_report() -> None:
    story = given(*scenes.SCORED)
    rows, ranking = story.rows(VIEW).values(), story.rows(RANKING).values()
    assert report_from(rows, ranking, CALL, "other", None) is None
