"""Rules of figures: from a source, about a day that has come, corrected and never overwritten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import pytest

from core.applications import events as applications
from core.applications.commands import CorrectApplicationIndicator, RecordApplicationIndicator
from core.applications.events import ApplicationWithdrawn
from core.cities import events as cities
from core.cities.commands import CorrectCityIndicator, RecordCityIndicator
from core.handlers.table import Command
from core.indicators import Figure
from core.ledger.codec import Event
from core.vocabulary import IndicatorId
from tests.scenes import DIGEST, LIMA, OPEN, TOKYO, Facts, app, submitted
from tests.stories import NOON, given
from tests.tailored_scenes import D, spending

FIGURE = replace(spending("12.5"), documents=(DIGEST,))
BETTER = replace(FIGURE, value=D("12.6"))
LATER = replace(FIGURE, on=date(2024, 5, 31))


@dataclass(frozen=True)
class Holder:
    """Whose figures they are: both keep to the same rules."""

    name: str
    known: Facts
    record: Callable[[Figure], Command]
    correct: Callable[[Figure, str], Command]
    recorded: Callable[[Figure], Event]
    corrected: Callable[[Figure, Figure, str], Event]


HOLDERS = (
    Holder(
        "city",
        OPEN,
        lambda figure: RecordCityIndicator(LIMA, figure),
        lambda figure, reason: CorrectCityIndicator(LIMA, figure, reason),
        lambda figure: cities.IndicatorRecorded(LIMA, figure),
        lambda before, after, reason: cities.IndicatorCorrected(LIMA, before, after, reason),
    ),
    Holder(
        "application",
        (*OPEN, submitted(LIMA)),
        lambda figure: RecordApplicationIndicator(app(LIMA), figure),
        lambda figure, reason: CorrectApplicationIndicator(app(LIMA), figure, reason),
        lambda figure: applications.IndicatorRecorded(app(LIMA), figure),
        lambda before, after, reason: applications.IndicatorCorrected(
            app(LIMA), before, after, reason
        ),
    ),
)
of_each = pytest.mark.parametrize("held", HOLDERS, ids=lambda held: held.name)


@of_each
def test_an_indicator_has_one_figure_a_day(held: Holder) -> None:
    given(*held.known).when(held.record(FIGURE)).then(held.recorded(FIGURE))
    past = (*held.known, held.recorded(FIGURE))
    given(*past).when(held.record(BETTER)).refused(
        "figure-recorded", field="figure.on", value="2023-12-31"
    )
    given(*past).when(held.record(LATER)).then(held.recorded(LATER))
    other = replace(FIGURE, indicator=IndicatorId("staff"), unit="planners")
    given(*past).when(held.record(other)).then(held.recorded(other))


@of_each
def test_a_figure_is_corrected_with_a_reason_and_both_stay_on_record(held: Holder) -> None:
    past = (*held.known, held.recorded(FIGURE))
    given(*past).when(held.correct(BETTER, "a slip")).then(held.corrected(FIGURE, BETTER, "a slip"))
    again = (*past, held.corrected(FIGURE, BETTER, "a slip"))
    given(*again).when(held.correct(FIGURE, "no slip")).then(
        held.corrected(BETTER, FIGURE, "no slip")
    )
    given(*past).when(held.correct(BETTER, " ")).refused("empty-text", field="reason")
    given(*past).when(held.correct(FIGURE, "r")).refused("nothing-changed", field="figure.value")
    given(*past).when(held.correct(LATER, "r")).refused(
        "unknown-figure", field="figure.on", value="2024-05-31"
    )


@of_each
def test_an_indicator_keeps_its_unit(held: Holder) -> None:
    past = (*held.known, held.recorded(FIGURE))
    won = replace(LATER, unit="KRW per head")
    for command in (held.record(won), held.correct(replace(BETTER, unit=won.unit), "r")):
        given(*past).when(command).refused(
            "wrong-unit", field="figure.unit", value="KRW per head", rule="USD per head"
        )


@pytest.mark.parametrize(
    ("code", "field", "figure"),
    [
        ("malformed-id", "figure.indicator", replace(FIGURE, indicator=IndicatorId("a:b"))),
        ("empty-text", "figure.unit", replace(FIGURE, unit="")),
        ("empty-text", "figure.source", replace(FIGURE, source=" ")),
        ("not-a-number", "figure.value", replace(FIGURE, value=D("NaN"))),
        ("quantity-out-of-range", "figure.value", replace(FIGURE, value=D("1E30"))),
        ("malformed-digest", "figure.documents.0", replace(FIGURE, documents=("page 3",))),
        ("figure-in-future", "figure.on", replace(FIGURE, on=date(2024, 6, 2))),
    ],
)
@of_each
def test_a_figure_is_a_number_from_a_source_about_a_day_that_has_come(
    held: Holder, code: str, field: str, figure: Figure
) -> None:
    given(*held.known).when(held.record(figure)).refused(code, field=field)
    past = (*held.known, held.recorded(FIGURE))
    given(*past).when(held.correct(figure, "r")).refused(code, field=field)


def test_a_day_is_one_in_seoul() -> None:
    figure = replace(FIGURE, on=date(2024, 6, 2))
    late = NOON.replace(hour=15)
    given(*OPEN).when(RecordCityIndicator(LIMA, figure), at=late).then(
        cities.IndicatorRecorded(LIMA, figure)
    )


def test_figures_are_of_what_is_on_record() -> None:
    given().when(RecordCityIndicator(LIMA, FIGURE)).refused("unknown-city", field="city_id")
    given(*OPEN).when(RecordApplicationIndicator(app(TOKYO), FIGURE)).refused(
        "unknown-application", field="application_id"
    )
    gone = (*OPEN, submitted(LIMA), ApplicationWithdrawn(app(LIMA), "r"))
    given(*gone).when(RecordApplicationIndicator(app(LIMA), FIGURE)).refused(
        "application-withdrawn", field="application_id"
    )


def test_an_application_that_is_handed_in_anew_has_no_figures_yet() -> None:
    held = HOLDERS[1]
    gone = (*held.known, held.recorded(FIGURE), ApplicationWithdrawn(app(LIMA), "r"))
    given(*gone, submitted(LIMA)).when(held.record(BETTER)).then(held.recorded(BETTER))
