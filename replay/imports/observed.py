"""Rows to monitoring: indicators that begin to be observed, and the numbers that were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from core.decider import Act
from core.errors import Violation
from core.ledger.codec import to_json
from core.monitoring.commands import CorrectObservation, DefineIndicator, RecordObservation
from core.monitoring.events import Reading as Observed
from core.projects.events import project_id
from core.results import Direction, Measure, Target
from core.vocabulary import IndicatorId, ProjectId, digest, slug
from replay.imports.defined import Defined
from replay.imports.fields import Fields, Reading
from replay.imports.items import Item, application_of, dated, identity
from replay.imports.sections import Indicators, Observations
from replay.imports.stated import Corrected
from replay.imports.table import Row
from replay.imports.templates import Template

T = TypeVar("T")


@dataclass(slots=True)
class _Indicator:
    """An indicator that is put together from its rows, each of which may hold a target."""

    command: DefineIndicator
    act: Act
    line: int
    defined: Defined
    targets: list[Target] = field(default_factory=list[Target])


def indicators(spec: Indicators, rows: Iterable[Row], reading: Reading) -> Iterator[Item]:
    """Yield an indicator where its first row stands."""
    found: dict[DefineIndicator, _Indicator] = {}
    for row in rows:
        get = Fields(reading, "indicators", row)
        command = DefineIndicator(*_named(spec, get, reading))
        defined, target = _defined(spec, get), _target(spec, get)
        act = replace(reading.act, at=get.instant(spec))
        if not get.sound:
            continue
        whole = found.setdefault(command, _Indicator(command, act, row.line, defined))
        if defined != whole.defined:
            rule = f"line {whole.line} says otherwise of this indicator"
            reading.bad.add("indicators", row.line, "", Violation("rows-differ", rule))
        if target is not None and target not in whole.targets:
            whole.targets.append(target)
    for whole in found.values():
        defined = replace(whole.defined, targets=tuple(whole.targets))
        key = identity(whole.command, to_json(defined).decode())
        yield Item("indicators", whole.command, whole.act, whole.line, key, defined)


def observations(spec: Observations, rows: Iterable[Row], reading: Reading) -> Iterator[Item]:
    """Yield an observation for each row, or the correction of one."""
    again: Counter[str] = Counter()
    for row in rows:
        get = Fields(reading, "observations", row)
        project, indicator = _named(spec, get, reading)
        days = get.days(("first_day", spec.first_day), ("last_day", spec.last_day))
        value = get.number("value", spec.value)
        unit, source = get.text("unit", spec.unit), get.text("source", spec.source)
        evidence = get.texts("evidence", spec.evidence, digest)
        dimensions = get.dimensions(spec.dimensions)
        act = replace(reading.act, at=get.instant(spec))
        old, reason = _corrected(spec, get)
        if not get.sound or days is None or value is None:
            continue
        observed = Observed(days, value, unit, source, evidence, dimensions)
        if old is None:
            command = RecordObservation(project, indicator, observed)
            yield Item("observations", command, act, row.line, identity(command))
            continue
        correction = CorrectObservation(project, indicator, 0, observed, reason)
        # A number may be changed there and back and there again: the same words, twice a fact.
        meaning = identity(correction, f"from {old.value}", *dated(spec, act))
        again[meaning] += 1
        key = f"{meaning}.{again[meaning]}"
        yield Item("observations", correction, act, row.line, key, old)


def _corrected(spec: Observations, get: Fields) -> tuple[Corrected | None, str]:
    if not get.text("old_value", spec.old_value, optional=True):
        return None, ""
    old = get.number("old_value", spec.old_value)
    reason = get.text("reason", spec.reason)
    return (None if old is None else Corrected(old)), reason


def _named(
    spec: Indicators | Observations, get: Fields, reading: Reading
) -> tuple[ProjectId, IndicatorId]:
    application = application_of(reading, get.text("city", spec.city, slug))
    return project_id(application), IndicatorId(get.text("indicator", spec.indicator, slug))


def _defined(spec: Indicators, get: Fields) -> Defined:
    def said(key: str, template: Template | None) -> str | None:
        return get.text(key, template, optional=True) or None

    monitored = ("monitored_from", spec.monitored_from), ("monitored_until", spec.monitored_until)
    return Defined(
        said("result", spec.result),
        said("title", spec.title),
        said("title_ko", spec.title_ko) or "",
        said("unit", spec.unit),
        get.choice("measure", spec.measure, Measure),
        get.choice("direction", spec.direction, Direction),
        get.whole("baseline_year", spec.baseline_year),
        get.number("baseline_value", spec.baseline_value, ("",)),
        get.days(*monitored, optional=True),
    )


def _target(spec: Indicators, get: Fields) -> Target | None:
    """Return a row's target, None where it has none; one of which a part is missing is a fault."""
    if not get.text("target_value", spec.target_value, optional=True):
        return None
    days = get.days(("target_from", spec.target_from), ("target_until", spec.target_until))
    value = get.number("target_value", spec.target_value)
    dimensions = get.dimensions(spec.dimensions)
    return None if days is None or value is None else Target(days, value, dimensions)
