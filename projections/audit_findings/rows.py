"""What the audit keeps: findings, and as little of the past as its rules need to make them.

Nearly every event changes one of these rows, so they are small: what a rule can read from
its own event, from a stream's version or from a key is not kept a second time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from core.groups import CityFacts
from core.indicators import Figure
from core.rubric import Rubric
from core.selection.events import Outcome
from core.vocabulary import Instant


@dataclass(frozen=True, slots=True)
class Fact:
    """One of the facts that a finding's sentence is made of."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A rule was found broken: `code` names the sentence, `positions` the events that prove it.

    `about` is what it concerns: an application, a stage, an evaluator, a project.
    """

    rule: int
    code: str
    call_id: str
    about: str
    positions: tuple[int, ...]
    facts: tuple[Fact, ...]
    kind: Literal["finding"] = "finding"


@dataclass(frozen=True, slots=True)
class FrameworkRow:
    """A rubric, and where it was drafted."""

    rubric: Rubric
    drafted: int
    kind: Literal["framework"] = "framework"


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call's terms; `deadline` is the position of what set it last, `closed` of its closing.

    `list_version` is None where cities of every country may apply; `tailored` says that a
    stage's rubric weighs by what was known of a city.
    """

    announced: int
    deadline_at: Instant
    deadline: int
    list_version: str | None
    stages: tuple[str, ...]
    tailored: bool = False
    closed: int | None = None
    kind: Literal["call"] = "call"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was put to an application while its stage was open."""

    application_id: str
    position: int


@dataclass(frozen=True, slots=True)
class StageRow:
    """A stage: the rubric's key, and the positions of what happened first."""

    framework: str
    criteria: tuple[str, ...]
    slots: int
    opened: int | None = None
    locked: int | None = None
    first_score: int | None = None
    asked: tuple[Asked, ...] = ()
    kind: Literal["stage"] = "stage"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an application stands in the last ranking, and what was proposed for it."""

    application_id: str
    rank: int | None
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class SelectionRow:
    """A stage's selection: what was decided last, by whom and where.

    `first_ranking` and `appeals_until` outlast a revocation: who knew the ranks goes on
    to know them, and who was told until when to appeal may do so.
    """

    quorum: int | None = None
    first_ranking: int | None = None
    ranking: int | None = None
    places: tuple[Place, ...] = ()
    proposed: int | None = None
    approved: int | None = None
    deciders: tuple[str, ...] = ()
    notified: int | None = None
    appeals_until: Instant | None = None
    promoted: tuple[str, ...] = ()
    kind: Literal["selection"] = "selection"


@dataclass(frozen=True, slots=True)
class CityRow:
    """A city's country, for rubrics that weigh by it, and the figures on record of it."""

    country: str = ""
    figures: tuple[Figure, ...] = ()
    kind: Literal["city"] = "city"


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """What became of an application since it was handed in; most have no such row for long.

    `eligible` is None until that was checked, at `checked`; `city` is what was known of the
    city where a rubric weighs by it.
    """

    eligible: bool | None = None
    checked: int | None = None
    withdrawn: bool = False
    city: CityFacts | None = None
    figures: tuple[Figure, ...] = ()
    kind: Literal["application"] = "application"


@dataclass(frozen=True, slots=True)
class At:
    """Something about a call or an application, and the position of the event that said so."""

    of: str
    position: int


@dataclass(frozen=True, slots=True)
class EvaluatorRow:
    """An evaluator's declarations by call, interests by call or application, and what followed."""

    declared: tuple[At, ...] = ()
    interests: tuple[At, ...] = ()
    waived: tuple[str, ...] = ()
    recused: tuple[At, ...] = ()
    kind: Literal["evaluator"] = "evaluator"


@dataclass(frozen=True, slots=True)
class Change:
    """A mark that was revised; `late` where the stage was locked or ranked by then."""

    position: int
    criterion: str
    before: Decimal | None
    after: Decimal | None
    late: bool


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One evaluator's evaluation of one application in one stage, named by the key.

    `marks` are in the order of the stage's criteria. `comment` is a digest of the comment,
    empty where it is sealed or blank. `reopened` is None, or the position of a reopening
    that two people agreed to.
    """

    submitted: int | None = None
    marks: tuple[Decimal | None, ...] = ()
    changes: tuple[Change, ...] = ()
    locked: int | None = None
    reopened: int | None = None
    ended: int | None = None
    annulled: int | None = None
    comment: str = ""
    kind: Literal["sheet"] = "sheet"


@dataclass(frozen=True, slots=True)
class CertifiedRow:
    """An evaluation was certified. Beside the sheet: a new row costs less than a new version."""

    kind: Literal["certified"] = "certified"


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """When a project's agreement was signed, and where that is recorded."""

    signed_on: date
    signed: int
    kind: Literal["project"] = "project"


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """When an indicator was defined, by both clocks, and where it was first observed."""

    defined: int
    occurred_at: Instant
    recorded_at: Instant
    observed: int | None = None
    kind: Literal["indicator"] = "indicator"


@dataclass(frozen=True, slots=True)
class RecommendationRow:
    """What was asked for and by when; `settled` once it was done or turned down."""

    issued: int
    due_on: date
    settled: bool = False
    kind: Literal["recommendation"] = "recommendation"


@dataclass(frozen=True, slots=True)
class DueRow:
    """The recommendations that are due on the day that the key names."""

    recommendations: tuple[str, ...]
    kind: Literal["due"] = "due"


@dataclass(frozen=True, slots=True)
class ClockRow:
    """The moment at which the next day on which something is due will be over."""

    next_at: Instant
    kind: Literal["clock"] = "clock"


Row = (
    FindingRow
    | FrameworkRow
    | CallRow
    | StageRow
    | SelectionRow
    | CityRow
    | ApplicationRow
    | EvaluatorRow
    | SheetRow
    | CertifiedRow
    | ProjectRow
    | IndicatorRow
    | RecommendationRow
    | DueRow
    | ClockRow
)
