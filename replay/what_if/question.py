"""What is supposed to have been otherwise: a question, which records nothing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from core.rubric import Trim, TrimTies
from core.vocabulary import ApplicationId, EvaluatorId

TOTAL = "total"
"""What a floor is called that is not a criterion's."""


@dataclass(frozen=True, slots=True)
class NewWeight:
    """One criterion's weight in percent.

    `variant` is None for everybody: the rubric's own weights and each variant's; "" is the
    rubric's own alone.
    """

    criterion: str
    weight: Decimal
    variant: str | None = None


@dataclass(frozen=True, slots=True)
class NewFloor:
    """The floor of a criterion, or of the `total`; None takes it away."""

    criterion: str
    floor: Decimal | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """An evaluator whose scores of one application are left out."""

    evaluator_id: EvaluatorId
    application_id: ApplicationId


@dataclass(frozen=True, slots=True)
class Question:
    """All that is supposed at once; what is not named stays as it was.

    Revisions are named by their positions in the log. `grid` is how many weightings are tried
    around the weights, each moved by up to `spread` percent of itself; 0 tries none.
    """

    drop_evaluators: tuple[EvaluatorId, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    ignore_revisions: tuple[int, ...] = ()
    weights: tuple[NewWeight, ...] = ()
    floors: tuple[NewFloor, ...] = ()
    trim: Trim | None = None
    trim_ties: TrimTies | None = None
    trim_from: int | None = None
    quorum: int | None = None
    slots: int | None = None
    budget_krw: int | None = None
    grid: int = 0
    spread: Decimal = Decimal(25)
