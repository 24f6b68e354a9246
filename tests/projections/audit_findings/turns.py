"""Turns that a history may take and be clean: unusual rubrics, many revisions, late records."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from core.applications.events import (
    ApplicationSubmitted,
    IndicatorRecorded,
)
from core.calls.events import StageLocked
from core.evaluations.events import (
    ScoresSubmitted,
)
from core.frameworks.events import FrameworkDrafted, FrameworkPublished
from core.groups import CityFacts, CityGroup
from core.indicators import Band, Banding, Figure, Holder
from core.ledger.codec import Event
from core.results import Direction
from core.rubric import Points, Variant, VariantWeight
from core.vocabulary import FrameworkId, IndicatorId
from tests import scenes
from tests.projections.audit_findings import clean
from tests.projections.audit_findings.clean import (
    CITIES,
    GRADES,
    LATER,
    PARK,
    History,
    told,
)
from tests.projections.audit_findings.edits import before, then
from tests.projections.audit_findings.making import (
    ranked_anew,
    revised,
)
from tests.scenes import KIM, LEE, app

BUSES = IndicatorId("buses")
_PAST = timedelta(days=900)


def late_as_a_whole(history: History) -> History:
    """Record everything long after it occurred, as a history that is told anew."""
    return tuple(replace(fact, seen=LATER + _PAST) for fact in history)


def tailored() -> History:
    """Rank by a rubric that weighs by region, with a criterion that is computed from a figure."""
    bands = (Band(Decimal(60)), Band(Decimal(80), Decimal(1_000)))
    banding = Banding(BUSES, "buses", Holder.APPLICATION, Direction.INCREASING, bands)
    need, fit, capacity = scenes.RUBRIC.criteria
    criteria = (need, fit, replace(capacity, banding=banding, na_allowed=False))
    ids = [criterion.id for criterion in criteria]
    weights = [VariantWeight(c, Decimal(w)) for c, w in zip(ids, (20, 20, 60), strict=True)]
    andes = Variant("andes", CityGroup(regions=("Andes",)), tuple(weights))
    rubric = replace(scenes.RUBRIC, criteria=criteria, variants=(andes,))
    facts: list[Event] = []
    for fact in clean.scored():
        match fact:
            case FrameworkDrafted():
                facts.append(replace(fact, rubric=rubric))
            case ApplicationSubmitted(application_id=application):
                facts.append(replace(fact, city=CityFacts("PE", "Andes")))
                figure = Figure(BUSES, "buses", Decimal(len(facts) * 40), date(2023, 1, 1), "s")
                facts.append(IndicatorRecorded(application, figure))
            case ScoresSubmitted(marks=marks):
                facts.append(replace(fact, marks=marks[:2]))
            case _:
                facts.append(fact)
    return tuple(map(told, scenes.ranked(tuple(facts))))


def much_revised(history: History) -> History:
    """Let three evaluators revise all they gave: one of them downwards, the others both ways."""
    ways = {KIM: (-10,) * 8, LEE: (-10, 10) * 4, PARK: (10, -10) * 4}
    facts = [
        revised(app(city), evaluator, panel[place][0], panel[place][0] + steps[number])
        for place, (evaluator, steps) in enumerate(ways.items())
        for number, (city, panel) in enumerate(zip(CITIES, GRADES, strict=True))
    ]
    return ranked_anew(before(StageLocked, *facts)(history))


def approved(history: History) -> History:
    """Let the first two through."""
    facts = tuple(fact.event for fact in history)
    chosen = scenes.approved(facts, *map(scenes.select, CITIES[:2]))
    return (*history, *map(told, chosen[len(facts) :]))


def summed(history: History) -> History:
    """Draft and publish a rubric whose marks are added up."""
    aggregation = replace(scenes.RUBRIC.aggregation, points=Points.SUM)
    rubric = replace(scenes.RUBRIC, aggregation=aggregation, criteria=scenes.RUBRIC.criteria[:2])
    other = FrameworkId("other")
    return then(FrameworkDrafted(other, 1, rubric), FrameworkPublished(other, 1))(history)
