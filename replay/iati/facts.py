"""What the log says of a project as far as it is published, as of a position.

Only what a project's own streams hold is read, so a long log costs no more than a short one.
Nothing personal is: whom evaluators and contacts are, and what they wrote, is nobody's business.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from operator import attrgetter

from core.applications import events as application_events
from core.applications.events import ApplicationAmended, ApplicationSubmitted
from core.cities import events as city_events
from core.cities.events import CityRegistered, ProfileRevised
from core.ledger.codec import Event
from core.ledger.records import Stored
from core.ledger.store import Store
from core.monitoring import events as monitoring_events
from core.monitoring import rules as monitoring
from core.monitoring.events import IndicatorEvent
from core.monitoring.rules import Monitored
from core.projects import events as project_events
from core.projects import rules as projects
from core.projects.events import ProjectCancelled, ProjectCompleted, ProjectEvent
from core.vocabulary import IndicatorId, Instant, Text, seoul_day
from projections.reading import readable


@dataclass(frozen=True, slots=True)
class City:
    """Where a project is carried out."""

    name: Text
    country: str
    illustrative: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """A project: what was applied for, agreed, done and observed.

    `applied` and `city` are None where the log holds a project and not what it came of;
    `ended_on` is the day of completion or cancellation; `changed_at` is when the last of all
    this was recorded, and `known_on` the day in Seoul about which it is known.
    """

    project_id: str
    city_id: str
    known_on: date
    changed_at: Instant
    project: projects.Project = field(default_factory=projects.Project)
    ended_on: date | None = None
    city: City | None = None
    applied: application_events.Project | None = None
    indicators: dict[IndicatorId, Monitored] = field(default_factory=dict[IndicatorId, Monitored])


def projects_at(store: Store, position: int, at: Instant) -> Iterator[Facts]:
    """Yield every project of the log up to a position, which was recorded at an instant."""
    prefix = project_events.stream("")
    rows = sorted(store.under(prefix, position), key=attrgetter("stream", "version"))
    for stream, of_project in groupby(rows, attrgetter("stream")):
        project_id = stream.removeprefix(prefix)
        yield _facts(store, project_id, position, list(of_project), at)


def _facts(store: Store, project_id: str, position: int, rows: list[Stored], at: Instant) -> Facts:
    city_id = project_id.partition(":")[2]
    around = {application_events.stream(project_id): 0, city_events.stream(city_id): 0}
    rows += store.streams(around, position)
    rows += store.under(monitoring_events.indicator_stream(project_id, ""), position)
    facts = Facts(project_id, city_id, seoul_day(at), max(row.recorded_at for row in rows))
    monitored: dict[IndicatorId, list[IndicatorEvent]] = {}
    for record in readable(rows):
        if isinstance(record.event, IndicatorEvent):
            monitored.setdefault(record.event.indicator_id, []).append(record.event)
        else:
            facts = _folded(facts, record.event)
    indicators = {i: monitoring.DECIDER.fold(events) for i, events in monitored.items()}
    return replace(facts, indicators=indicators)


def _folded(facts: Facts, event: Event) -> Facts:
    if isinstance(event, ProjectEvent):
        facts = replace(facts, project=projects.DECIDER.evolve(facts.project, event))
    match event:
        case ProjectCompleted(completed_on=day) | ProjectCancelled(cancelled_on=day):
            return replace(facts, ended_on=day)
        case CityRegistered(name=name, country=country, illustrative=illustrative):
            return replace(facts, city=City(name, country, illustrative))
        case ProfileRevised(name=name) if facts.city:
            return replace(facts, city=replace(facts.city, name=name))
        case ApplicationSubmitted(project=applied) | ApplicationAmended(project=applied):
            return replace(facts, applied=applied)
        case _:
            return facts
