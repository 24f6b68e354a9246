"""An application's row in a stage: whether it takes part, and its way from marks to total."""

from __future__ import annotations

from dataclasses import replace

from core.errors import DomainError
from core.ranking import Candidate, Sheet, score
from core.vocabulary import ApplicationId
from projections.ranking import keys
from projections.ranking.rows import (
    ApplicationRow,
    CallRow,
    CountryRow,
    FrameworkRow,
    Row,
    ScoredRow,
    SelectionRow,
    StageRow,
)
from projections.view import Rows


def scored_row(rows: Rows[Row], application_id: ApplicationId, stage: str) -> ScoredRow:
    """Return an application's row in a stage, a new one where there is none."""
    row = rows.get(keys.scored(application_id, stage))
    if isinstance(row, ScoredRow):
        return row
    call_id, _, city_id = application_id.partition(":")
    city = rows.get(keys.city(city_id))
    country = city.country if isinstance(city, CountryRow) else ""
    row = ScoredRow(application_id, call_id, stage, country)
    return totalled(rows, replace(row, outside=outside(rows, row)))


def totalled(rows: Rows[Row], row: ScoredRow) -> ScoredRow:
    """Return a row with the total of the sheets that count."""
    stage = rows.get(keys.stage(row.call_id, row.stage))
    framework = rows.get(stage.framework) if isinstance(stage, StageRow) else None
    if not isinstance(framework, FrameworkRow):
        return replace(row, scored=None, problem="the stage has no published rubric")
    counting = tuple(Sheet(s.evaluator, s.marks) for s in row.sheets if s.counts)
    try:
        candidate = Candidate(row.application_id, row.country, counting)
        scored = score(framework.rubric, candidate, row.scored)
    except DomainError as refusal:  # history may hold what the commands would have refused
        return replace(row, scored=None, problem=str(refusal))
    return replace(row, scored=scored, problem="")


def outside(rows: Rows[Row], row: ScoredRow) -> str:  # noqa: PLR0911  # a list of reasons
    """Say by a refusal's code why an application takes no part in a stage; "" where it does."""
    application = rows.get(keys.application(row.application_id))
    if not isinstance(application, ApplicationRow):
        return "unknown-application"
    if application.withdrawn:
        return "application-withdrawn"
    if application.eligible is False:
        return "application-ineligible"
    call = rows.get(keys.call(row.call_id))
    if not isinstance(call, CallRow):
        return ""
    if application.eligible is None and call.listed:
        return "eligibility-undetermined"
    index = call.stages.index(row.stage) if row.stage in call.stages else 0
    if index == 0:
        return ""
    before = rows.get(keys.selection(row.call_id, call.stages[index - 1]))
    through = before.through if isinstance(before, SelectionRow) else ()
    return "" if row.application_id in through else "not-advanced"
