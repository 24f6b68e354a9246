"""An indicator shows how far it has come: last observation against path, target and baseline."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from core.monitoring.events import (
    IndicatorDefined,
    IndicatorRevised,
    ObservationCorrected,
    ObservationVerified,
)
from core.results import Direction, Measure, Period, Target
from core.vocabulary import ActorId, Instant
from projections.moments import About
from projections.project_status.fold import VIEW
from projections.project_status.progress import Progress
from projections.project_status.queries import status_from
from projections.project_status.status import IndicatorStatus
from tests.project_scenes import (
    BASELINE,
    COUNTER,
    DEFINED,
    INDICATOR,
    OBSERVED,
    PLAN,
    PROJECT,
    RIDERS,
    RUNNING,
    SPRING,
    TARGETS,
    WOMEN,
    Y2024,
    Y2025,
    observed,
    reading,
)
from tests.projections.told import Dated, given, on
from tests.scenes import Facts
from tests.stories import MANAGER

MAY, JUNE, JULY = (datetime(2025, month, 1, tzinfo=UTC) for month in (5, 6, 7))
CORRECTED = ObservationCorrected(
    PROJECT, RIDERS, 1, COUNTER, reading("131"), reading("141"), "one machine was left out"
)
VERIFIED = ObservationVerified(PROJECT, RIDERS, 1, ActorId(MANAGER))


def shown(facts: Facts, *more: Dated, effective: Instant | None = None) -> IndicatorStatus:
    rows = given(*facts, *more).rows(VIEW)
    found = status_from(((k, 0, row) for k, row in rows.items()), (), About(JULY, effective))
    assert found is not None
    return found.indicators[0]


def whole(indicator: IndicatorStatus) -> Progress:
    return indicator.progress[0]


def test_before_anything_is_observed_there_is_no_progress() -> None:
    assert shown(RUNNING).status == "planned"
    assert shown(DEFINED).status == "defined"
    assert whole(shown(DEFINED)) == Progress((), None, None, None, None, None)


def test_an_observation_is_held_against_the_path_on_its_last_day() -> None:
    found = whole(shown(OBSERVED))
    # From 130 at the end of 2024 to 150 at the end of 2025, 181 of 365 days on.
    assert found.on_path == Decimal("139.917808219")
    assert found.ahead == Decimal("-8.91780821918")
    assert found.target == TARGETS[1]
    # 131 of the way from 120.5 to 150
    assert found.share == Decimal("35.5932203390")


def test_less_is_more_where_an_indicator_is_to_fall() -> None:
    falling = replace(INDICATOR, direction=Direction.DECREASING)
    facts = (*RUNNING, IndicatorDefined(PROJECT, RIDERS, falling, PLAN.monitored), OBSERVED[-1])
    assert whole(shown(facts)).ahead == Decimal("8.91780821918")


def test_names_have_no_better_or_worse() -> None:
    named = replace(INDICATOR, measure=Measure.NOMINAL)
    facts = (*RUNNING, IndicatorDefined(PROJECT, RIDERS, named, PLAN.monitored), OBSERVED[-1])
    found = whole(shown(facts))
    assert (found.ahead, found.share) == (None, None)
    assert found.on_path == Decimal(130)


def test_the_latest_observation_is_that_of_the_latest_days() -> None:
    early = on(JULY, observed(2, reading("140", Period(date(2024, 7, 1), date(2024, 7, 31)))))
    found = shown(OBSERVED, early)
    latest = whole(found).latest
    assert latest is not None
    assert latest.number == 1
    assert [o.number for o in found.observations] == [1, 2]


def test_a_correction_makes_an_observation_unverified_again() -> None:
    def told(*facts: Dated) -> tuple[Decimal, bool, int]:
        latest = whole(shown(DEFINED, on(MAY, OBSERVED[-1]), *facts)).latest
        assert latest is not None
        return latest.reading.value, latest.verified, latest.corrections

    verified, corrected = on(MAY, VERIFIED), on(JUNE, CORRECTED)
    assert told() == (Decimal(131), False, 0)
    assert told(verified) == (Decimal(131), True, 0)
    assert told(verified, corrected) == (Decimal(141), False, 1)
    assert told(verified, corrected, on(JULY, VERIFIED)) == (Decimal(141), True, 1)


@pytest.mark.parametrize(
    ("effective", "said"),
    [
        (MAY, (Decimal(131), True)),
        (JUNE, (Decimal(141), False)),
        (JULY, (Decimal(141), True)),
    ],
)
def test_a_moment_in_the_world_shows_what_was_said_then(
    effective: Instant, said: tuple[Decimal, bool]
) -> None:
    facts = (on(MAY, OBSERVED[-1]), on(MAY, VERIFIED), on(JUNE, CORRECTED), on(JULY, VERIFIED))
    latest = whole(shown(DEFINED, *facts, effective=effective)).latest
    assert latest is not None
    assert (latest.reading.value, latest.verified) == said


def test_a_breakdown_has_a_path_once_its_first_target_is_due() -> None:
    targets = (*TARGETS, Target(Y2024, Decimal(60), WOMEN), Target(Y2025, Decimal(80), WOMEN))
    revised = IndicatorRevised(PROJECT, RIDERS, BASELINE, BASELINE, TARGETS, targets, "by sex")
    early = observed(1, reading("50", Period(date(2024, 7, 1), date(2024, 7, 31)), *WOMEN))
    late = observed(2, reading("70", SPRING, *WOMEN))
    found = shown((*DEFINED, revised, early))
    assert found.status == "revised"
    assert [p.dimensions for p in found.progress] == [(), WOMEN]
    assert found.progress[1].on_path is None
    later = shown((*DEFINED, revised, early, late)).progress[1]
    # From 60 to 80, 181 of 365 days on.
    assert (later.on_path, later.share) == (Decimal("69.9178082192"), None)
    assert later.ahead == Decimal("0.0821917808219")
