"""An indicator is observed as it was planned, checked by another person, and never overwritten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from core.decider import Act, Decider
from core.errors import DomainError, refuse, require
from core.monitoring.commands import (
    CorrectObservation,
    DefineIndicator,
    IndicatorCommand,
    RecordObservation,
    ReviseIndicator,
    VerifyObservation,
)
from core.monitoring.events import (
    IndicatorDefined,
    IndicatorEvent,
    IndicatorRevised,
    ObservationCorrected,
    ObservationRecorded,
    ObservationVerified,
    Reading,
)
from core.results import Indicator, Period, apart, breakdown, broken_promise, past, within
from core.vocabulary import ActorId, evidence, filled, quantity, seoul_day


@dataclass(frozen=True, slots=True)
class Observation:
    """A number with its whole history: what it was at first, and after each correction."""

    readings: tuple[Reading, ...]
    hands: frozenset[ActorId]
    verified: bool = False

    @property
    def now(self) -> Reading:
        """What it says after the last correction."""
        return self.readings[-1]


@dataclass(frozen=True, slots=True)
class Monitored:
    """What an indicator's facts amount to; observations are in the order of their numbers."""

    indicator: Indicator | None = None
    days: Period | None = None
    observations: tuple[Observation, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What an indicator's rules read of its project, to define it and to observe.

    `planned` is the indicator as the plan has it, None where it has none; `days` are
    those in which the project is monitored; `started_on` is None before the start.
    """

    signed: bool = False
    planned: Indicator | None = None
    days: Period | None = None
    started_on: date | None = None


def decide(
    command: IndicatorCommand, act: Act, state: Monitored, facts: Facts
) -> Sequence[IndicatorEvent]:
    """Define an indicator, and take its observations in."""
    if isinstance(command, DefineIndicator):
        return [_define(command, state, facts)]
    if state.indicator is None or state.days is None:
        refuse(
            "indicator-not-defined",
            "an indicator is defined before anything is done with it",
            field="indicator_id",
            value=command.indicator_id,
        )
    match command:
        case ReviseIndicator():
            return [_revise(command, state, state.indicator, state.days)]
        case RecordObservation():
            return [_record(command, act, state, facts)]
        case CorrectObservation():
            return [_correct(command, act, state)]
        case VerifyObservation(project_id=project, indicator_id=indicator, number=number):
            observation = _observation(number, state)
            require(
                not observation.verified,
                "already-verified",
                "what was verified is verified anew after a correction only",
                field="number",
                value=number,
            )
            require(
                act.actor not in observation.hands,
                "same-person",
                "an observation is verified by another person than recorded or corrected it",
                field="actor",
                value=act.actor,
            )
            return [ObservationVerified(project, indicator, number, act.actor)]
        case _:
            assert_never(command)


def _define(command: DefineIndicator, state: Monitored, facts: Facts) -> IndicatorDefined:
    require(
        state.indicator is None,
        "indicator-defined",
        "an indicator is defined once; before anything was observed it can be revised",
        field="indicator_id",
        value=command.indicator_id,
    )
    require(
        facts.signed,
        "agreement-not-signed",
        "the plan may still change until both cities have signed",
        field="project_id",
        value=command.project_id,
    )
    if facts.planned is None or facts.days is None:
        refuse(
            "unknown-indicator",
            "the plan has no such indicator",
            field="indicator_id",
            value=command.indicator_id,
        )
    return IndicatorDefined(command.project_id, command.indicator_id, facts.planned, facts.days)


def _revise(
    command: ReviseIndicator, state: Monitored, indicator: Indicator, days: Period
) -> IndicatorRevised:
    require(
        not state.observations,
        "actuals-recorded",
        "neither baseline nor target moves once there are numbers to compare with them",
        field="indicator_id",
        value=command.indicator_id,
    )
    if violations := tuple(broken_promise(command.baseline, command.targets, days)):
        raise DomainError(*violations)
    require(
        (command.baseline, command.targets) != (indicator.baseline, indicator.targets),
        "nothing-changed",
        "a revision changes the baseline or a target",
        field="targets",
    )
    return IndicatorRevised(
        command.project_id,
        command.indicator_id,
        indicator.baseline,
        command.baseline,
        indicator.targets,
        command.targets,
        filled(command.reason, "reason"),
    )


def _record(
    command: RecordObservation, act: Act, state: Monitored, facts: Facts
) -> ObservationRecorded:
    require(
        facts.started_on is not None,
        "project-not-started",
        "a project is observed once it has started",
        field="project_id",
        value=command.project_id,
    )
    return ObservationRecorded(
        command.project_id,
        command.indicator_id,
        len(state.observations) + 1,
        act.actor,
        _reading(command.reading, act, state, state.observations),
    )


def _correct(command: CorrectObservation, act: Act, state: Monitored) -> ObservationCorrected:
    observation = _observation(command.number, state)
    others = [o for o in state.observations if o is not observation]
    after = _reading(command.reading, act, state, others)
    require(
        after != observation.now,
        "nothing-changed",
        "a correction changes the observation",
        field="reading",
        value=after.value,
    )
    return ObservationCorrected(
        command.project_id,
        command.indicator_id,
        command.number,
        act.actor,
        observation.now,
        after,
        filled(command.reason, "reason"),
    )


def _observation(number: int, state: Monitored) -> Observation:
    if not 1 <= number <= len(state.observations):
        refuse(
            "unknown-observation",
            f"the indicator has {len(state.observations)} observations, which count from 1",
            field="number",
            value=number,
        )
    return state.observations[number - 1]


def _reading(
    reading: Reading, act: Act, state: Monitored, others: Sequence[Observation]
) -> Reading:
    """Return a reading that can stand beside the others, or refuse it."""
    if state.indicator is not None:
        require(
            reading.unit == state.indicator.unit,
            "wrong-unit",
            f"the indicator is measured in {state.indicator.unit}",
            field="reading.unit",
            value=reading.unit,
        )
    if state.days is not None:
        within(reading.period, state.days, "reading.period")
    past(reading.period, seoul_day(act.at), "reading.period")
    quantity(reading.value, "reading.value")
    filled(reading.source, "reading.source")
    evidence(reading.evidence, "reading.evidence")
    dimensions = breakdown(reading.dimensions, "reading.dimensions")
    taken = [(other.now.period, other.now.dimensions) for other in others]
    apart((reading.period, dimensions), taken, "reading.period")
    return replace(reading, dimensions=dimensions)


def evolve(state: Monitored, event: IndicatorEvent) -> Monitored:
    """Fold one fact."""
    match event:
        case IndicatorDefined(indicator=indicator, monitored=days):
            return replace(state, indicator=indicator, days=days)
        case IndicatorRevised(baseline_after=baseline, targets_after=targets):
            if state.indicator is None:
                return state
            revised = replace(state.indicator, baseline=baseline, targets=targets)
            return replace(state, indicator=revised)
        case ObservationRecorded(reading=reading, by=by):
            new = Observation((reading,), frozenset({by}))
            return replace(state, observations=(*state.observations, new))
        case ObservationCorrected(number=number, after=after, by=by):
            old = state.observations[number - 1]
            new = Observation((*old.readings, after), old.hands | {by})
            return _with(state, number, new)
        case ObservationVerified(number=number):
            return _with(state, number, replace(state.observations[number - 1], verified=True))
        case _:
            assert_never(event)


def _with(state: Monitored, number: int, observation: Observation) -> Monitored:
    before, after = state.observations[: number - 1], state.observations[number:]
    return replace(state, observations=(*before, observation, *after))


DECIDER: Decider[IndicatorCommand, Monitored, IndicatorEvent, Facts] = Decider(
    Monitored(), decide, evolve
)
