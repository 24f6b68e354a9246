"""An application's row in a stage: whether it takes part, and its way from marks to total."""

from __future__ import annotations

from dataclasses import replace

from core.errors import DomainError
from core.groups import CityFacts
from core.indicators import Figures
from core.ranking import Candidate, Sheet, score
from core.rubric import Rubric
from core.vocabulary import ApplicationId
from projections.ranking import keys
from projections.ranking.rows import (
    ApplicationRow,
    CallRow,
    CityRow,
    FrameworkRow,
    OfCityRow,
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
    call_id = application_id.partition(":")[0]
    row = with_facts(rows, ScoredRow(application_id, call_id, stage, CityFacts(""), Figures()))
    if (rubric := _rubric(rows, row)) and rubric.looks_at_cities:
        city_id = application_id.partition(":")[2]
        of = keys.of_city(city_id, f"{application_id}:{stage}")
        rows.put(of, OfCityRow(keys.scored(application_id, stage)))
    return totalled(rows, replace(row, outside=outside(rows, row)))


def with_facts(rows: Rows[Row], row: ScoredRow) -> ScoredRow:
    """Return a row with what is on record of its city and of its application."""
    city = rows.get(keys.city(row.application_id.partition(":")[2]))
    known = city if isinstance(city, CityRow) else CityRow()
    application = rows.get(keys.application(row.application_id))
    own = application if isinstance(application, ApplicationRow) else ApplicationRow()
    then = own.city or CityFacts(known.country)
    return replace(row, city=then, figures=Figures(known.figures, own.figures))


def totalled(rows: Rows[Row], row: ScoredRow) -> ScoredRow:
    """Return a row with the total of the sheets that count."""
    rubric = _rubric(rows, row)
    if rubric is None:
        return replace(row, scored=None, problem="the stage has no published rubric")
    variant = rubric.variant(row.city)
    name = variant.id if variant else ""
    counting = tuple(Sheet(s.evaluator, s.marks) for s in row.sheets if s.counts)
    try:
        candidate = Candidate(row.application_id, row.city, counting, row.figures)
        scored = score(rubric, candidate, row.scored)
    except DomainError as refusal:  # an indicator is not on record yet; history may hold more
        return replace(row, variant=name, scored=None, problem=str(refusal))
    return replace(row, variant=name, scored=scored, problem="")


def _rubric(rows: Rows[Row], row: ScoredRow) -> Rubric | None:
    stage = rows.get(keys.stage(row.call_id, row.stage))
    framework = rows.get(stage.framework) if isinstance(stage, StageRow) else None
    return framework.rubric if isinstance(framework, FrameworkRow) else None


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
