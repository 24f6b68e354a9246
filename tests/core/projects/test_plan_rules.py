"""Rules of plans: a plan that can be signed can be watched, and all that is wrong is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from core.errors import DomainError, broken
from core.projects.commands import AgreePlan
from core.projects.plan import Milestone, Plan, Result, sound
from core.results import (
    Baseline,
    Dimension,
    Indicator,
    Period,
    ResultKind,
    Target,
    apart,
)
from core.vocabulary import IndicatorId, MilestoneId, ResultId, Text
from tests.project_scenes import (
    BASELINE,
    BOTH,
    ENDS,
    INDICATOR,
    PLAN,
    PREFERRED,
    PROJECT,
    SPRING,
    STARTS,
    SURVEY,
    TARGETS,
    WOMEN,
    Y2024,
    Y2025,
)
from tests.scenes import DIGEST
from tests.stories import given

DAY = timedelta(days=1)
days = st.dates(date(2024, 1, 1), date(2026, 12, 31))
periods = st.tuples(days, days).map(lambda pair: Period(min(pair), max(pair)))


def with_indicator(changed: Indicator) -> Plan:
    return replace(PLAN, indicators=(changed,))


def with_targets(*targets: Target) -> Plan:
    return with_indicator(replace(INDICATOR, targets=targets))


def with_milestone(changed: Milestone) -> Plan:
    return replace(PLAN, milestones=(*PLAN.milestones, changed))


@pytest.mark.parametrize(
    ("plan", "code", "field"),
    [
        (replace(PLAN, ends_on=STARTS - DAY), "plan-dates", "plan.ends_on"),
        (replace(PLAN, monitored_until=ENDS - DAY), "plan-dates", "plan.ends_on"),
        (replace(PLAN, results=()), "plan-incomplete", "plan.results"),
        (replace(PLAN, milestones=()), "plan-incomplete", "plan.milestones"),
        (replace(PLAN, indicators=()), "plan-incomplete", "plan.indicators"),
        (
            replace(PLAN, results=(*PLAN.results, *PLAN.results)),
            "plan-part-repeated",
            "plan.results.1.id",
        ),
        (
            replace(PLAN, results=(Result(ResultId(""), ResultKind.OUTPUT, Text("x")),)),
            "malformed-id",
            "plan.results.0.id",
        ),
        (with_milestone(PLAN.milestones[0]), "plan-part-repeated", "plan.milestones.2.id"),
        (
            with_milestone(Milestone(MilestoneId("a:b"), Text("x"), ENDS)),
            "malformed-id",
            "plan.milestones.2.id",
        ),
        (
            with_milestone(Milestone(MilestoneId("m"), Text(" "), ENDS)),
            "empty-text",
            "plan.milestones.2.title.en",
        ),
        (
            with_milestone(Milestone(MilestoneId("m"), Text("x"), ENDS + DAY)),
            "milestone-outside",
            "plan.milestones.2.due_on",
        ),
        (
            with_milestone(Milestone(MilestoneId("m"), Text("x"), STARTS - DAY)),
            "milestone-outside",
            "plan.milestones.2.due_on",
        ),
        (
            replace(PLAN, indicators=(INDICATOR, INDICATOR)),
            "plan-part-repeated",
            "plan.indicators.1.id",
        ),
        (
            with_indicator(replace(INDICATOR, id=IndicatorId("a b"))),
            "malformed-id",
            "plan.indicators.0.id",
        ),
        (
            with_indicator(replace(INDICATOR, title=Text(""))),
            "empty-text",
            "plan.indicators.0.title.en",
        ),
        (with_indicator(replace(INDICATOR, unit="")), "empty-text", "plan.indicators.0.unit"),
        (
            with_indicator(replace(INDICATOR, result=ResultId("other"))),
            "unknown-result",
            "plan.indicators.0.result",
        ),
        (
            with_indicator(replace(INDICATOR, baseline=Baseline(2025, Decimal(1)))),
            "baseline-after-start",
            "plan.indicators.0.baseline.year",
        ),
        (
            with_indicator(replace(INDICATOR, baseline=Baseline(0, Decimal(1)))),
            "baseline-after-start",
            "plan.indicators.0.baseline.year",
        ),
        (
            with_indicator(replace(INDICATOR, baseline=replace(BASELINE, value=Decimal("NaN")))),
            "not-a-number",
            "plan.indicators.0.baseline.value",
        ),
        (with_targets(), "no-targets", "plan.indicators.0.targets"),
        (
            with_targets(Target(Y2024, Decimal("1E+15"))),
            "quantity-out-of-range",
            "plan.indicators.0.targets.0.value",
        ),
        (
            with_targets(Target(Y2024, Decimal("1E-10"))),
            "quantity-out-of-range",
            "plan.indicators.0.targets.0.value",
        ),
        (
            with_targets(Target(Period(ENDS, STARTS), Decimal(1))),
            "period-reversed",
            "plan.indicators.0.targets.0.period",
        ),
        (
            with_targets(Target(Period(STARTS - DAY, ENDS), Decimal(1))),
            "period-outside",
            "plan.indicators.0.targets.0.period",
        ),
        (
            with_targets(*TARGETS, Target(SPRING, Decimal(1))),
            "period-overlap",
            "plan.indicators.0.targets.2.period",
        ),
        (
            with_targets(Target(Y2024, Decimal(1), (*WOMEN, *WOMEN))),
            "dimension-repeated",
            "plan.indicators.0.targets.0.dimensions",
        ),
        (
            with_targets(Target(Y2024, Decimal(1), (Dimension("sex", ""),))),
            "empty-text",
            "plan.indicators.0.targets.0.dimensions.0.value",
        ),
        (
            with_targets(Target(Y2024, Decimal(1), (Dimension(" ", "x"),))),
            "empty-text",
            "plan.indicators.0.targets.0.dimensions.0.name",
        ),
    ],
)
def test_a_plan_that_could_not_be_watched_is_refused(plan: Plan, code: str, field: str) -> None:
    given(*PREFERRED).when(AgreePlan(PROJECT, plan, BOTH, DIGEST)).refused(code, field=field)


def test_all_that_is_wrong_with_a_plan_is_named_at_once() -> None:
    plan = replace(
        with_indicator(replace(INDICATOR, unit="", targets=())),
        milestones=(Milestone(SURVEY, Text(""), ENDS + DAY),),
    )
    answer = given(*PREFERRED).when(AgreePlan(PROJECT, plan, BOTH, DIGEST))
    assert answer.codes == ["empty-text", "milestone-outside", "empty-text", "no-targets"]


def test_targets_for_one_period_may_differ_by_breakdown() -> None:
    whole, women = Target(Y2025, Decimal(150)), Target(Y2025, Decimal(75), WOMEN)
    men = replace(women, dimensions=(Dimension("sex", "male"),))
    assert sound(with_targets(whole, women, men)).indicators[0].targets == (whole, women, men)


def test_a_breakdown_is_the_same_in_any_order_of_its_dimensions() -> None:
    one = (Dimension("age", "adults"), *WOMEN)
    other = (*WOMEN, Dimension("age", "adults"))
    plan = with_targets(Target(Y2025, Decimal(1), one), Target(SPRING, Decimal(1), other))
    with pytest.raises(DomainError) as refused:
        sound(plan)
    assert refused.value.code == "period-overlap"


@pytest.mark.uncounted
@drawn(st.from_type(Plan))
def test_whatever_is_proposed_as_a_plan_is_agreed_or_refused_by_name(plan: Plan) -> None:
    refused = broken(sound, plan)
    assert all(violation.field.startswith("plan.") for violation in refused)
    if not refused:
        assert plan.results
        assert plan.milestones
        assert all(indicator.targets for indicator in plan.indicators)


@drawn(one=periods, other=periods)
def test_two_periods_stand_apart_exactly_where_no_day_is_in_both(
    one: Period, other: Period
) -> None:
    shared = {one.start + DAY * n for n in range((one.end - one.start).days + 1)} & {
        other.start + DAY * n for n in range((other.end - other.start).days + 1)
    }
    assert one.overlaps(other) == other.overlaps(one) == bool(shared)
    refused = broken(apart, (one, WOMEN), [(other, WOMEN)], "period")
    assert [violation.code for violation in refused] == ["period-overlap"] * bool(shared)
    assert not broken(apart, (one, WOMEN), [(other, ())], "period")


@drawn(outer=periods, inner=periods)
def test_a_period_holds_another_exactly_where_it_holds_its_first_and_its_last_day(
    outer: Period, inner: Period
) -> None:
    first, last = Period(inner.start, inner.start), Period(inner.end, inner.end)
    assert outer.holds(inner) == (outer.holds(first) and outer.holds(last))
    assert not outer.holds(inner) or outer.overlaps(inner)
