"""Facts about calls: what was announced, what changed, which stages were open when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.vocabulary import CallId, FrameworkRef, Instant, StageId, Text


def stream(call_id: str) -> str:
    """Name the stream of a call."""
    return f"call-{call_id}"


@dataclass(frozen=True, slots=True)
class Eligibility:
    """A dated list of the countries whose cities may apply (ISO 3166-1 alpha-2)."""

    version: str
    countries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """One round of evaluation: its rubric, and how many applications it lets through."""

    id: StageId
    title: Text
    framework: FrameworkRef
    slots: int


@dataclass(frozen=True, slots=True)
class CallAnnounced:
    """A call was made known, with everything that decides it.

    `eligibility` is None where cities of every country may apply; `cap_krw` is the
    most that one project may cost, None where there is no cap.
    """

    WIRE: ClassVar = "calls.announced.1"
    call_id: CallId
    year: int
    title: Text
    eligibility: Eligibility | None
    budget_krw: int | None
    cap_krw: int | None
    opens_at: Instant
    deadline_at: Instant
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class GuidelinePublished:
    """A guideline for applicants was published; `document` is its SHA-256."""

    WIRE: ClassVar = "calls.guideline-published.1"
    call_id: CallId
    title: Text
    document: str


@dataclass(frozen=True, slots=True)
class DeadlineExtended:
    """The deadline was moved to later, for everyone."""

    WIRE: ClassVar = "calls.deadline-extended.1"
    call_id: CallId
    before: Instant
    after: Instant
    reason: str


@dataclass(frozen=True, slots=True)
class CallClosed:
    """No further application is accepted."""

    WIRE: ClassVar = "calls.closed.1"
    call_id: CallId


@dataclass(frozen=True, slots=True)
class StageOpened:
    """Evaluators may score the applications of this stage."""

    WIRE: ClassVar = "calls.stage-opened.1"
    call_id: CallId
    stage: StageId


@dataclass(frozen=True, slots=True)
class StageLocked:
    """Scores of this stage are final, but for a reopening that two people approve."""

    WIRE: ClassVar = "calls.stage-locked.1"
    call_id: CallId
    stage: StageId


@dataclass(frozen=True, slots=True)
class CallConcluded:
    """The last stage's selection stands."""

    WIRE: ClassVar = "calls.concluded.1"
    call_id: CallId


@dataclass(frozen=True, slots=True)
class CallCancelled:
    """The call ended without a selection."""

    WIRE: ClassVar = "calls.cancelled.1"
    call_id: CallId
    reason: str


CallEvent = (
    CallAnnounced
    | GuidelinePublished
    | DeadlineExtended
    | CallClosed
    | StageOpened
    | StageLocked
    | CallConcluded
    | CallCancelled
)
