"""What becomes of a figure about a city or an application, and so of computed marks."""

from __future__ import annotations

from dataclasses import replace

from core.applications import events as applications
from core.cities import events as cities
from core.indicators import Figure, with_figure
from projections.ranking import keys
from projections.ranking.rows import ApplicationRow, CallRow, CityRow, OfCityRow, Row, ScoredRow
from projections.ranking.scoring import totalled, with_facts
from projections.view import Rows

_OfCity = cities.IndicatorRecorded | cities.IndicatorCorrected
_OfApplication = applications.IndicatorRecorded | applications.IndicatorCorrected


def of_city(rows: Rows[Row], event: _OfCity) -> None:
    """Fold a figure about a city into every application of it whose rubric looks at cities."""
    key = keys.city(event.city_id)
    found = rows.get(key)
    city = found if isinstance(found, CityRow) else CityRow()
    rows.put(key, replace(city, figures=with_figure(city.figures, _figure(event))))
    for name in rows.under(keys.of_city(event.city_id)):
        if isinstance(row := rows.get(name), OfCityRow):
            _again(rows, row.scored)


def of_application(rows: Rows[Row], event: _OfApplication) -> None:
    """Fold a figure about an application into its rows of all stages."""
    key = keys.application(event.application_id)
    found = rows.get(key)
    application = found if isinstance(found, ApplicationRow) else ApplicationRow()
    figures = with_figure(application.figures, _figure(event))
    rows.put(key, replace(application, figures=figures))
    call = rows.get(keys.call(event.application_id.partition(":")[0]))
    for stage in call.stages if isinstance(call, CallRow) else ():
        _again(rows, keys.scored(event.application_id, stage))


def _figure(event: _OfCity | _OfApplication) -> Figure:
    match event:
        case cities.IndicatorRecorded() | applications.IndicatorRecorded():
            return event.figure
        case cities.IndicatorCorrected() | applications.IndicatorCorrected():
            return event.after


def _again(rows: Rows[Row], key: str) -> None:
    row = rows.get(key)
    if isinstance(row, ScoredRow):
        rows.put(key, totalled(rows, with_facts(rows, row)))
