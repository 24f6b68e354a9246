"""A project's results framework: indicators with their baseline, targets and what was observed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from core.monitoring.rules import Monitored, Observation
from core.projects.plan import Plan, Result
from core.results import Dimension, Direction, Indicator, Measure, Period, ResultKind, Target
from core.vocabulary import IndicatorId, ResultId, Text
from replay.iati.xml import Element, element, told

_KINDS = {ResultKind.OUTPUT: "1", ResultKind.OUTCOME: "2", ResultKind.IMPACT: "3"}
_OTHER = "9"
_MEASURES = {
    Measure.UNIT: "1",
    Measure.PERCENTAGE: "2",
    Measure.NOMINAL: "3",
    Measure.ORDINAL: "4",
}


@dataclass(slots=True)
class _Days:
    """What was promised for some days, and what was observed in the very same."""

    targets: list[Target] = field(default_factory=list[Target])
    actuals: list[Observation] = field(default_factory=list[Observation])


def results(plan: Plan | None, monitored: Mapping[IndicatorId, Monitored]) -> Iterator[Element]:
    """Yield each result with its indicators, as they are observed or else as they are planned.

    The standard has no place for a result that nothing measures, so such a one is not there.
    """
    planned = {indicator.id: indicator for indicator in plan.indicators} if plan else {}
    observed = {i: m.indicator for i, m in monitored.items() if m.indicator is not None}
    indicators = {**planned, **observed}.values()
    known = {result.id: result for result in plan.results} if plan else {}
    for result_id in dict.fromkeys((*known, *(indicator.result for indicator in indicators))):
        measures = [i for i in indicators if i.result == result_id]
        if measures:
            of = ((i, monitored.get(i.id, Monitored()).observations) for i in measures)
            yield _result(result_id, known.get(result_id), of)


def _result(
    result_id: ResultId,
    result: Result | None,
    indicators: Iterable[tuple[Indicator, Sequence[Observation]]],
) -> Element:
    kind = _KINDS[result.kind] if result else _OTHER
    title = result.title if result else Text(result_id)
    return element(
        "result", told("title", title), *(_indicator(*of) for of in indicators), type=kind
    )


def _indicator(indicator: Indicator, observations: Sequence[Observation]) -> Element:
    baseline = indicator.baseline
    days: dict[Period, _Days] = {}
    for target in indicator.targets:
        days.setdefault(target.period, _Days()).targets.append(target)
    for observation in observations:
        days.setdefault(observation.now.period, _Days()).actuals.append(observation)
    return element(
        "indicator",
        told("title", indicator.title),
        told("description", Text(f"In {indicator.unit}.")),
        element("baseline", year=str(baseline.year), value=_number(baseline.value)),
        *(_period(p, days[p]) for p in sorted(days, key=lambda p: (p.start, p.end))),
        measure=_MEASURES[indicator.measure],
        ascending="1" if indicator.direction is Direction.INCREASING else "0",
    )


def _period(period: Period, days: _Days) -> Element:
    return element(
        "period",
        element("period-start", iso_date=period.start.isoformat()),
        element("period-end", iso_date=period.end.isoformat()),
        *(
            element("target", *_dimensions(t.dimensions), value=_number(t.value))
            for t in days.targets
        ),
        *map(_actual, days.actuals),
    )


def _actual(observation: Observation) -> Element:
    seen = observation.now
    checked = "verified" if observation.verified else "not verified yet"
    comment = told("comment", Text(f"Source: {seen.source}; {checked}."))
    return element("actual", *_dimensions(seen.dimensions), comment, value=_number(seen.value))


def _dimensions(dimensions: Iterable[Dimension]) -> Iterator[Element]:
    for dimension in dimensions:
        yield element("dimension", name=dimension.name, value=dimension.value)


def _number(value: Decimal) -> str:
    return f"{value:f}"
