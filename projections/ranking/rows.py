"""What the ranking view keeps: scored applications, and what their scores depend on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.groups import CityFacts
from core.indicators import Figure, Figures
from core.ranking import Mark, Scored
from core.rubric import Rubric
from core.vocabulary import ApplicationId, EvaluatorId

COUNTS = "counts"
ASSIGNED = "assigned"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One evaluator's marks.

    They count where `status` is "counts" and `barred` is empty; else these say why not:
    what became of the evaluation, and whether the evaluator is recused or conflicted.
    """

    evaluator: EvaluatorId
    marks: tuple[Mark, ...]
    status: str
    barred: str = ""

    @property
    def counts(self) -> bool:
        """Whether these marks take part in a ranking."""
        return self.status == COUNTS and not self.barred


@dataclass(frozen=True, slots=True)
class ScoredRow:
    """An application in a stage: its evaluations, and its way from marks to total.

    `scored` is None where the marks cannot be totalled, and `problem` says why.
    `outside` says why the application takes no part in the stage, empty where it does;
    what was scored is kept, since it may come back. `city` is what was known of the city when
    it applied, and `variant` the weights that this gives it, empty for the rubric's own.
    """

    application_id: ApplicationId
    call_id: str
    stage: str
    city: CityFacts
    figures: Figures
    variant: str = ""
    sheets: tuple[SheetRow, ...] = ()
    scored: Scored | None = None
    problem: str = ""
    outside: str = ""
    kind: Literal["scored"] = "scored"


@dataclass(frozen=True, slots=True)
class FrameworkRow:
    """A version of a rubric; `framework` is its key in this view."""

    framework: str
    rubric: Rubric
    kind: Literal["framework"] = "framework"


@dataclass(frozen=True, slots=True)
class CallRow:
    """The stages of a call, in order; `listed` says that it has a list of eligible countries."""

    stages: tuple[str, ...]
    listed: bool = False
    kind: Literal["call"] = "call"


@dataclass(frozen=True, slots=True)
class StageRow:
    """Which version of which framework a stage is scored by, as a key of this view.

    `slots` is how many applications it lets through.
    """

    framework: str
    call_id: str
    stage: str
    slots: int
    kind: Literal["stage"] = "stage"


@dataclass(frozen=True, slots=True)
class CityRow:
    """A city's country, and the figures that are on record of it."""

    country: str = ""
    figures: tuple[Figure, ...] = ()
    kind: Literal["city"] = "city"


@dataclass(frozen=True, slots=True)
class OfCityRow:
    """A city's application stands in the scored row of that key."""

    scored: str
    kind: Literal["of-city"] = "of-city"


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """Whether an application can be scored; `eligible` is None until that was checked.

    `city` is what was known of its city, None where that was not recorded.
    """

    eligible: bool | None = None
    withdrawn: bool = False
    city: CityFacts | None = None
    figures: tuple[Figure, ...] = ()
    kind: Literal["application"] = "application"


@dataclass(frozen=True, slots=True)
class SelectionRow:
    """Which applications a stage's proposal selects, and which an approval lets through."""

    proposed: tuple[ApplicationId, ...] = ()
    through: tuple[ApplicationId, ...] = ()
    kind: Literal["selection"] = "selection"


@dataclass(frozen=True, slots=True)
class PanelRow:
    """An evaluator has a sheet in the scored row of that key."""

    scored: str
    kind: Literal["panel"] = "panel"


@dataclass(frozen=True, slots=True)
class EvaluatorRow:
    """An evaluator's interests, in applications or whole calls, waivers and recusals."""

    interests: tuple[str, ...] = ()
    waived: tuple[str, ...] = ()
    recused: tuple[str, ...] = ()
    kind: Literal["evaluator"] = "evaluator"

    def barred(self, application_id: str) -> str:
        """Say why this evaluator's marks do not count; empty where they do."""
        if application_id in self.recused:
            return "recused"
        call_id = application_id.partition(":")[0]
        interested = application_id in self.interests or call_id in self.interests
        return "conflicted" if interested and application_id not in self.waived else ""


Row = (
    ScoredRow
    | FrameworkRow
    | CallRow
    | StageRow
    | CityRow
    | OfCityRow
    | ApplicationRow
    | SelectionRow
    | PanelRow
    | EvaluatorRow
)
