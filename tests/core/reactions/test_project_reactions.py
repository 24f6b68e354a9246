"""What calls and selections mean for projects: opened when confirmed, ended when not carried."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from core.applications.events import ApplicationWithdrawn
from core.calls.events import CallCancelled, CallConcluded
from core.ledger.codec import Event
from core.monitoring.commands import IssueRecommendation
from core.monitoring.events import RecommendationIssued
from core.projects.commands import CancelProject, PreferProject
from core.projects.events import ProjectCancelled, ProjectPreferred
from core.reactions import when_application_withdrawn_then_end_project as withdrawing
from core.reactions import when_call_concluded_then_prefer_projects as preferring
from core.reactions import when_call_ended_then_end_projects as ending
from core.reactions import when_selection_revoked_then_recommend as questioning
from core.reactions.reaction import Reaction
from core.selection.events import ReservePromoted, SelectionRevoked
from core.vocabulary import RecommendationId
from tests.core.reactions.called import called_for
from tests.project_scenes import (
    COMPLETED,
    ISSUE,
    NEXT,
    PREFERENCE,
    PREFERRED,
    PROJECT,
    RUNNING,
    SIGNED,
)
from tests.scenes import ADVANCED, CALL, DOCUMENT, FINAL, FINAL_APPROVED, LIMA, PHNOM_PENH, app
from tests.stories import MANAGER, given

CONCLUDED, CANCELLED = CallConcluded(CALL), CallCancelled(CALL, "no budget")
REVOKED = SelectionRevoked(CALL, FINAL, MANAGER, "a mark was misread")
WITHDRAWN = ApplicationWithdrawn(app(LIMA), "a change of mayor")
PROMOTED = ReservePromoted(CALL, FINAL, app(PHNOM_PENH), app(LIMA), "no budget in Lima")
AT_CONCLUSION, AT_CANCELLATION = ending.REACTIONS
LOST = RecommendationId("auto-selection-lost")


def question(why: str) -> IssueRecommendation:
    asked = f"{why}: consider whether the project goes on."
    return IssueRecommendation(PROJECT, LOST, asked, "Programme managers", date(2024, 7, 1))


def test_a_concluded_call_opens_the_project_of_every_application_that_was_selected() -> None:
    assert called_for(preferring.REACTION, FINAL_APPROVED, CONCLUDED) == [PreferProject(PROJECT)]
    promoted = (*FINAL_APPROVED, PROMOTED)
    assert called_for(preferring.REACTION, promoted, CONCLUDED) == [PreferProject(NEXT)]


def test_the_project_that_follows_is_one_that_the_rules_allow_after_the_conclusion() -> None:
    given(*FINAL_APPROVED, CONCLUDED).when(PreferProject(PROJECT)).then(PREFERENCE)


@pytest.mark.parametrize("known", [PREFERENCE, WITHDRAWN])
def test_a_project_that_was_opened_by_hand_or_has_no_city_any_more_is_not_opened(
    known: ProjectPreferred | ApplicationWithdrawn,
) -> None:
    assert called_for(preferring.REACTION, (*FINAL_APPROVED, known), CONCLUDED) == []


def test_an_unsigned_project_ends_with_a_call_that_does_not_hold_it_any_more() -> None:
    why = "The call was concluded without a selection of this application"
    assert called_for(AT_CONCLUSION, PREFERRED, CONCLUDED) == []
    assert called_for(AT_CONCLUSION, (*PREFERRED, PROMOTED), CONCLUDED) == [
        CancelProject(PROJECT, why)
    ]
    assert called_for(AT_CANCELLATION, PREFERRED, CANCELLED) == [
        CancelProject(PROJECT, "The call was cancelled (no budget)")
    ]


def test_a_signed_project_is_not_ended_but_asked_about() -> None:
    why = "The call was concluded without a selection of this application"
    for facts in (SIGNED, RUNNING):
        assert called_for(AT_CONCLUSION, (*facts, PROMOTED), CONCLUDED) == [question(why)]
        assert called_for(AT_CANCELLATION, facts, CANCELLED) == [
            question("The call was cancelled (no budget)")
        ]


def test_a_revoked_selection_ends_nothing_but_asks_about_what_is_signed() -> None:
    assert called_for(questioning.REACTION, PREFERRED, REVOKED) == []
    assert called_for(questioning.REACTION, RUNNING, REVOKED) == [
        question("The selection that this project rests on was revoked (a mark was misread)")
    ]
    earlier = replace(REVOKED, stage=DOCUMENT)
    assert called_for(questioning.REACTION, RUNNING, earlier) == []


def test_an_unsigned_project_outlives_a_revocation_after_which_it_is_selected_again() -> None:
    """Were it cancelled at once, it could never be opened again: a project is begun once."""
    again = tuple(f for f in FINAL_APPROVED if f not in ADVANCED)[-2:]
    facts = (*PREFERRED, REVOKED, *again)
    assert called_for(AT_CONCLUSION, facts, CONCLUDED) == []
    assert called_for(preferring.REACTION, facts, CONCLUDED) == []


def test_a_withdrawn_application_ends_its_project_or_asks_about_it() -> None:
    assert called_for(withdrawing.REACTION, FINAL_APPROVED, WITHDRAWN) == []
    why = "The city withdrew its application (a change of mayor)"
    assert called_for(withdrawing.REACTION, PREFERRED, WITHDRAWN) == [CancelProject(PROJECT, why)]
    assert called_for(withdrawing.REACTION, RUNNING, WITHDRAWN) == [question(why)]


@pytest.mark.parametrize(
    "reaction", [*ending.REACTIONS, questioning.REACTION, withdrawing.REACTION]
)
def test_nothing_follows_for_a_project_that_has_ended_or_was_asked_about(
    reaction: Reaction,
) -> None:
    by_name: dict[str, Event] = {
        "end-unselected-projects": CONCLUDED,
        "end-projects-of-cancelled-call": CANCELLED,
        "question-signed-projects": REVOKED,
        "end-project-of-withdrawn-application": WITHDRAWN,
    }
    asked: RecommendationIssued = replace(ISSUE, recommendation_id=LOST)
    gone = ProjectCancelled(PROJECT, date(2024, 6, 1), "no budget")
    for facts in (COMPLETED, (*PREFERRED, gone), (*RUNNING, asked)):
        assert called_for(reaction, (*facts, PROMOTED), by_name[reaction.name]) == []


def test_a_call_that_was_cancelled_lets_nothing_through() -> None:
    given(*FINAL_APPROVED, CANCELLED).when(PreferProject(PROJECT)).refused(
        "not-let-through", field="project_id", value=PROJECT
    )
