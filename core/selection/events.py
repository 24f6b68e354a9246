"""Facts about selection: the panel, the ranking it read, the proposal and its approval."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from core.ranking import Ranked
from core.vocabulary import (
    ActorId,
    ApplicationId,
    CallId,
    EvaluatorId,
    FrameworkRef,
    Instant,
    StageId,
)


def stream(call_id: str, stage: str) -> str:
    """Name the stream of one stage's selection."""
    return f"selection-{call_id}:{stage}"


def appeal_stream(application_id: str, stage: str) -> str:
    """Name the stream of an application's appeal against a stage's outcome."""
    return f"appeal-{application_id}:{stage}"


def appeals_of_call(call_id: str) -> str:
    """Name the prefix that all appeals of a call share."""
    return f"appeal-{call_id}:"


class Outcome(StrEnum):
    """What becomes of an application in a stage."""

    SELECTED = "selected"
    RESERVE = "reserve"
    POOL = "pool"
    REJECTED = "rejected"


class Verdict(StrEnum):
    """What became of an appeal; an inadmissible one was not heard."""

    UPHELD = "upheld"
    REJECTED = "rejected"
    INADMISSIBLE = "inadmissible"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Override:
    """Why, and by whose authority, an outcome departs from the order of ranks."""

    reason: str
    authority: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """The outcome proposed for one application; `rank` is None for an unranked one."""

    application_id: ApplicationId
    outcome: Outcome
    rank: int | None
    override: Override | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """One stream that a ranking read: its version, and the Merkle leaf of its last record."""

    stream: str
    version: int
    leaf: str


@dataclass(frozen=True, slots=True)
class ApplicationQuorum:
    """How many evaluations count for an application, after recusals."""

    application_id: ApplicationId
    evaluations: int


@dataclass(frozen=True, slots=True)
class PanelConvened:
    """The evaluators of a stage and their chair were named."""

    WIRE: ClassVar = "selection.panel-convened.1"
    call_id: CallId
    stage: StageId
    evaluators: tuple[EvaluatorId, ...]
    chair: ActorId


@dataclass(frozen=True, slots=True)
class QuorumConfirmed:
    """Every application was scored by enough evaluators, after recusals."""

    WIRE: ClassVar = "selection.quorum-confirmed.1"
    call_id: CallId
    stage: StageId
    quorum: int
    applications: tuple[ApplicationQuorum, ...]


@dataclass(frozen=True, slots=True)
class RankingComputed:
    """A ranking, with everything that it rested on.

    `position` is the last position of the log that it read (-1 for an empty one).
    """

    WIRE: ClassVar = "selection.ranking-computed.2"
    call_id: CallId
    stage: StageId
    position: int
    framework: FrameworkRef
    algorithm: str
    inputs: tuple[Input, ...]
    lines: tuple[Ranked, ...]


@dataclass(frozen=True, slots=True)
class SelectionProposed:
    """An outcome for each application was proposed; `ranking` is the ranking's position."""

    WIRE: ClassVar = "selection.proposed.1"
    call_id: CallId
    stage: StageId
    by: ActorId
    ranking: int
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True, slots=True)
class SelectionApproved:
    """Another person than the proposer approved the outcomes."""

    WIRE: ClassVar = "selection.approved.1"
    call_id: CallId
    stage: StageId
    by: ActorId


@dataclass(frozen=True, slots=True)
class OutcomesNotified:
    """The cities were told, and until when they may appeal (None: they may not)."""

    WIRE: ClassVar = "selection.notified.2"
    call_id: CallId
    stage: StageId
    appeals_until: Instant | None


@dataclass(frozen=True, slots=True)
class ReservePromoted:
    """A reserve took the place of a selected application."""

    WIRE: ClassVar = "selection.reserve-promoted.1"
    call_id: CallId
    stage: StageId
    application_id: ApplicationId
    in_place_of: ApplicationId
    reason: str


@dataclass(frozen=True, slots=True)
class SelectionRevoked:
    """The approval was taken back; the stage is to be proposed anew."""

    WIRE: ClassVar = "selection.revoked.1"
    call_id: CallId
    stage: StageId
    by: ActorId
    reason: str


@dataclass(frozen=True, slots=True)
class AppealFiled:
    """A city asked that the outcome of its application be looked at again.

    `documents` are SHA-256 digests of what it handed in.
    """

    WIRE: ClassVar = "selection.appeal-filed.1"
    application_id: ApplicationId
    stage: StageId
    grounds: str
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AppealAdmitted:
    """The appeal has grounds to be heard on."""

    WIRE: ClassVar = "selection.appeal-admitted.1"
    application_id: ApplicationId
    stage: StageId
    by: ActorId


@dataclass(frozen=True, slots=True)
class AppealDecided:
    """The appeal has its answer, by people who neither scored nor decided before."""

    WIRE: ClassVar = "selection.appeal-decided.1"
    application_id: ApplicationId
    stage: StageId
    verdict: Verdict
    heard_by: tuple[ActorId, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class ReEvaluationOrdered:
    """After an appeal that was upheld, others score the application in place of these."""

    WIRE: ClassVar = "selection.re-evaluation-ordered.1"
    application_id: ApplicationId
    stage: StageId
    annulled: tuple[EvaluatorId, ...]
    by: ActorId
    reason: str


AppealEvent = AppealFiled | AppealAdmitted | AppealDecided | ReEvaluationOrdered
SelectionEvent = (
    PanelConvened
    | QuorumConfirmed
    | RankingComputed
    | SelectionProposed
    | SelectionApproved
    | OutcomesNotified
    | ReservePromoted
    | SelectionRevoked
)
