"""What can be asked of a stage's selection."""

from __future__ import annotations

from dataclasses import dataclass

from core.selection.events import Outcome, Override, Verdict
from core.vocabulary import ActorId, ApplicationId, CallId, EvaluatorId, Instant, StageId


@dataclass(frozen=True, slots=True)
class ConvenePanel:
    """Name a stage's evaluators and their chair."""

    call_id: CallId
    stage: StageId
    evaluators: tuple[EvaluatorId, ...]
    chair: ActorId


@dataclass(frozen=True, slots=True)
class ConfirmQuorum:
    """State that every application was scored by enough evaluators."""

    call_id: CallId
    stage: StageId


@dataclass(frozen=True, slots=True)
class ComputeRanking:
    """Rank the applications of a locked stage by its rubric."""

    call_id: CallId
    stage: StageId


@dataclass(frozen=True, slots=True)
class Choice:
    """The outcome asked for one application, and why it departs from the ranks."""

    application_id: ApplicationId
    outcome: Outcome
    override: Override | None = None


@dataclass(frozen=True, slots=True)
class ProposeSelection:
    """Propose outcomes; applications that are not named get `otherwise`."""

    call_id: CallId
    stage: StageId
    choices: tuple[Choice, ...]
    otherwise: Outcome = Outcome.POOL


@dataclass(frozen=True, slots=True)
class ApproveSelection:
    """Approve what another person proposed."""

    call_id: CallId
    stage: StageId


@dataclass(frozen=True, slots=True)
class NotifyOutcomes:
    """Record that the cities were told, and until when they may appeal (None: they may not)."""

    call_id: CallId
    stage: StageId
    appeals_until: Instant | None = None


@dataclass(frozen=True, slots=True)
class PromoteReserve:
    """Let the next reserve take the place of a selected application."""

    call_id: CallId
    stage: StageId
    application_id: ApplicationId
    in_place_of: ApplicationId
    reason: str


@dataclass(frozen=True, slots=True)
class RevokeSelection:
    """Take an approval back."""

    call_id: CallId
    stage: StageId
    reason: str


@dataclass(frozen=True, slots=True)
class FileAppeal:
    """Ask that the outcome of an application be looked at again."""

    application_id: ApplicationId
    stage: StageId
    grounds: str
    documents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AdmitAppeal:
    """Find that an appeal has grounds to be heard on."""

    application_id: ApplicationId
    stage: StageId


@dataclass(frozen=True, slots=True)
class DecideAppeal:
    """Answer an appeal, after it was heard by `heard_by`."""

    application_id: ApplicationId
    stage: StageId
    verdict: Verdict
    heard_by: tuple[ActorId, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class OrderReEvaluation:
    """Annul the scores of some evaluators of an application, so that others score it."""

    application_id: ApplicationId
    stage: StageId
    annulled: tuple[EvaluatorId, ...]
    reason: str


AppealCommand = FileAppeal | AdmitAppeal | DecideAppeal | OrderReEvaluation
SelectionCommand = (
    ConvenePanel
    | ConfirmQuorum
    | ComputeRanking
    | ProposeSelection
    | ApproveSelection
    | NotifyOutcomes
    | PromoteReserve
    | RevokeSelection
)
