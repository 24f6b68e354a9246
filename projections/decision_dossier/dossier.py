"""What a dossier is: the facts behind a decision, by what they are about and by application."""

from __future__ import annotations

from dataclasses import dataclass

from core.ranking import Ranked
from core.rubric import Rubric
from core.selection.events import Input, Proposal
from core.vocabulary import FrameworkRef
from projections.decision_dossier.fold import FactRow


@dataclass(frozen=True, slots=True)
class Asked:
    """Which decision is asked for.

    `approved_at` is the position of an earlier approval, None for the last one; with
    `application_id`, only what concerns that application is.
    """

    call_id: str
    stage: str
    approved_at: int | None = None
    application_id: str | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One evaluator's evaluation of an application: its assignment, marks and revisions."""

    evaluator_id: str
    facts: tuple[FactRow, ...]


@dataclass(frozen=True, slots=True)
class ApplicationFile:
    """All that the decision knew of one application.

    `line` is its place in the ranking with the trace from marks to total, `proposal` the
    outcome that was approved; each is None where it has none. `appeals` are those against an
    earlier decision of the stage.
    """

    application_id: str
    line: Ranked | None
    proposal: Proposal | None
    facts: tuple[FactRow, ...]
    city: tuple[FactRow, ...]
    evaluations: tuple[Evaluation, ...]
    appeals: tuple[FactRow, ...]


@dataclass(frozen=True, slots=True)
class Evaluator:
    """An evaluator's appointments, interests, waivers and recusals."""

    evaluator_id: str
    facts: tuple[FactRow, ...]


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything that an approved selection rested on, as of its approval at `position`.

    Facts are verbatim, but for the lines and inputs of the ranking and for the proposals,
    which stand apart. `panel`, `quorum`, `ranking` and `proposal` are what the approval
    confirmed, None where none was recorded; `selection` is the rest of the stage's own facts,
    and `stages_before` those of the stages before it. `unproven` are inputs that the ranking
    names and that are not here with the same leaf: there are none where the record is whole.
    `afterwards` is what became of the decision, as far as was known as of the position that
    was asked for.
    """

    call_id: str
    stage: str
    position: int
    framework: FrameworkRef | None
    rubric: Rubric | None
    algorithm: str
    approval: FactRow
    proposal: FactRow | None
    ranking: FactRow | None
    quorum: FactRow | None
    panel: FactRow | None
    selection: tuple[FactRow, ...]
    stages_before: tuple[FactRow, ...]
    call: tuple[FactRow, ...]
    frameworks: tuple[FactRow, ...]
    evaluators: tuple[Evaluator, ...]
    applications: tuple[ApplicationFile, ...]
    inputs: tuple[Input, ...]
    unproven: tuple[Input, ...]
    afterwards: tuple[FactRow, ...]
