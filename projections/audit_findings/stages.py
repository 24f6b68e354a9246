"""A stage as a decision should have read it: its rubric and its sheets, read once for all rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from core.groups import CityFacts
from core.indicators import Figures
from core.ranking import Candidate, Mark, Sheet
from core.rubric import Rubric
from core.vocabulary import ActorId, ApplicationId, CriterionId, EvaluatorId
from projections.audit_findings import keys
from projections.audit_findings.past import (
    Audit,
    application_row,
    conflict,
    evaluator_row,
    recusal,
    row_at,
    rubric_of,
    sheet_row,
    stage_row,
)
from projections.audit_findings.rows import (
    ApplicationRow,
    CityRow,
    EvaluatorRow,
    SheetRow,
    StageRow,
)


@dataclass(frozen=True, slots=True)
class Held:
    """A sheet with scores, with whose it is and what it is about.

    `counts` says whether it takes part in a ranking.
    """

    application_id: ApplicationId
    evaluator_id: EvaluatorId
    row: SheetRow
    counts: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage, with its sheets by application and evaluator."""

    row: StageRow
    rubric: Rubric
    sheets: Mapping[ApplicationId, Mapping[EvaluatorId, Held]]

    def all_sheets(self) -> Iterator[Held]:
        """Return all sheets, application by application."""
        for sheets in self.sheets.values():
            yield from sheets.values()

    def marks(self, held: Held) -> tuple[Mark, ...]:
        """Return a sheet's marks with the names of their criteria."""
        pairs = zip(self.row.criteria, held.row.marks, strict=False)
        return tuple([Mark(CriterionId(criterion), value) for criterion, value in pairs])


def read(rows: Audit, call_id: str, stage: str) -> Stage | None:
    """Return a stage; None where there is no rubric to judge it by."""
    row = stage_row(rows, call_id, stage)
    rubric = rubric_of(rows, row)
    if row is None or rubric is None:
        return None
    sheets: defaultdict[ApplicationId, dict[EvaluatorId, Held]] = defaultdict(dict)
    for held in sheets_of(rows, call_id, stage):
        sheets[held.application_id][held.evaluator_id] = held
    return Stage(row, rubric, sheets)


Name = tuple[ApplicationId, EvaluatorId]
"""Whose sheet it is, and what it is about."""


def names_of(rows: Audit, call_id: str, stage: str, city_id: str = "") -> list[Name]:
    """Return the names of a stage's sheets, or of one city's in it, without reading them."""
    start = len(keys.sheets(call_id, stage))
    parts = [key[start:].partition(":") for key in rows.under(keys.sheets(call_id, stage, city_id))]
    return [
        (ApplicationId(f"{call_id}:{city}"), EvaluatorId(ActorId(evaluator)))
        for city, _, evaluator in parts
    ]


def sheets_of(rows: Audit, call_id: str, stage: str, city_id: str = "") -> Iterator[Held]:
    """Return the sheets with scores of a stage, or of one city in it."""
    return read_sheets(rows, stage, names_of(rows, call_id, stage, city_id))


def read_sheets(rows: Audit, stage: str, names: Iterable[Name]) -> Iterator[Held]:
    """Return the sheets of these names, where they have scores."""
    evaluators: dict[EvaluatorId, EvaluatorRow] = {}
    for application_id, evaluator_id in names:
        sheet = sheet_row(rows, application_id, stage, evaluator_id)
        if sheet is None or sheet.submitted is None:
            continue
        if (evaluator := evaluators.get(evaluator_id)) is None:
            evaluator = evaluators[evaluator_id] = evaluator_row(rows, evaluator_id)
        counts = (
            sheet.ended is None
            and sheet.annulled is None
            and recusal(evaluator, application_id) is None
            and conflict(evaluator, application_id) is None
        )
        yield Held(application_id, evaluator_id, sheet, counts)


def candidate_of(rows: Audit, application_id: ApplicationId, sheets: Iterable[Sheet]) -> Candidate:
    """Return an application as it is scored: with what is on record of it and of its city."""
    city = row_at(rows, keys.city(application_id.partition(":")[2]), CityRow) or CityRow()
    application = application_row(rows, application_id) or ApplicationRow()
    return Candidate(
        application_id,
        application.city or CityFacts(city.country),
        tuple(sheets),
        Figures(city.figures, application.figures),
    )
