"""A round that is tailored to cities: weights by capacity, and two criteria that are computed.

The first stage of `tests.scenes`, with the same three cities and two evaluators. What is computed
is what a city spends on planning and how much of the project it pays itself.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from core.applications import events as applications
from core.calls.events import CallClosed, StageLocked, StageOpened
from core.cities import events as cities
from core.cities.events import CapacityAssessed
from core.groups import CityFacts, CityGroup
from core.indicators import Band, Banding, Figure, Holder
from core.ledger.codec import Event
from core.ranking import Mark
from core.results import Direction
from core.rubric import Aggregation, Criterion, Missing, Rubric, Variant, VariantWeight
from core.vocabulary import CityId, CriterionId, EvaluatorId, IndicatorId, Text
from tests import scenes
from tests.scenes import (
    ANNOUNCED,
    APPLICANTS,
    CALL,
    CITIES,
    COLOMBO,
    CONVENED,
    DOCUMENT,
    FIT,
    GRADES,
    KIM,
    LEE,
    LIMA,
    NEED,
    PANEL,
    PHNOM_PENH,
    Facts,
    app,
    assigned,
    checked,
)

D = Decimal
MEANS, SHARE = CriterionId("means"), CriterionId("share")
SPENDING, OWN_SHARE = IndicatorId("planning-budget"), IndicatorId("own-share")

OF_CITY = Banding(
    SPENDING,
    "USD per head",
    Holder.CITY,
    Direction.DECREASING,
    (Band(D(100)), Band(D(80), D(10)), Band(D(60), D("25.5"))),
)
OF_APPLICATION = Banding(
    OWN_SHARE,
    "percent",
    Holder.APPLICATION,
    Direction.INCREASING,
    (Band(D(60)), Band(D(80), D(20)), Band(D(100), D(50))),
)
ORDER: Final = (NEED, FIT, MEANS, SHARE)


def weighing(*weights: int) -> tuple[VariantWeight, ...]:
    return tuple(VariantWeight(c, D(w)) for c, w in zip(ORDER, weights, strict=True))


LOW_CAPACITY = Variant("low-capacity", CityGroup(capacities=(1, 2)), weighing(50, 10, 30, 10))
RUBRIC = Rubric(
    Text("Tailored"),
    (
        Criterion(NEED, Text("Need"), D(40), GRADES),
        Criterion(FIT, Text("Fit"), D(40), GRADES),
        Criterion(MEANS, Text("Means"), D(10), GRADES, banding=OF_CITY),
        Criterion(SHARE, Text("Share"), D(10), GRADES, na_allowed=True, banding=OF_APPLICATION),
    ),
    Aggregation(missing=Missing.REWEIGH),
    tie_breaks=(MEANS, NEED),
    quorum=2,
    variants=(LOW_CAPACITY,),
)
DRAFTED = replace(scenes.DRAFTED, rubric=RUBRIC)


def spending(value: str, on: date = date(2023, 12, 31)) -> Figure:
    return Figure(SPENDING, "USD per head", D(value), on, "the city's accounts")


def own_share(value: str) -> Figure:
    return Figure(OWN_SHARE, "percent", D(value), date(2024, 3, 1), "the application, page 3")


def submitted(city: CityId, capacity: int | None) -> applications.ApplicationSubmitted:
    return replace(scenes.submitted(city), city=CityFacts(city[:2], capacity=capacity))


def scored(city: CityId, evaluator: EvaluatorId, need: int, fit: int) -> Event:
    marks = (Mark(NEED, D(need)), Mark(FIT, D(fit)))
    return replace(scenes.scored(city, evaluator, 60, 60, None), marks=marks)


CAPACITIES: Final = {LIMA: None, PHNOM_PENH: 2, COLOMBO: 4}
APPLIED: Facts = (
    *scenes.swapped(ANNOUNCED, scenes.DRAFTED, DRAFTED),
    *CITIES,
    CapacityAssessed(PHNOM_PENH, 2, "an interview"),
    CapacityAssessed(COLOMBO, 4, "an interview"),
    *(submitted(city, capacity) for city, capacity in CAPACITIES.items()),
    *map(checked, APPLICANTS),
)
"""Three cities applied; of Phnom Penh it was known that its capacity is low."""

SCORED: Facts = (
    *APPLIED,
    CallClosed(CALL),
    StageOpened(CALL, DOCUMENT),
    *PANEL,
    *(assigned(city, evaluator) for city in APPLICANTS for evaluator in (KIM, LEE)),
    scored(LIMA, KIM, 100, 90),
    scored(LIMA, LEE, 90, 90),
    scored(PHNOM_PENH, KIM, 90, 80),
    scored(PHNOM_PENH, LEE, 90, 70),
    scored(COLOMBO, KIM, 80, 80),
    scored(COLOMBO, LEE, 70, 80),
)
"""Scored by both evaluators, before any figure is on record."""

FIGURES: Facts = (
    cities.IndicatorRecorded(LIMA, spending("25.4")),
    cities.IndicatorRecorded(PHNOM_PENH, spending("3")),
    cities.IndicatorRecorded(COLOMBO, spending("40")),
    applications.IndicatorRecorded(app(LIMA), own_share("20")),
    applications.IndicatorRecorded(app(PHNOM_PENH), own_share("19.99")),
)
"""Colombo's own share is not known."""

LOCKED: Facts = (*SCORED, *FIGURES, CONVENED, StageLocked(CALL, DOCUMENT))
