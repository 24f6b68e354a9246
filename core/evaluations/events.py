"""Facts about evaluators and their scores: who may score what, what they gave and changed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar

from core.personal import About, Personal
from core.ranking import Mark
from core.vocabulary import ActorId, ApplicationId, CallId, CriterionId, EvaluatorId, StageId

OfEvaluator = Annotated[Personal, About("evaluator_id")]
"""Text by or about an evaluator, sealed with that person's key."""


def evaluator_stream(evaluator_id: str) -> str:
    """Name the stream of an evaluator: appointments and conflicts of interest."""
    return f"evaluator-{evaluator_id}"


def evaluation_stream(application_id: str, evaluator_id: str, stage: str) -> str:
    """Name the stream of one evaluator's scores for one application in one stage.

    The stage comes before the city, so that a stage's evaluations share a prefix.
    """
    call_id, _, city_id = application_id.partition(":")
    return f"{evaluations_of_stage(call_id, stage)}{city_id}:{evaluator_id}"


def evaluations_of_stage(call_id: str, stage: str) -> str:
    """Name the prefix that all evaluations of a call's stage share."""
    return f"evaluation-{call_id}:{stage}:"


class ConflictKind(StrEnum):
    """What kind of interest an evaluator declared; `NONE` declares that there is none."""

    NONE = "none"
    FINANCIAL = "financial"
    EMPLOYMENT = "employment"
    FAMILY = "family"
    AUTHORSHIP = "authorship"
    IMPLEMENTER = "implementer"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class EvaluatorAppointed:
    """Someone may be assigned applications of a call; the id is a pseudonym.

    `name` and `email` are blank where the programme's own register keeps them.
    """

    WIRE: ClassVar = "evaluations.evaluator-appointed.2"
    evaluator_id: EvaluatorId
    call_id: CallId
    expertise: tuple[str, ...]
    name: OfEvaluator
    email: OfEvaluator


@dataclass(frozen=True, slots=True)
class ConflictDeclared:
    """An evaluator declared an interest, or none, in a call.

    `application_id` is None where the declaration is about the call as a whole.
    """

    WIRE: ClassVar = "evaluations.conflict-declared.1"
    evaluator_id: EvaluatorId
    call_id: CallId
    kind: ConflictKind
    application_id: ApplicationId | None


@dataclass(frozen=True, slots=True)
class ConflictWaived:
    """Someone in authority let an evaluator score in spite of an interest."""

    WIRE: ClassVar = "evaluations.conflict-waived.1"
    evaluator_id: EvaluatorId
    application_id: ApplicationId
    by: ActorId
    reason: OfEvaluator


@dataclass(frozen=True, slots=True)
class EvaluatorRecused:
    """An evaluator takes no part in an application."""

    WIRE: ClassVar = "evaluations.recused.1"
    evaluator_id: EvaluatorId
    application_id: ApplicationId
    reason: OfEvaluator


@dataclass(frozen=True, slots=True)
class EvaluatorAssigned:
    """An application was given to an evaluator to score."""

    WIRE: ClassVar = "evaluations.assigned.1"
    application_id: ApplicationId
    evaluator_id: EvaluatorId
    stage: StageId


@dataclass(frozen=True, slots=True)
class ScoresSubmitted:
    """An evaluator scored every criterion, or said N/A where that is allowed."""

    WIRE: ClassVar = "evaluations.scores-submitted.1"
    application_id: ApplicationId
    evaluator_id: EvaluatorId
    stage: StageId
    marks: tuple[Mark, ...]
    comment: OfEvaluator


@dataclass(frozen=True, slots=True)
class ScoreRevised:
    """One mark was changed; None is N/A. Both values and the reason stay on record."""

    WIRE: ClassVar = "evaluations.score-revised.1"
    application_id: ApplicationId
    evaluator_id: EvaluatorId
    stage: StageId
    criterion: CriterionId
    before: Decimal | None
    after: Decimal | None
    reason: OfEvaluator


@dataclass(frozen=True, slots=True)
class EvaluationLocked:
    """This evaluation is final before its stage is."""

    WIRE: ClassVar = "evaluations.locked.1"
    application_id: ApplicationId
    evaluator_id: EvaluatorId
    stage: StageId


@dataclass(frozen=True, slots=True)
class ReopeningRequested:
    """Someone asked that a final evaluation may be revised."""

    WIRE: ClassVar = "evaluations.reopening-requested.1"
    application_id: ApplicationId
    evaluator_id: EvaluatorId
    stage: StageId
    by: ActorId
    reason: OfEvaluator


@dataclass(frozen=True, slots=True)
class EvaluationReopened:
    """A second person allowed the revision."""

    WIRE: ClassVar = "evaluations.reopened.1"
    application_id: ApplicationId
    evaluator_id: EvaluatorId
    stage: StageId
    requested_by: ActorId
    approved_by: ActorId


@dataclass(frozen=True, slots=True)
class EvaluatorAbstained:
    """The evaluator gives no scores for this application."""

    WIRE: ClassVar = "evaluations.abstained.1"
    application_id: ApplicationId
    evaluator_id: EvaluatorId
    stage: StageId
    reason: OfEvaluator


@dataclass(frozen=True, slots=True)
class EvaluationInvalidated:
    """These scores do not count."""

    WIRE: ClassVar = "evaluations.invalidated.1"
    application_id: ApplicationId
    evaluator_id: EvaluatorId
    stage: StageId
    reason: str


@dataclass(frozen=True, slots=True)
class EvaluationCertified:
    """After the review: the evaluator had no interest that was not declared."""

    WIRE: ClassVar = "evaluations.certified.1"
    application_id: ApplicationId
    evaluator_id: EvaluatorId
    stage: StageId


EvaluatorEvent = EvaluatorAppointed | ConflictDeclared | ConflictWaived | EvaluatorRecused

EvaluationEvent = (
    EvaluatorAssigned
    | ScoresSubmitted
    | ScoreRevised
    | EvaluationLocked
    | ReopeningRequested
    | EvaluationReopened
    | EvaluatorAbstained
    | EvaluationInvalidated
    | EvaluationCertified
)
