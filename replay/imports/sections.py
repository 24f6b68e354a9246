"""The sections of a mapping: what each kind of fact needs, as the columns or words that say it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, model_validator

from replay.imports.templates import Field, Template, template


class Table(BaseModel):
    """A table of the mapping; a key that it doesn't know is an error, not a comment."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Section(Table):
    """What all sections have: without `occurred_at` a fact occurs when it is imported."""

    occurred_at: Field | None = None


class Cities(Section):
    """Each row names a city; rows that say the same are one city.

    `keep_existing` leaves a city as it is that was registered before.
    """

    city: Field
    name: Field
    name_ko: Field | None = None
    country: Field
    region: Field | None = None
    unlocode: Field | None = None
    illustrative: bool = False
    keep_existing: bool = False


class Needs(Section):
    """Each row is a need of a city: a DAC purpose code, and how it was learned of."""

    city: Field
    sector: Field
    statement: Field
    channel: Field = template("open-call")


class Applications(Section):
    """Each row is a city's application; `occurred_at` is the time of receipt."""

    city: Field
    title: Field
    title_ko: Field | None = None
    sector: Field
    summary: Field | None = None
    channel: Field = template("open-call")
    project_type: Field | None = None
    amount_krw: Field | None = None
    documents: tuple[Field, ...] = ()
    reference: Field | None = None


class Consultations(Section):
    """Each row is a consultation about a city's application.

    `validated` are the sectors of the needs that it found to be so. A contact's name and address
    are kept under the contact's pseudonymous id.
    """

    city: Field
    held_with: Field
    summary: Field
    validated: tuple[Field, ...] = ()
    contact: Field | None = None
    contact_name: Field | None = None
    contact_email: Field | None = None


class Panel(Section):
    """Each row appoints an evaluator; with `conflict` it declares, with `city` it assigns.

    An interest is declared in the row's city, or in the whole call where there is none.
    With `assign = false` a row only declares. `keep_existing` leaves an appointment or an
    assignment as it is that was made before.
    """

    evaluator: Field
    expertise: tuple[Field, ...] = ()
    conflict: Field | None = None
    city: Field | None = None
    assign: bool = True
    keep_existing: bool = False


class Marking(Section):
    """What a score and a revision share; `na` lists the cells that say N/A outright."""

    city: Field
    evaluator: Field
    criterion: Field | None = None
    score: Field | None = None
    old_score: Field | None = None
    reason: Field | None = None
    na: tuple[str, ...] = ()


class Scores(Marking):
    """Each row is an evaluation (criteria in `marks`), or one of its criteria.

    Where `old_score` is mapped, a row in which it is filled is a revision.
    """

    marks: dict[str, Field] = {}
    comment: Field | None = None

    @model_validator(mode="after")
    def _one_layout(self) -> Self:
        in_rows = self.criterion is not None and self.score is not None
        if bool(self.marks) == in_rows or (self.marks and (self.criterion or self.score)):
            msg = "give either marks (a column for each criterion) or both criterion and score"
            raise ValueError(msg)
        if self.old_score is not None and (self.marks or self.reason is None):
            msg = "old_score goes with criterion and score, and a revision needs its reason"
            raise ValueError(msg)
        return self


class Revisions(Marking):
    """Each row changes one mark; `old_score` is compared with what is on record."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.criterion is None or self.score is None or self.reason is None:
            msg = "a revision needs criterion, score and reason"
            raise ValueError(msg)
        return self


class Indicators(Section):
    """Each row names an indicator of a project's plan, and may say how it is measured.

    What it says is compared with the signed plan, which defines it; rows of one indicator each
    hold a target. History knows no plan, so there a row must say all of it. `keep_existing`
    leaves an indicator as it is that was defined before.
    """

    city: Field
    indicator: Field
    result: Field | None = None
    title: Field | None = None
    title_ko: Field | None = None
    unit: Field | None = None
    measure: Field | None = None
    direction: Field | None = None
    baseline_year: Field | None = None
    baseline_value: Field | None = None
    target_from: Field | None = None
    target_until: Field | None = None
    target_value: Field | None = None
    dimensions: dict[str, Field] = {}
    monitored_from: Field | None = None
    monitored_until: Field | None = None
    keep_existing: bool = False

    @model_validator(mode="after")
    def _whole_targets(self) -> Self:
        parts = (self.target_from, self.target_until, self.target_value)
        if any(parts) != all(parts) or (self.dimensions and not all(parts)):
            msg = "a target needs target_from, target_until and target_value"
            raise ValueError(msg)
        if (self.monitored_from is None) != (self.monitored_until is None):
            msg = "monitored_from goes with monitored_until"
            raise ValueError(msg)
        return self


class Observations(Section):
    """Each row is a number that was observed, for days from the first to the last.

    `dimensions` say by what it is broken down; an empty cell says that it is not by this one.
    Where `old_value` is mapped, a row in which it is filled corrects the number of those days.
    """

    city: Field
    indicator: Field
    first_day: Field
    last_day: Field
    value: Field
    unit: Field
    source: Field
    evidence: tuple[Field, ...]
    dimensions: dict[str, Field] = {}
    old_value: Field | None = None
    reason: Field | None = None

    @model_validator(mode="after")
    def _reasoned(self) -> Self:
        if self.old_value is not None and self.reason is None:
            msg = "a correction needs its reason"
            raise ValueError(msg)
        return self


def fields_of(section: Table) -> Iterator[tuple[str, Template]]:
    """Yield each template of a section with the key that it stands under."""
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, Template):
            yield name, value
        elif isinstance(value, tuple | dict):
            items: Any = value.items() if isinstance(value, dict) else enumerate(value)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType, reportUnknownArgumentType]
            yield from ((f"{name}.{k}", v) for k, v in items if isinstance(v, Template))
