"""Rules of calls: terms that stand, one deadline for all, stages that follow one another."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from core.calls.commands import (
    AnnounceCall,
    CallCommand,
    CancelCall,
    CloseCall,
    ConcludeCall,
    ExtendDeadline,
    LockStage,
    OpenStage,
    PublishGuideline,
)
from core.calls.events import (
    CallCancelled,
    CallClosed,
    CallConcluded,
    DeadlineExtended,
    Eligibility,
    GuidelinePublished,
    StageLocked,
    StageOpened,
)
from core.ledger.codec import to_json
from core.selection.events import SelectionRevoked
from core.vocabulary import ActorId, CallId, FrameworkRef, StageId, Text
from tests.scenes import (
    ADVANCED,
    ANNOUNCED,
    ANNOUNCEMENT,
    CALL,
    DEADLINE,
    DIGEST,
    DOCUMENT,
    DRAFTED,
    FINAL,
    FINAL_APPROVED,
    FINAL_RANKED,
    OPENS,
    PUBLISHED,
    SSP,
    STAGES,
)
from tests.stories import given

ANNOUNCE = AnnounceCall(
    CALL,
    2024,
    ANNOUNCEMENT.title,
    OPENS,
    DEADLINE,
    STAGES,
    ANNOUNCEMENT.eligibility,
    ANNOUNCEMENT.budget_krw,
    ANNOUNCEMENT.cap_krw,
)
CLOSED = (*ANNOUNCED, CallClosed(CALL))
OPENED = (*CLOSED, StageOpened(CALL, DOCUMENT))
LATER = DEADLINE + timedelta(days=14)
NOWHERE = StageId("interview")


def test_a_call_is_announced_with_everything_that_decides_it() -> None:
    given(*PUBLISHED).when(ANNOUNCE).then(ANNOUNCEMENT)


def test_instants_of_a_call_are_kept_in_utc() -> None:
    kst = timezone(timedelta(hours=9))
    seoul, late = OPENS.astimezone(kst), DEADLINE.astimezone(kst)
    (announced,) = (
        given(*PUBLISHED).when(replace(ANNOUNCE, opens_at=seoul, deadline_at=late)).events
    )
    assert announced == ANNOUNCEMENT
    assert '"2024-03-01T00:00:00Z"' in to_json(announced).decode()
    assert '"2024-04-01T00:00:00Z"' in to_json(announced).decode()


def test_a_call_without_list_budget_or_cap_is_open_to_every_country() -> None:
    free = replace(ANNOUNCE, eligibility=None, budget_krw=None, cap_krw=None)
    given(*PUBLISHED).when(free).then(
        replace(ANNOUNCEMENT, eligibility=None, budget_krw=None, cap_krw=None)
    )


def test_a_call_is_announced_once() -> None:
    given(*ANNOUNCED).when(ANNOUNCE).refused("already-announced", field="call_id", value=CALL)


def test_a_call_is_scored_by_a_published_version_only() -> None:
    given(DRAFTED).when(ANNOUNCE).refused(
        "framework-not-published", field="stages.0.framework", value="ssp version 1"
    )
    second = replace(STAGES[1], framework=FrameworkRef(SSP, 2))
    given(*PUBLISHED).when(replace(ANNOUNCE, stages=(STAGES[0], second))).refused(
        "framework-not-published", field="stages.1.framework", value="ssp version 2"
    )


BROKEN: list[tuple[str, str, str, AnnounceCall]] = [
    ("malformed-id", "call_id", "ssp 2024", replace(ANNOUNCE, call_id=CallId("ssp 2024"))),
    ("empty-text", "title.en", "", replace(ANNOUNCE, title=Text("", "공모"))),
    (
        "instant-without-offset",
        "opens_at",
        "2024-03-01 00:00:00",
        replace(ANNOUNCE, opens_at=OPENS.replace(tzinfo=None)),
    ),
    (
        "instant-without-offset",
        "deadline_at",
        "2024-04-01 00:00:00",
        replace(ANNOUNCE, deadline_at=DEADLINE.replace(tzinfo=None)),
    ),
    (
        "deadline-before-opening",
        "deadline_at",
        "2024-03-01 00:00:00+00:00",
        replace(ANNOUNCE, deadline_at=OPENS),
    ),
    ("no-stages", "stages", "", replace(ANNOUNCE, stages=())),
    (
        "malformed-id",
        "stages.0.id",
        "a:b",
        replace(ANNOUNCE, stages=(replace(STAGES[0], id=StageId("a:b")),)),
    ),
    (
        "stage-repeated",
        "stages",
        "document, document",
        replace(ANNOUNCE, stages=(STAGES[0], STAGES[0])),
    ),
    (
        "no-slots",
        "stages.0.slots",
        "0",
        replace(ANNOUNCE, stages=(replace(STAGES[0], slots=0),)),
    ),
    ("amount-not-positive", "budget_krw", "0", replace(ANNOUNCE, budget_krw=0)),
    ("amount-not-positive", "cap_krw", "-1", replace(ANNOUNCE, cap_krw=-1)),
    (
        "empty-text",
        "eligibility.version",
        "",
        replace(ANNOUNCE, eligibility=Eligibility("", ("PE",))),
    ),
    (
        "malformed-country",
        "eligibility.countries.1",
        "peru",
        replace(ANNOUNCE, eligibility=Eligibility("DAC", ("PE", "peru"))),
    ),
]


@pytest.mark.parametrize(
    ("code", "field", "value", "command"), BROKEN, ids=[f"{i}-{b[0]}" for i, b in enumerate(BROKEN)]
)
def test_unsound_terms_are_refused_where_they_are_unsound(
    code: str, field: str, value: str, command: AnnounceCall
) -> None:
    given(*PUBLISHED).when(command).refused(code, field=field, value=value)


COMMANDS: list[CallCommand] = [
    PublishGuideline(CALL, Text("Guideline"), DIGEST),
    ExtendDeadline(CALL, LATER, "storm"),
    CloseCall(CALL),
    OpenStage(CALL, DOCUMENT),
    LockStage(CALL, DOCUMENT),
    ConcludeCall(CALL),
    CancelCall(CALL, "no budget"),
]


def name(command: object) -> str:
    return type(command).__name__


@pytest.mark.parametrize("command", COMMANDS, ids=name)
def test_nothing_can_be_done_with_a_call_that_was_not_announced(command: CallCommand) -> None:
    given(*PUBLISHED).when(command).refused("unknown-call", field="call_id", value=CALL)


@pytest.mark.parametrize("end", [CallConcluded(CALL), CallCancelled(CALL, "no budget")], ids=name)
@pytest.mark.parametrize("command", COMMANDS, ids=name)
def test_a_call_that_ended_does_not_change(
    command: CallCommand, end: CallConcluded | CallCancelled
) -> None:
    given(*ANNOUNCED, end).when(command).refused("call-ended", field="call_id", value=CALL)


def test_a_guideline_is_published_by_its_digest() -> None:
    title = Text("Guideline", "지침")
    given(*ANNOUNCED).when(PublishGuideline(CALL, title, DIGEST)).then(
        GuidelinePublished(CALL, title, DIGEST)
    )


def test_a_guideline_without_a_digest_or_a_title_is_refused() -> None:
    given(*ANNOUNCED).when(PublishGuideline(CALL, Text("Guideline"), "abc")).refused(
        "malformed-digest", field="document", value="abc"
    )
    given(*ANNOUNCED).when(PublishGuideline(CALL, Text(""), DIGEST)).refused(
        "empty-text", field="title.en"
    )


def test_the_deadline_moves_to_later_with_a_reason() -> None:
    given(*ANNOUNCED).when(ExtendDeadline(CALL, LATER, "storm")).then(
        DeadlineExtended(CALL, DEADLINE, LATER, "storm")
    )


@pytest.mark.parametrize("deadline", [DEADLINE, OPENS])
def test_the_deadline_never_moves_to_earlier(deadline: datetime) -> None:
    given(*ANNOUNCED).when(ExtendDeadline(CALL, deadline, "haste")).refused(
        "deadline-not-later", field="deadline_at", value=deadline
    )


def test_an_extended_deadline_is_the_one_that_the_next_extension_starts_from() -> None:
    extended = DeadlineExtended(CALL, DEADLINE, LATER, "storm")
    given(*ANNOUNCED, extended).when(ExtendDeadline(CALL, LATER, "storm")).refused(
        "deadline-not-later", field="deadline_at"
    )


def test_an_extension_needs_a_reason_and_an_instant_with_an_offset() -> None:
    given(*ANNOUNCED).when(ExtendDeadline(CALL, LATER, " ")).refused("empty-text", field="reason")
    naive = LATER.replace(tzinfo=None)
    given(*ANNOUNCED).when(ExtendDeadline(CALL, naive, "storm")).refused(
        "instant-without-offset", field="deadline_at"
    )


def test_a_closed_call_keeps_its_deadline_and_is_not_closed_again() -> None:
    given(*CLOSED).when(ExtendDeadline(CALL, LATER, "storm")).refused(
        "call-closed", field="call_id", value=CALL
    )
    given(*CLOSED).when(CloseCall(CALL)).refused("call-closed", field="call_id", value=CALL)


def test_a_call_closes_at_its_deadline_and_not_before() -> None:
    given(*ANNOUNCED).when(CloseCall(CALL), at=DEADLINE).then(CallClosed(CALL))
    early = DEADLINE - timedelta(seconds=1)
    given(*ANNOUNCED).when(CloseCall(CALL), at=early).refused(
        "deadline-not-reached", field="occurred_at", value=early
    )
    extended = DeadlineExtended(CALL, DEADLINE, LATER, "storm")
    given(*ANNOUNCED, extended).when(CloseCall(CALL), at=DEADLINE).refused("deadline-not-reached")


def test_the_first_stage_opens_after_the_call_has_closed() -> None:
    given(*CLOSED).when(OpenStage(CALL, DOCUMENT)).then(StageOpened(CALL, DOCUMENT))
    given(*ANNOUNCED).when(OpenStage(CALL, DOCUMENT)).refused(
        "call-not-closed", field="stage", value=DOCUMENT
    )


def test_a_stage_that_was_not_announced_does_not_open() -> None:
    given(*CLOSED).when(OpenStage(CALL, NOWHERE)).refused(
        "unknown-stage", field="stage", value=NOWHERE
    )


def test_a_stage_opens_once() -> None:
    given(*OPENED).when(OpenStage(CALL, DOCUMENT)).refused(
        "stage-opened-before", field="stage", value=DOCUMENT
    )


def test_a_stage_opens_after_the_selection_of_the_one_before_was_approved() -> None:
    given(*ADVANCED).when(OpenStage(CALL, FINAL)).then(StageOpened(CALL, FINAL))
    given(*OPENED).when(OpenStage(CALL, FINAL)).refused(
        "previous-stage-undecided", field="stage", value=FINAL
    )
    revoked = SelectionRevoked(CALL, DOCUMENT, ActorId("manager-1"), "appeal")
    given(*ADVANCED, revoked).when(OpenStage(CALL, FINAL)).refused("previous-stage-undecided")


def test_an_open_stage_is_locked_once() -> None:
    given(*OPENED).when(LockStage(CALL, DOCUMENT)).then(StageLocked(CALL, DOCUMENT))
    for facts in (CLOSED, (*OPENED, StageLocked(CALL, DOCUMENT))):
        given(*facts).when(LockStage(CALL, DOCUMENT)).refused(
            "stage-not-open", field="stage", value=DOCUMENT
        )


def test_a_call_is_concluded_by_the_approved_selection_of_its_last_stage() -> None:
    given(*FINAL_APPROVED).when(ConcludeCall(CALL)).then(CallConcluded(CALL))
    for facts in (ANNOUNCED, ADVANCED, FINAL_RANKED):
        given(*facts).when(ConcludeCall(CALL)).refused(
            "selection-not-approved", field="stage", value=FINAL
        )


def test_a_call_is_cancelled_with_a_reason() -> None:
    given(*OPENED).when(CancelCall(CALL, "no budget")).then(CallCancelled(CALL, "no budget"))
    given(*OPENED).when(CancelCall(CALL, "")).refused("empty-text", field="reason")


def test_whoever_has_seen_an_older_version_of_the_call_is_refused() -> None:
    given(*CLOSED).when(OpenStage(CALL, DOCUMENT), seen=1).refused(
        "stale-version", field="expected_version", value=1, rule="it is at version 2"
    )
    given(*CLOSED).when(OpenStage(CALL, DOCUMENT), seen=2).then(StageOpened(CALL, DOCUMENT))
