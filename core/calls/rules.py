"""A call's terms are fixed when it is announced; its stages follow one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

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
    CallAnnounced,
    CallCancelled,
    CallClosed,
    CallConcluded,
    CallEvent,
    DeadlineExtended,
    GuidelinePublished,
    Stage,
    StageLocked,
    StageOpened,
)
from core.calls.terms import announcement
from core.decider import Act, Decider
from core.errors import refuse, require
from core.vocabulary import (
    ApplicationId,
    FrameworkRef,
    Instant,
    StageId,
    digest,
    filled,
    utc,
)


class Status(StrEnum):
    """Where a call stands."""

    UNKNOWN = "unknown"
    ANNOUNCED = "announced"
    CLOSED = "closed"
    CONCLUDED = "concluded"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Call:
    """What a call's facts amount to."""

    status: Status = Status.UNKNOWN
    announced: CallAnnounced | None = None
    deadline_at: Instant | None = None
    opened: tuple[StageId, ...] = ()
    locked: tuple[StageId, ...] = ()

    def stage(self, stage_id: str) -> Stage | None:
        """Return the stage of that id, or None."""
        stages = self.announced.stages if self.announced else ()
        return next((s for s in stages if s.id == stage_id), None)

    def before(self, stage_id: str) -> Stage | None:
        """Return the stage that precedes this one, or None for the first."""
        stages = self.announced.stages if self.announced else ()
        index = next((i for i, s in enumerate(stages) if s.id == stage_id), 0)
        return stages[index - 1] if index else None

    @property
    def ended(self) -> bool:
        """Whether the call was concluded or cancelled."""
        return self.status in {Status.CONCLUDED, Status.CANCELLED}

    def receives(self, at: Instant) -> bool:
        """Whether an application received `at` that moment is in time."""
        return (
            self.status is Status.ANNOUNCED
            and self.announced is not None
            and self.deadline_at is not None
            and self.announced.opens_at <= at < self.deadline_at
        )


@dataclass(frozen=True, slots=True)
class Facts:
    """What a call's rules read elsewhere.

    `unpublished` are the framework versions named by a stage that are not published;
    `approved` are the stages whose selection was approved; `appealable_until` is the last
    moment at which a city may still appeal, `appealed` are the applications whose appeal
    has no answer yet.
    """

    unpublished: tuple[FrameworkRef, ...] = ()
    approved: frozenset[StageId] = frozenset()
    appealable_until: Instant | None = None
    appealed: tuple[ApplicationId, ...] = ()


def decide(command: CallCommand, act: Act, state: Call, facts: Facts) -> Sequence[CallEvent]:
    """Take a call from its announcement to its conclusion."""
    if isinstance(command, AnnounceCall):
        require(
            state.announced is None,
            "already-announced",
            "a call is announced once",
            field="call_id",
            value=command.call_id,
        )
        return [announcement(command, facts.unpublished)]
    require(
        state.announced,
        "unknown-call",
        "the call has not been announced",
        field="call_id",
        value=command.call_id,
    )
    require(
        not state.ended,
        "call-ended",
        "a call that was concluded or cancelled does not change",
        field="call_id",
        value=command.call_id,
    )
    match command:
        case PublishGuideline(call_id=call_id, title=title, document=document):
            filled(title.en, "title.en")
            return [GuidelinePublished(call_id, title, digest(document, "document"))]
        case ExtendDeadline():
            return [_extend(command, state)]
        case CloseCall(call_id=call_id):
            require(
                state.status is Status.ANNOUNCED,
                "call-closed",
                "the call is closed already",
                field="call_id",
                value=call_id,
            )
            require(
                state.deadline_at is not None and act.at >= state.deadline_at,
                "deadline-not-reached",
                f"a call closes after its deadline, {state.deadline_at}",
                field="occurred_at",
                value=act.at,
            )
            return [CallClosed(call_id)]
        case OpenStage():
            return [_open(command, state, facts)]
        case LockStage(call_id=call_id, stage=stage):
            require(
                stage in state.opened and stage not in state.locked,
                "stage-not-open",
                "only an open stage can be locked",
                field="stage",
                value=stage,
            )
            return [StageLocked(call_id, stage)]
        case ConcludeCall(call_id=call_id):
            last = state.announced.stages[-1].id if state.announced else ""
            require(
                last in facts.approved,
                "selection-not-approved",
                "a call is concluded by the approved selection of its last stage",
                field="stage",
                value=last,
            )
            _no_appeals_left(act, facts)
            return [CallConcluded(call_id)]
        case CancelCall(call_id=call_id, reason=reason):
            return [CallCancelled(call_id, filled(reason, "reason"))]
        case _:
            assert_never(command)


def _no_appeals_left(act: Act, facts: Facts) -> None:
    require(
        not facts.appealed,
        "appeals-pending",
        "a call is concluded after every appeal has its answer",
        field="call_id",
        value=", ".join(facts.appealed[:10]),
    )
    require(
        facts.appealable_until is None or act.at >= facts.appealable_until,
        "appeals-open",
        f"cities may appeal until {facts.appealable_until}",
        field="occurred_at",
        value=act.at,
    )


def _extend(command: ExtendDeadline, state: Call) -> DeadlineExtended:
    after = utc(command.deadline_at, "deadline_at")
    require(
        state.status is Status.ANNOUNCED,
        "call-closed",
        "the deadline of a closed call does not change",
        field="call_id",
        value=command.call_id,
    )
    if state.deadline_at is None or after <= state.deadline_at:
        refuse(
            "deadline-not-later",
            f"a deadline moves only to later than {state.deadline_at}",
            field="deadline_at",
            value=command.deadline_at,
        )
    return DeadlineExtended(
        command.call_id, state.deadline_at, after, filled(command.reason, "reason")
    )


def _open(command: OpenStage, state: Call, facts: Facts) -> StageOpened:
    stage, before = state.stage(command.stage), state.before(command.stage)
    require(
        stage,
        "unknown-stage",
        "the call was announced without this stage",
        field="stage",
        value=command.stage,
    )
    require(
        state.status is Status.CLOSED,
        "call-not-closed",
        "a stage opens after the call has closed",
        field="stage",
        value=command.stage,
    )
    require(
        command.stage not in state.opened,
        "stage-opened-before",
        "a stage opens once",
        field="stage",
        value=command.stage,
    )
    require(
        before is None or before.id in facts.approved,
        "previous-stage-undecided",
        "a stage opens after the selection of the one before it was approved",
        field="stage",
        value=command.stage,
    )
    return StageOpened(command.call_id, command.stage)


def evolve(state: Call, event: CallEvent) -> Call:
    """Fold one fact."""
    match event:
        case CallAnnounced(deadline_at=deadline_at):
            return Call(Status.ANNOUNCED, event, deadline_at)
        case GuidelinePublished():
            return state
        case DeadlineExtended(after=after):
            return replace(state, deadline_at=after)
        case CallClosed():
            return replace(state, status=Status.CLOSED)
        case StageOpened(stage=stage):
            return replace(state, opened=(*state.opened, stage))
        case StageLocked(stage=stage):
            return replace(state, locked=(*state.locked, stage))
        case CallConcluded():
            return replace(state, status=Status.CONCLUDED)
        case CallCancelled():
            return replace(state, status=Status.CANCELLED)
        case _:
            assert_never(event)


DECIDER: Decider[CallCommand, Call, CallEvent, Facts] = Decider(Call(), decide, evolve)
