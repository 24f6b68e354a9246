"""What both cities agree to do: whole, dated, and measurable before it is signed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.errors import DomainError, Violation, broken
from core.results import Indicator, Period, ResultKind, broken_indicator
from core.vocabulary import IndicatorId, MilestoneId, ResultId, Text, filled, slug


class Party(StrEnum):
    """Who shares a project."""

    SEOUL = "seoul"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who signs for a party: the office and never the name, which the document holds."""

    party: Party
    office: str


@dataclass(frozen=True, slots=True)
class Result:
    """Something that the project is to bring about."""

    id: ResultId
    kind: ResultKind
    title: Text


@dataclass(frozen=True, slots=True)
class Milestone:
    """Something that is to be done by a day."""

    id: MilestoneId
    title: Text
    due_on: date


@dataclass(frozen=True, slots=True)
class Plan:
    """What both cities agree to do, and how they will see what came of it.

    The project is monitored from its first day until `monitored_until`, which lies
    after its last one where an ex-post evaluation is to follow.
    """

    starts_on: date
    ends_on: date
    monitored_until: date
    results: tuple[Result, ...]
    milestones: tuple[Milestone, ...]
    indicators: tuple[Indicator, ...]

    @property
    def runs(self) -> Period:
        """The days in which the project is carried out."""
        return Period(self.starts_on, self.ends_on)

    @property
    def monitored(self) -> Period:
        """The days in which its indicators are observed."""
        return Period(self.starts_on, self.monitored_until)


def sound(plan: Plan) -> Plan:
    """Return a plan that can be signed, or refuse it with all that is wrong."""
    if violations := tuple(_broken(plan)):
        raise DomainError(*violations)
    return plan


def _broken(plan: Plan) -> Iterator[Violation]:
    if not plan.starts_on <= plan.ends_on <= plan.monitored_until:
        yield Violation(
            "plan-dates",
            "a project ends on the day it starts or later, and is monitored until then or longer",
            "plan.ends_on",
            f"{plan.starts_on}, {plan.ends_on}, {plan.monitored_until}",
        )
    yield from _parts("results", [(r.id, r.title) for r in plan.results])
    yield from _parts("milestones", [(m.id, m.title) for m in plan.milestones])
    for i, milestone in enumerate(plan.milestones):
        if not plan.starts_on <= milestone.due_on <= plan.ends_on:
            yield Violation(
                "milestone-outside",
                f"the project runs in {plan.runs}",
                f"plan.milestones.{i}.due_on",
                str(milestone.due_on),
            )
    yield from _parts("indicators", [(n.id, n.title) for n in plan.indicators])
    known = {result.id for result in plan.results}
    for i, indicator in enumerate(plan.indicators):
        path = f"plan.indicators.{i}"
        if indicator.result not in known:
            yield Violation(
                "unknown-result",
                f"the plan's results are {', '.join(sorted(known))}",
                f"{path}.result",
                indicator.result,
            )
        yield from broken_indicator(indicator, plan.monitored, path)


def _parts(
    name: str, parts: Iterable[tuple[ResultId | MilestoneId | IndicatorId, Text]]
) -> Iterator[Violation]:
    seen: set[str] = set()
    for i, (part, title) in enumerate(parts):
        yield from broken(slug, part, f"plan.{name}.{i}.id")
        yield from broken(filled, title.en, f"plan.{name}.{i}.title.en")
        if part in seen:
            yield Violation(
                "plan-part-repeated", f"an id names one of the {name}", f"plan.{name}.{i}.id", part
            )
        seen.add(part)
    if not seen:
        yield Violation("plan-incomplete", f"a plan has {name}", f"plan.{name}")
