"""Rules of observation: as planned, of days that are over, checked by others, kept for good."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from core.decider import Act
from core.errors import DomainError
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
from core.monitoring.rules import DECIDER, Facts
from core.results import Baseline, Dimension, Period, Target
from core.vocabulary import ActorId, IndicatorId, Role
from tests.project_scenes import (
    BASELINE,
    COMPLETED,
    COUNTER,
    DEFINED,
    DELAYS,
    IN_2025,
    IN_2026,
    INDICATOR,
    OBSERVED,
    PLAN,
    PLANNED,
    PROJECT,
    RIDERS,
    RUNNING,
    SIGNED,
    SPRING,
    STARTS,
    TARGETS,
    WATCHED_UNTIL,
    WOMEN,
    Y2025,
    observed,
    reading,
    without,
)
from tests.scenes import DIGEST, FINAL_APPROVED
from tests.stories import MANAGER, OFFICER, given

DEFINE = DefineIndicator(PROJECT, RIDERS)
REVISE = ReviseIndicator(PROJECT, RIDERS, Baseline(2024, Decimal(118)), TARGETS, "a better count")
RECORD = RecordObservation(PROJECT, RIDERS, reading())
CORRECT = CorrectObservation(PROJECT, RIDERS, 1, reading("132"), "one machine was left out")
VERIFY = VerifyObservation(PROJECT, RIDERS, 1)
CORRECTED = ObservationCorrected(
    PROJECT, RIDERS, 1, COUNTER, reading(), reading("132"), "one machine was left out"
)
VERIFIED = ObservationVerified(PROJECT, RIDERS, 1, MANAGER)


# The indicator


def test_an_indicator_is_defined_as_the_signed_plan_has_it() -> None:
    given(*SIGNED).when(DEFINE).then(IndicatorDefined(PROJECT, RIDERS, INDICATOR, PLAN.monitored))


def test_an_indicator_is_defined_once_from_a_signed_plan() -> None:
    given(*DEFINED).when(DEFINE).refused("indicator-defined", field="indicator_id", value=RIDERS)
    for facts in (FINAL_APPROVED, PLANNED):
        given(*facts).when(DEFINE).refused(
            "agreement-not-signed", field="project_id", value=PROJECT
        )
    given(*SIGNED).when(DefineIndicator(PROJECT, DELAYS)).refused(
        "unknown-indicator", field="indicator_id", value=DELAYS
    )


@pytest.mark.parametrize("command", [REVISE, RECORD, CORRECT, VERIFY])
def test_nothing_is_done_with_an_indicator_that_is_not_defined(command: IndicatorCommand) -> None:
    given(*RUNNING).when(command, at=IN_2025).refused(
        "indicator-not-defined", field="indicator_id", value=RIDERS
    )


@pytest.mark.parametrize("malformed", ["", "a:b", "a b"])
def test_an_indicator_has_a_well_formed_id(malformed: str) -> None:
    given(*SIGNED).when(DefineIndicator(PROJECT, IndicatorId(malformed))).refused(
        "malformed-id", field="indicator_id", value=malformed
    )


def test_baseline_and_targets_are_revised_with_a_reason_before_anything_was_observed() -> None:
    given(*DEFINED).when(REVISE).then(
        IndicatorRevised(
            PROJECT, RIDERS, BASELINE, REVISE.baseline, TARGETS, TARGETS, "a better count"
        )
    )
    given(*DEFINED).when(replace(REVISE, reason=" ")).refused("empty-text", field="reason")
    given(*DEFINED).when(replace(REVISE, baseline=BASELINE)).refused(
        "nothing-changed", field="targets"
    )


def test_a_revision_is_measured_by_what_the_last_one_left() -> None:
    first = given(*DEFINED).when(REVISE).only(IndicatorRevised)
    given(*DEFINED, first).when(REVISE).refused("nothing-changed")
    back = given(*DEFINED, first).when(replace(REVISE, baseline=BASELINE)).only(IndicatorRevised)
    assert (back.baseline_before, back.baseline_after) == (REVISE.baseline, BASELINE)


def test_neither_baseline_nor_target_moves_once_something_was_observed() -> None:
    for facts in (OBSERVED, (*OBSERVED, CORRECTED), (*OBSERVED, VERIFIED)):
        given(*facts).when(REVISE).refused("actuals-recorded", field="indicator_id", value=RIDERS)


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"baseline": Baseline(2025, Decimal(1))}, "baseline-after-start", "baseline.year"),
        ({"baseline": Baseline(2023, Decimal("sNaN"))}, "not-a-number", "baseline.value"),
        ({"targets": ()}, "no-targets", "targets"),
        (
            {"targets": (*TARGETS, Target(SPRING, Decimal(1)))},
            "period-overlap",
            "targets.2.period",
        ),
        (
            {"targets": (Target(Period(STARTS, date(2029, 1, 1)), Decimal(1)),)},
            "period-outside",
            "targets.0.period",
        ),
    ],
)
def test_a_revision_keeps_to_the_rules_of_a_plan(
    changed: dict[str, Any], code: str, field: str
) -> None:
    given(*DEFINED).when(replace(REVISE, **changed)).refused(code, field=field)


# Observations


def test_an_observation_is_on_record_with_who_made_it() -> None:
    given(*DEFINED).when(RECORD, at=IN_2025).then(observed(1, reading()))
    women = RecordObservation(PROJECT, RIDERS, reading("60", SPRING, *WOMEN))
    assert given(*OBSERVED).when(women, at=IN_2025).only(ObservationRecorded).number == 2


def test_a_project_is_observed_from_its_start_to_long_after_its_end() -> None:
    defined = DEFINED[-1]
    given(*SIGNED, defined).when(RECORD, at=IN_2025).refused(
        "project-not-started", field="project_id", value=PROJECT
    )
    late = RecordObservation(
        PROJECT, RIDERS, reading("160", Period(date(2028, 1, 1), WATCHED_UNTIL))
    )
    at = datetime(2029, 2, 1, tzinfo=UTC)
    assert given(*COMPLETED, defined).when(late, at=at).refusal is None


def changed_reading(**changed: Any) -> Reading:  # noqa: ANN401  # any field of a reading
    return replace(reading(), **changed)


@pytest.mark.parametrize(
    ("seen", "code", "field"),
    [
        (changed_reading(unit="riders"), "wrong-unit", "reading.unit"),
        (changed_reading(value=Decimal("NaN")), "not-a-number", "reading.value"),
        (changed_reading(value=Decimal("0E+999999")), "quantity-out-of-range", "reading.value"),
        (changed_reading(source=" "), "empty-text", "reading.source"),
        (changed_reading(evidence=()), "no-evidence", "reading.evidence"),
        (changed_reading(evidence=("x",)), "malformed-digest", "reading.evidence.0"),
        (
            changed_reading(period=Period(SPRING.end, SPRING.start)),
            "period-reversed",
            "reading.period",
        ),
        (
            changed_reading(period=Period(SPRING.start, date(2025, 7, 16))),
            "period-in-future",
            "reading.period",
        ),
        (
            changed_reading(period=Period(date(2024, 6, 9), SPRING.end)),
            "period-outside",
            "reading.period",
        ),
        (
            changed_reading(dimensions=(*WOMEN, Dimension("sex", "male"))),
            "dimension-repeated",
            "reading.dimensions",
        ),
        (
            changed_reading(dimensions=(Dimension("sex", " "),)),
            "empty-text",
            "reading.dimensions.0.value",
        ),
    ],
)
def test_a_number_that_cannot_have_been_observed_is_neither_recorded_nor_put_in_its_place(
    seen: Reading, code: str, field: str
) -> None:
    given(*DEFINED).when(replace(RECORD, reading=seen), at=IN_2025).refused(code, field=field)
    given(*OBSERVED).when(replace(CORRECT, reading=seen), at=IN_2025).refused(code, field=field)


def test_the_last_day_of_a_period_may_be_today_in_seoul() -> None:
    seen = reading("131", Period(SPRING.start, date(2025, 7, 16)))
    midnight = datetime(2025, 7, 15, 15, tzinfo=UTC)
    record = replace(RECORD, reading=seen)
    assert given(*DEFINED).when(record, at=midnight).refusal is None
    given(*DEFINED).when(record, at=midnight - timedelta(microseconds=1)).refused(
        "period-in-future"
    )


def test_one_breakdown_has_one_number_for_a_day() -> None:
    quarter = Period(date(2025, 4, 1), date(2025, 6, 30))
    again = replace(RECORD, reading=reading("99", quarter))
    given(*OBSERVED).when(again, at=IN_2025).refused(
        "period-overlap", field="reading.period", value="2025-04-01/2025-06-30"
    )
    women = replace(RECORD, reading=reading("50", quarter, *WOMEN))
    assert given(*OBSERVED).when(women, at=IN_2025).refusal is None
    before = replace(RECORD, reading=reading("99", Period(STARTS, date(2024, 12, 31))))
    assert given(*OBSERVED).when(before, at=IN_2025).refusal is None


def test_dimensions_are_kept_in_one_order() -> None:
    seen = reading("50", SPRING, Dimension("sex", "female"), Dimension("age", "adults"))
    event = given(*DEFINED).when(replace(RECORD, reading=seen), at=IN_2025)
    kept = event.only(ObservationRecorded).reading
    assert [dimension.name for dimension in kept.dimensions] == ["age", "sex"]


# Corrections


def test_a_correction_says_what_stood_there_before_and_why_it_changed() -> None:
    given(*OBSERVED).when(CORRECT, at=IN_2025, by=COUNTER).then(CORRECTED)
    given(*OBSERVED).when(replace(CORRECT, reason=""), at=IN_2025).refused(
        "empty-text", field="reason"
    )
    given(*OBSERVED).when(replace(CORRECT, reading=reading()), at=IN_2025).refused(
        "nothing-changed", field="reading"
    )


def test_a_second_correction_begins_where_the_first_one_ended() -> None:
    again = replace(CORRECT, reading=reading("133"))
    event = given(*OBSERVED, CORRECTED).when(again, at=IN_2025).only(ObservationCorrected)
    assert (event.before, event.after) == (reading("132"), reading("133"))


def test_a_correction_may_move_a_number_but_not_onto_another() -> None:
    autumn = Period(date(2024, 7, 1), date(2024, 12, 31))
    facts = (*OBSERVED, observed(2, reading("129", autumn)))
    onto = replace(CORRECT, reading=reading("131", Period(date(2024, 12, 1), SPRING.end)))
    given(*facts).when(onto, at=IN_2025).refused("period-overlap", field="reading.period")
    shorter = replace(CORRECT, reading=reading("131", Period(SPRING.start, date(2025, 3, 31))))
    assert given(*facts).when(shorter, at=IN_2025).refusal is None


@pytest.mark.parametrize("number", [0, -1, 2])
@pytest.mark.parametrize("command", [CORRECT, VERIFY])
def test_what_was_not_observed_is_neither_corrected_nor_verified(
    command: CorrectObservation | VerifyObservation, number: int
) -> None:
    given(*OBSERVED).when(replace(command, number=number), at=IN_2025, by=MANAGER).refused(
        "unknown-observation", field="number", value=number
    )


# Verification


def test_an_observation_is_verified_by_another_person() -> None:
    given(*OBSERVED).when(VERIFY, by=MANAGER, at=IN_2025).then(VERIFIED)
    given(*OBSERVED).when(VERIFY, by=OFFICER, at=IN_2025).refused(
        "same-person", field="actor", value=OFFICER
    )
    given(*OBSERVED, VERIFIED).when(VERIFY, by=COUNTER, at=IN_2025).refused(
        "already-verified", field="number", value=1
    )


def test_whoever_corrected_an_observation_does_not_verify_it_either() -> None:
    for by in (OFFICER, COUNTER):
        given(*OBSERVED, CORRECTED).when(VERIFY, by=by, at=IN_2025).refused("same-person")


def test_a_corrected_observation_is_verified_anew() -> None:
    facts = (*OBSERVED, VERIFIED, CORRECTED)
    given(*facts).when(VERIFY, by=MANAGER, at=IN_2025).then(VERIFIED)


# Properties

values = st.integers(0, 5).map(Decimal)
quarters = st.integers(0, 3).map(
    lambda n: Period(date(2025, 3 * n + 1, 1), date(2025, 3 * n + 3, 28))
)
cuts = st.sampled_from([(), WOMEN])
readings = st.tuples(values, quarters, cuts).map(
    lambda made: replace(reading(), value=made[0], period=made[1], dimensions=made[2])
)
people = st.sampled_from(["a", "b", "c"]).map(ActorId)
commands = st.one_of(
    st.builds(RecordObservation, st.just(PROJECT), st.just(RIDERS), readings),
    st.builds(
        CorrectObservation,
        st.just(PROJECT),
        st.just(RIDERS),
        st.integers(0, 4),
        readings,
        st.just("why"),
    ),
    st.builds(VerifyObservation, st.just(PROJECT), st.just(RIDERS), st.integers(0, 4)),
)


@drawn(st.lists(st.tuples(commands, people), max_size=25))
def test_a_corrected_observations_history_is_whole(
    asked: list[tuple[IndicatorCommand, ActorId]],
) -> None:
    """Whatever is asked in whatever order, what was once seen can be told from the facts."""
    facts = Facts(signed=True, planned=INDICATOR, days=PLAN.monitored, started_on=STARTS)
    log: list[IndicatorEvent] = [IndicatorDefined(PROJECT, RIDERS, INDICATOR, PLAN.monitored)]
    for command, who in asked:
        with suppress(DomainError):
            log += DECIDER.decide(
                command, Act(who, Role.OFFICER, IN_2026), DECIDER.fold(log), facts
            )
    told: dict[int, list[Reading]] = {}
    hands: dict[int, set[ActorId]] = {}
    for event in log:
        match event:
            case ObservationRecorded(number=number, reading=seen, by=by):
                assert number == len(told) + 1
                told[number], hands[number] = [seen], {by}
            case ObservationCorrected(number=number, before=before, after=after, by=by):
                assert before == told[number][-1] != after
                told[number].append(after)
                hands[number].add(by)
            case ObservationVerified(number=number, by=by):
                assert by not in hands[number]
            case _:
                pass
    observations = DECIDER.fold(log).observations
    assert [list(observation.readings) for observation in observations] == list(told.values())
    now = [(o.now.period, o.now.dimensions) for o in observations]
    assert len(set(now)) == len(now)


@drawn(readings, readings)
def test_the_second_of_two_numbers_stands_only_beside_the_first(
    one: Reading, other: Reading
) -> None:
    facts = (*without(OBSERVED, OBSERVED[-1]), observed(1, one))
    answer = given(*facts).when(replace(RECORD, reading=other), at=IN_2026)
    if one.dimensions == other.dimensions and one.period.overlaps(other.period):
        answer.refused("period-overlap")
    else:
        assert answer.refusal is None
    assert Y2025.holds(one.period)
    assert one.evidence == (DIGEST,)
