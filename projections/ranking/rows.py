"""What the ranking view keeps: scored applications, and what their scores depend on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.ranking import Mark, Scored
from core.rubric import Rubric
from core.vocabulary import ApplicationId, EvaluatorId


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One evaluator's marks; `status` says whether they count, or why not."""

    evaluator: EvaluatorId
    marks: tuple[Mark, ...]
    status: str


@dataclass(frozen=True, slots=True)
class ScoredRow:
    """An application in a stage: its evaluations, and its way from marks to total.

    `scored` is None where the marks cannot be totalled, and `problem` says why.
    """

    application_id: ApplicationId
    call_id: str
    stage: str
    country: str
    sheets: tuple[SheetRow, ...] = ()
    scored: Scored | None = None
    problem: str = ""
    kind: Literal["scored"] = "scored"


@dataclass(frozen=True, slots=True)
class FrameworkRow:
    """A version of a rubric."""

    rubric: Rubric
    kind: Literal["framework"] = "framework"


@dataclass(frozen=True, slots=True)
class CallRow:
    """The stages of a call, in order."""

    stages: tuple[str, ...]
    kind: Literal["call"] = "call"


@dataclass(frozen=True, slots=True)
class StageRow:
    """Which version of which framework a stage is scored by, as a key of this view."""

    framework: str
    call_id: str
    stage: str
    kind: Literal["stage"] = "stage"


@dataclass(frozen=True, slots=True)
class CountryRow:
    """A city's country, which picks the variant of weights."""

    country: str
    kind: Literal["country"] = "country"


@dataclass(frozen=True, slots=True)
class EvaluatorRow:
    """An evaluator's interests and recusals, and the scored rows they may bear on."""

    interests: tuple[str, ...] = ()
    waived: tuple[str, ...] = ()
    recused: tuple[str, ...] = ()
    scored: tuple[str, ...] = ()
    kind: Literal["evaluator"] = "evaluator"

    def barred(self, application_id: str) -> str:
        """Say why this evaluator's marks do not count; empty where they do."""
        if application_id in self.recused:
            return "recused"
        call_id = application_id.partition(":")[0]
        interested = application_id in self.interests or call_id in self.interests
        return "conflicted" if interested and application_id not in self.waived else ""


Row = ScoredRow | FrameworkRow | CallRow | StageRow | CountryRow | EvaluatorRow
