"""Rules of recommendations: issued, answered, acted upon with evidence, and checked by another."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from core.monitoring.commands import (
    AnswerRecommendation,
    CompleteAction,
    IssueRecommendation,
    RecommendationCommand,
    ReturnAction,
    VerifyAction,
)
from core.monitoring.events import (
    ActionCompleted,
    ActionReturned,
    ActionVerified,
    Answer,
    RecommendationAnswered,
    RecommendationIssued,
)
from core.vocabulary import MilestoneId, RecommendationId, Role
from tests.project_scenes import (
    ASKED,
    DELAYS,
    IN_2025,
    ISSUE,
    ISSUED,
    PREFERRED,
    PROJECT,
    REPORT,
    RIDERS,
    RUNNING,
)
from tests.scenes import DIGEST, FINAL_APPROVED
from tests.stories import MANAGER, OFFICER, given

ASK = IssueRecommendation(
    PROJECT, ASKED, "Count riders by sex", "Bus company", date(2025, 9, 30), RIDERS, REPORT
)
ANSWER = AnswerRecommendation(PROJECT, ASKED, Answer.PARTLY, "few counters", "Count on two lines")
ACT = CompleteAction(PROJECT, ASKED, "Counters on two lines", (DIGEST,))
RETURN = ReturnAction(PROJECT, ASKED, "the photograph shows another line")
CHECK = VerifyAction(PROJECT, ASKED)
ANSWERED = RecommendationAnswered(
    PROJECT, ASKED, Answer.PARTLY, "Count on two lines", "few counters"
)
REJECTED = RecommendationAnswered(PROJECT, ASKED, Answer.REJECTED, "", "no money")
DONE = ActionCompleted(
    PROJECT, ASKED, OFFICER, date(2025, 7, 15), "Counters on two lines", (DIGEST,)
)
RETURNED = ActionReturned(PROJECT, ASKED, MANAGER, "the photograph shows another line")
CHECKED = ActionVerified(PROJECT, ASKED, MANAGER)


def test_a_recommendation_asks_someone_for_something_by_a_day() -> None:
    given(*RUNNING).when(ASK, at=IN_2025).then(ISSUE)
    bare = replace(ASK, indicator_id=None, milestone=None)
    assert given(*PREFERRED).when(bare, at=IN_2025).only(RecommendationIssued).milestone is None


def test_a_recommendation_is_issued_once_and_to_a_known_project() -> None:
    given(*ISSUED).when(ASK, at=IN_2025).refused(
        "already-issued", field="recommendation_id", value=ASKED
    )
    given(*FINAL_APPROVED).when(ASK, at=IN_2025).refused(
        "unknown-project", field="project_id", value=PROJECT
    )


def test_ids_of_what_follows_by_itself_are_nobody_else_s_to_take() -> None:
    automatic = replace(ASK, recommendation_id=RecommendationId("auto-late-1"))
    given(*RUNNING).when(automatic, at=IN_2025).refused(
        "reserved-id", field="recommendation_id", value="auto-late-1"
    )
    assert given(*RUNNING).when(automatic, role=Role.SYSTEM, at=IN_2025).refusal is None


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"recommendation_id": RecommendationId("a:b")}, "malformed-id"),
        ({"recommendation": " "}, "empty-text"),
        ({"addressee": ""}, "empty-text"),
        ({"due_on": date(2025, 7, 15)}, "due-in-past"),
        ({"indicator_id": DELAYS}, "unknown-indicator"),
        ({"milestone": MilestoneId("party")}, "unknown-milestone"),
    ],
)
def test_a_recommendation_that_nobody_could_follow_is_refused(
    changed: dict[str, Any], code: str
) -> None:
    given(*RUNNING).when(replace(ASK, **changed), at=IN_2025).refused(
        code, field=next(iter(changed))
    )


@pytest.mark.parametrize("command", [ANSWER, ACT, RETURN, CHECK])
def test_nothing_follows_a_recommendation_that_was_not_issued(
    command: RecommendationCommand,
) -> None:
    given(*RUNNING).when(command, at=IN_2025).refused(
        "unknown-recommendation", field="recommendation_id", value=ASKED
    )


def test_an_answer_is_given_once_with_a_reason_and_with_an_action_unless_it_is_no() -> None:
    given(*ISSUED).when(ANSWER).then(ANSWERED)
    given(*ISSUED).when(replace(ANSWER, answer=Answer.REJECTED, reason="no money", action="")).then(
        REJECTED
    )
    for answer in (Answer.ACCEPTED, Answer.PARTLY):
        given(*ISSUED).when(replace(ANSWER, answer=answer, action=" ")).refused(
            "empty-text", field="action"
        )
    given(*ISSUED).when(replace(ANSWER, answer=Answer.REJECTED)).refused(
        "action-rejected", field="action", value="Count on two lines"
    )
    for answer in Answer:
        action = "" if answer is Answer.REJECTED else "x"
        given(*ISSUED).when(replace(ANSWER, answer=answer, action=action, reason="")).refused(
            "empty-text", field="reason"
        )
    for facts in ((*ISSUED, ANSWERED), (*ISSUED, REJECTED)):
        given(*facts).when(ANSWER).refused(
            "already-answered", field="recommendation_id", value=ASKED
        )


def test_only_what_was_accepted_is_acted_upon_and_once() -> None:
    given(*ISSUED, ANSWERED).when(ACT, at=IN_2025).then(DONE)
    for facts in (ISSUED, (*ISSUED, REJECTED)):
        given(*facts).when(ACT, at=IN_2025).refused(
            "not-accepted", field="recommendation_id", value=ASKED
        )
    given(*ISSUED, ANSWERED, DONE).when(ACT, at=IN_2025).refused(
        "action-completed", field="recommendation_id", value=ASKED
    )


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"summary": ""}, "empty-text", "summary"),
        ({"evidence": ()}, "no-evidence", "evidence"),
        ({"evidence": ("x",)}, "malformed-digest", "evidence.0"),
    ],
)
def test_an_action_is_not_closed_without_evidence(
    changed: dict[str, Any], code: str, field: str
) -> None:
    given(*ISSUED, ANSWERED).when(replace(ACT, **changed), at=IN_2025).refused(code, field=field)


def test_an_action_whose_evidence_does_not_show_it_goes_back_and_is_done_anew() -> None:
    given(*ISSUED, ANSWERED, DONE).when(RETURN, by=MANAGER).then(RETURNED)
    back = (*ISSUED, ANSWERED, DONE, RETURNED)
    given(*back).when(ACT, at=IN_2025).then(DONE)
    given(*back).when(CHECK, by=MANAGER).refused(
        "action-not-completed", field="recommendation_id", value=ASKED
    )
    given(*back, DONE).when(CHECK, by=MANAGER).then(CHECKED)


def test_an_action_goes_back_with_a_reason_by_another_person_and_before_it_is_verified() -> None:
    given(*ISSUED, ANSWERED, DONE).when(replace(RETURN, reason=" "), by=MANAGER).refused(
        "empty-text", field="reason"
    )
    given(*ISSUED, ANSWERED, DONE).when(RETURN, by=OFFICER).refused(
        "same-person", field="actor", value=OFFICER
    )
    given(*ISSUED, ANSWERED).when(RETURN, by=MANAGER).refused("action-not-completed")
    given(*ISSUED, ANSWERED, DONE, CHECKED).when(RETURN, by=MANAGER).refused("already-verified")


def test_an_action_is_verified_once_by_another_person() -> None:
    given(*ISSUED, ANSWERED, DONE).when(CHECK, by=MANAGER).then(CHECKED)
    given(*ISSUED, ANSWERED, DONE).when(CHECK, by=OFFICER).refused(
        "same-person", field="actor", value=OFFICER
    )
    given(*ISSUED, ANSWERED).when(CHECK, by=MANAGER).refused(
        "action-not-completed", field="recommendation_id", value=ASKED
    )
    given(*ISSUED, ANSWERED, DONE, CHECKED).when(CHECK, by=MANAGER).refused(
        "already-verified", field="recommendation_id", value=ASKED
    )
