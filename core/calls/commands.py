"""What can be asked of a call."""

from __future__ import annotations

from dataclasses import dataclass

from core.calls.events import Eligibility, Stage
from core.vocabulary import CallId, Instant, StageId, Text


@dataclass(frozen=True, slots=True)
class AnnounceCall:
    """Make a call known; nothing of it but the deadline can change afterwards."""

    call_id: CallId
    year: int
    title: Text
    opens_at: Instant
    deadline_at: Instant
    stages: tuple[Stage, ...]
    eligibility: Eligibility | None = None
    budget_krw: int | None = None
    cap_krw: int | None = None


@dataclass(frozen=True, slots=True)
class PublishGuideline:
    """Publish a guideline for applicants, by its SHA-256."""

    call_id: CallId
    title: Text
    document: str


@dataclass(frozen=True, slots=True)
class ExtendDeadline:
    """Move the deadline to later, for everyone."""

    call_id: CallId
    deadline_at: Instant
    reason: str


@dataclass(frozen=True, slots=True)
class CloseCall:
    """Accept no further application; only after the deadline."""

    call_id: CallId


@dataclass(frozen=True, slots=True)
class OpenStage:
    """Let evaluators score a stage."""

    call_id: CallId
    stage: StageId


@dataclass(frozen=True, slots=True)
class LockStage:
    """Make the scores of a stage final."""

    call_id: CallId
    stage: StageId


@dataclass(frozen=True, slots=True)
class ConcludeCall:
    """Let the last stage's approved selection stand."""

    call_id: CallId


@dataclass(frozen=True, slots=True)
class CancelCall:
    """End the call without a selection."""

    call_id: CallId
    reason: str


CallCommand = (
    AnnounceCall
    | PublishGuideline
    | ExtendDeadline
    | CloseCall
    | OpenStage
    | LockStage
    | ConcludeCall
    | CancelCall
)
