"""What can be asked of evaluators and of their evaluations."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from core.evaluations.events import ConflictKind
from core.ranking import Mark
from core.vocabulary import ApplicationId, CallId, CriterionId, EvaluatorId, StageId


@dataclass(frozen=True, slots=True)
class AppointEvaluator:
    """Let someone be assigned applications of a call."""

    evaluator_id: EvaluatorId
    call_id: CallId
    expertise: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeclareConflict:
    """Declare an interest in an application or a whole call, or that there is none.

    `reason` says why another person records it; empty where the evaluator does.
    """

    evaluator_id: EvaluatorId
    call_id: CallId
    kind: ConflictKind
    application_id: ApplicationId | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class WaiveConflict:
    """Let an evaluator score in spite of a declared interest."""

    evaluator_id: EvaluatorId
    application_id: ApplicationId
    reason: str


@dataclass(frozen=True, slots=True)
class RecuseEvaluator:
    """Take an evaluator off an application."""

    evaluator_id: EvaluatorId
    application_id: ApplicationId
    reason: str


EvaluatorCommand = AppointEvaluator | DeclareConflict | WaiveConflict | RecuseEvaluator


@dataclass(frozen=True, slots=True)
class AssignEvaluator:
    """Give an application to an evaluator to score."""

    application_id: ApplicationId
    evaluator_id: EvaluatorId
    stage: StageId


@dataclass(frozen=True, slots=True)
class SubmitScores:
    """Score every criterion of the stage's rubric, or say N/A where that is allowed.

    `reason` says why another person records it; empty where the evaluator does.
    """

    application_id: ApplicationId
    evaluator_id: EvaluatorId
    stage: StageId
    marks: tuple[Mark, ...]
    comment: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReviseScore:
    """Change one mark; a null score is N/A."""

    application_id: ApplicationId
    evaluator_id: EvaluatorId
    stage: StageId
    criterion: CriterionId
    score: Decimal | None
    reason: str


@dataclass(frozen=True, slots=True)
class LockEvaluation:
    """Make an evaluation final before its stage is."""

    application_id: ApplicationId
    evaluator_id: EvaluatorId
    stage: StageId


@dataclass(frozen=True, slots=True)
class RequestReopening:
    """Ask that a final evaluation may be revised."""

    application_id: ApplicationId
    evaluator_id: EvaluatorId
    stage: StageId
    reason: str


@dataclass(frozen=True, slots=True)
class ApproveReopening:
    """Allow the revision that another person asked for."""

    application_id: ApplicationId
    evaluator_id: EvaluatorId
    stage: StageId


@dataclass(frozen=True, slots=True)
class AbstainFromEvaluation:
    """Give no scores for this application."""

    application_id: ApplicationId
    evaluator_id: EvaluatorId
    stage: StageId
    reason: str


@dataclass(frozen=True, slots=True)
class InvalidateEvaluation:
    """Let these scores not count."""

    application_id: ApplicationId
    evaluator_id: EvaluatorId
    stage: StageId
    reason: str


@dataclass(frozen=True, slots=True)
class CertifyEvaluation:
    """State that there was no interest that was not declared.

    `reason` says why another person records it; empty where the evaluator does.
    """

    application_id: ApplicationId
    evaluator_id: EvaluatorId
    stage: StageId
    reason: str = ""


EvaluationCommand = (
    AssignEvaluator
    | SubmitScores
    | ReviseScore
    | LockEvaluation
    | RequestReopening
    | ApproveReopening
    | AbstainFromEvaluation
    | InvalidateEvaluation
    | CertifyEvaluation
)
