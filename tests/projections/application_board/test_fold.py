"""The board shows how each application stands, and the instant of every step."""

from __future__ import annotations

from datetime import timedelta

from core.applications.events import (
    ApplicationAmended,
    ApplicationWithdrawn,
    ClarificationAnswered,
    ClarificationRequested,
    ConsultationHeld,
)
from core.calls.events import CallCancelled
from core.selection.events import OutcomesNotified, ReservePromoted, SelectionRevoked
from core.vocabulary import ActorId, CallId, CityId
from projections.application_board.fold import VIEW, ApplicationRow, Transition
from tests import scenes
from tests.projections.told import given, on
from tests.scenes import CALL, COLOMBO, DOCUMENT, FINAL, LIMA, PHNOM_PENH, app
from tests.stories import MANAGER, NOON

REVOKED = SelectionRevoked(CALL, FINAL, ActorId(MANAGER), "r")
WITHDRAWN = ApplicationWithdrawn(app(LIMA), "r")


def steps(row: ApplicationRow) -> list[str]:
    return [f"{t.status} {t.stage}".strip() for t in row.transitions]


def test_a_whole_round_is_shown_step_by_step() -> None:
    row = given(*scenes.FINAL_APPROVED).row(VIEW, app(LIMA), ApplicationRow)
    both = ("assigned", "in-evaluation", "ranked", "proposed", "selected")
    assert steps(row) == [
        "submitted",
        "eligible",
        *(f"{status} document" for status in both),
        *(f"{status} final" for status in both),
    ]
    assert (row.status, row.eligible, row.assigned, row.scored) == ("selected", True, 4, 4)


def test_a_step_has_both_instants_and_the_position_of_its_event() -> None:
    received = NOON - timedelta(days=2)
    row = given(*scenes.OPEN, on(received, scenes.submitted(LIMA))).row(
        VIEW, app(LIMA), ApplicationRow
    )
    assert row.transitions == (Transition("submitted", "", received, NOON, len(scenes.OPEN)),)


def test_questions_and_consultations_are_steps_that_leave_the_status_as_it_is() -> None:
    story = given(
        *scenes.FINAL_APPROVED,
        ConsultationHeld(app(LIMA), "bank", (), "s"),
        ClarificationRequested(app(LIMA), 1, "q"),
        ClarificationRequested(app(LIMA), 2, "q"),
        ClarificationAnswered(app(LIMA), 1, "a"),
        OutcomesNotified(CALL, FINAL, None),
    )
    row = story.row(VIEW, app(LIMA), ApplicationRow)
    assert (row.status, row.clarifications_open) == ("selected", 1)
    assert steps(row)[-5:] == [
        "consulted",
        "clarification-requested",
        "clarification-requested",
        "clarification-answered",
        "notified final",
    ]


def test_what_was_checked_is_not_what_is_applied_for_after_an_amendment() -> None:
    amended = ApplicationAmended(app(LIMA), scenes.project(1))
    given(*scenes.RECEIVED, amended).shows(
        VIEW, app(LIMA), eligible=None, status="submitted", project=scenes.project(1)
    )


def test_an_ineligible_application_is_shown_as_such() -> None:
    facts = (*scenes.RECEIVED, scenes.checked(LIMA, holds=False))
    given(*facts).shows(VIEW, app(LIMA), eligible=False, status="ineligible")


def test_a_revoked_selection_is_shown_for_all_that_were_proposed() -> None:
    story = given(*scenes.FINAL_APPROVED, REVOKED)
    story.shows(VIEW, app(LIMA), status="revoked").shows(VIEW, app(PHNOM_PENH), status="revoked")
    story.shows(VIEW, app(COLOMBO), status="pool")


def test_a_promoted_reserve_is_selected_and_the_other_replaced() -> None:
    promoted = ReservePromoted(CALL, FINAL, app(PHNOM_PENH), app(LIMA), "r")
    story = given(*scenes.FINAL_APPROVED, promoted)
    story.shows(VIEW, app(PHNOM_PENH), status="selected")
    story.shows(VIEW, app(LIMA), status="replaced")


def test_a_withdrawn_application_stays_withdrawn_whatever_is_decided() -> None:
    given(*scenes.FINAL_APPROVED, WITHDRAWN, REVOKED).shows(VIEW, app(LIMA), status="withdrawn")


def test_a_city_that_submits_anew_keeps_its_history() -> None:
    row = given(*scenes.RECEIVED, WITHDRAWN, scenes.submitted(LIMA)).row(
        VIEW, app(LIMA), ApplicationRow
    )
    assert steps(row) == ["submitted", "eligible", "withdrawn", "submitted"]
    assert (row.status, row.eligible) == ("submitted", None)


def test_a_cancelled_call_is_shown_on_its_applications_alone() -> None:
    other = CallId(f"{CALL}-2")
    story = given(*scenes.RECEIVED, CallCancelled(other, "r"))
    story.shows(VIEW, app(LIMA), status="eligible")
    given(*scenes.RECEIVED, CallCancelled(CALL, "r")).shows(VIEW, app(LIMA), status="cancelled")


def test_a_stage_is_never_taken_for_an_application_of_a_call_that_sounds_alike() -> None:
    alike = CallId(f"selection-{CALL}")
    submitted = scenes.submitted(CityId(DOCUMENT))
    twin = type(submitted)(
        type(submitted.application_id)(f"{alike}:{DOCUMENT}"),
        alike,
        submitted.city_id,
        submitted.channel,
        submitted.project,
    )
    given(twin, *scenes.ADVANCED).shows(VIEW, f"{alike}:{DOCUMENT}", status="submitted")
