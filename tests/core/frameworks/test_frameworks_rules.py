"""Rules of frameworks: what may be published, and that it never changes afterwards."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from core.frameworks.commands import DraftFramework, PublishFramework
from core.frameworks.events import FrameworkDrafted, FrameworkPublished, FrameworkSuperseded
from core.groups import CityGroup
from core.rubric import (
    Aggregation,
    Anchor,
    Criterion,
    Missing,
    Points,
    RoundAt,
    Rounding,
    Rubric,
    Scale,
    Trim,
    Variant,
    VariantWeight,
)
from core.vocabulary import CriterionId, FrameworkId, Text
from tests.scenes import CAPACITY, DRAFTED, FIT, NEED, PUBLISHED, RUBRIC, SSP
from tests.stories import given

D = Decimal

NEED_CRITERION, FIT_CRITERION, CAPACITY_CRITERION = RUBRIC.criteria
NAN = D("NaN")


def with_need(**changes: object) -> Rubric:
    need = replace(NEED_CRITERION, **changes)  # type: ignore[arg-type]  # by field name
    return replace(RUBRIC, criteria=(need, FIT_CRITERION, CAPACITY_CRITERION))


def with_aggregation(**changes: object) -> Rubric:
    changed = replace(RUBRIC.aggregation, **changes)  # type: ignore[arg-type]  # by field name
    return replace(RUBRIC, aggregation=changed)


def with_variant(*weights: tuple[CriterionId, int], countries: tuple[str, ...] = ("PE",)) -> Rubric:
    variant = Variant(
        "andes", CityGroup(countries), tuple(VariantWeight(c, D(w)) for c, w in weights)
    )
    return replace(RUBRIC, variants=(variant,))


def test_a_sound_rubric_becomes_the_first_version() -> None:
    given().when(DraftFramework(SSP, RUBRIC)).then(DRAFTED)


def test_a_second_draft_becomes_the_second_version() -> None:
    given(*PUBLISHED).when(DraftFramework(SSP, RUBRIC)).then(FrameworkDrafted(SSP, 2, RUBRIC))


def test_a_framework_needs_an_id_that_can_name_a_stream() -> None:
    odd = FrameworkId("ssp:2024")
    given().when(DraftFramework(odd, RUBRIC)).refused(
        "malformed-id", field="framework_id", value=odd
    )


def test_a_draft_is_published_once() -> None:
    given(DRAFTED).when(PublishFramework(SSP, 1)).then(FrameworkPublished(SSP, 1))
    given(*PUBLISHED).when(PublishFramework(SSP, 1)).refused(
        "already-published", field="version", value=1
    )


@pytest.mark.parametrize("version", [0, 2, -1])
def test_only_a_version_that_was_drafted_can_be_published(version: int) -> None:
    given(DRAFTED).when(PublishFramework(SSP, version)).refused(
        "unknown-version", field="version", value=version
    )


def test_publishing_a_newer_version_supersedes_the_one_before() -> None:
    given(*PUBLISHED, FrameworkDrafted(SSP, 2, RUBRIC)).when(PublishFramework(SSP, 2)).then(
        FrameworkPublished(SSP, 2), FrameworkSuperseded(SSP, 1, 2)
    )


def test_only_the_version_that_holds_is_superseded() -> None:
    second = (FrameworkDrafted(SSP, 2, RUBRIC), FrameworkPublished(SSP, 2))
    facts = (*PUBLISHED, *second, FrameworkSuperseded(SSP, 1, 2), FrameworkDrafted(SSP, 3, RUBRIC))
    given(*facts).when(PublishFramework(SSP, 3)).then(
        FrameworkPublished(SSP, 3), FrameworkSuperseded(SSP, 2, 3)
    )


def test_a_draft_older_than_the_published_version_stays_a_draft() -> None:
    newer = (FrameworkDrafted(SSP, 2, RUBRIC), FrameworkPublished(SSP, 2))
    given(DRAFTED, *newer).when(PublishFramework(SSP, 1)).refused(
        "version-superseded", field="version", value=1
    )


def test_a_newer_draft_does_not_hinder_the_publication_of_an_older_one() -> None:
    given(DRAFTED, FrameworkDrafted(SSP, 2, RUBRIC)).when(PublishFramework(SSP, 1)).then(
        FrameworkPublished(SSP, 1)
    )


def test_weights_that_do_not_sum_to_100_are_refused() -> None:
    given().when(DraftFramework(SSP, with_need(weight=D(41)))).refused(
        "weights-not-100", field="criteria", value=101, rule="sum to 100"
    )


def test_weights_sum_to_100_exactly_and_not_only_nearly() -> None:
    nearly = D("40.00000000000000000000000000000001")
    given().when(DraftFramework(SSP, with_need(weight=nearly))).refused(
        "weights-not-100", field="criteria"
    )


def test_a_rubric_tells_everything_that_is_wrong_at_once() -> None:
    rubric = replace(with_need(weight=D(41), floor=D(50)), quorum=0, tie_breaks=(FIT, NEED))
    assert given().when(DraftFramework(SSP, rubric)).codes == [
        "floor-off-scale",
        "weights-not-100",
        "quorum-too-small",
    ]


ODD = CriterionId("odd")
LOWER_IS_BETTER = Scale(D(5), D(1), D(1))
BROKEN: list[tuple[str, str, str, Rubric]] = [
    ("empty-text", "title.en", " ", replace(RUBRIC, title=Text(" ", "제목"))),
    ("no-criteria", "criteria", "", replace(RUBRIC, criteria=())),
    ("empty-text", "criteria.0.id", "", with_need(id=CriterionId(""))),
    ("criterion-repeated", "criteria.1.id", "fit", with_need(id=FIT)),
    ("criterion-reserved", "criteria.0.id", "total", with_need(id=CriterionId("total"))),
    ("not-a-number", "criteria.0.scale.worst", "NaN", with_need(scale=Scale(NAN, D(5), D(1)))),
    ("not-a-number", "criteria.0.scale.step", "NaN", with_need(scale=Scale(D(0), D(5), NAN))),
    (
        "not-a-number",
        "criteria.0.scale.best",
        "Infinity",
        with_need(scale=Scale(D(0), D("Infinity"), D(1))),
    ),
    ("scale-unsound", "criteria.0.scale", "1 to 1 by 1", with_need(scale=Scale(D(1), D(1), D(1)))),
    ("scale-unsound", "criteria.0.scale", "0 to 5 by 2", with_need(scale=Scale(D(0), D(5), D(2)))),
    (
        "scale-unsound",
        "criteria.0.scale",
        "0 to 5 by -1",
        with_need(scale=Scale(D(0), D(5), D(-1))),
    ),
    ("not-a-number", "criteria.0.scale.best", "NaN", with_need(scale=Scale(D(0), NAN, D(1)))),
    ("scale-unsound", "criteria.0.scale", "0 to 5 by 0", with_need(scale=Scale(D(0), D(5), D(0)))),
    (
        "scale-unsound",
        "criteria.0.scale",
        "0 to 5 by 1E-90",
        with_need(scale=Scale(D(0), D(5), D("1E-90"))),
    ),
    (
        "off-scale",
        "criteria.0.scale.anchors.0",
        "0.5",
        with_need(scale=Scale(D(0), D(5), D(1), (Anchor(D("0.5"), Text("Weak")),))),
    ),
    ("floor-off-scale", "criteria.0.floor", "101", with_need(floor=D(101))),
    ("floor-off-scale", "criteria.0.floor", "NaN", with_need(floor=NAN)),
    ("weight-negative", "criteria", "-40, 40, 20", with_need(weight=D(-40))),
    ("weight-negative", "criteria", "NaN, 40, 20", with_need(weight=NAN)),
    (
        "weights-not-100",
        "variants.0.weights",
        "90",
        with_variant((NEED, 50), (FIT, 20), (CAPACITY, 20)),
    ),
    ("variant-incomplete", "variants.0.weights", "andes", with_variant((NEED, 50), (FIT, 50))),
    (
        "malformed-country",
        "variants.0.group.countries.0",
        "Peru",
        with_variant((NEED, 20), (FIT, 40), (CAPACITY, 40), countries=("Peru",)),
    ),
    ("unknown-criterion", "tie_breaks.1", "odd", replace(RUBRIC, tie_breaks=(NEED, ODD))),
    ("quorum-too-small", "quorum", "0", replace(RUBRIC, quorum=0)),
    ("mixed-directions", "criteria", "", with_need(scale=LOWER_IS_BETTER)),
    (
        "share-of-best-undefined",
        "aggregation.points",
        "of-hundred",
        with_need(scale=LOWER_IS_BETTER),
    ),
    (
        "trim-leaves-none",
        "aggregation.trim_from",
        "2",
        with_aggregation(trim=Trim.DROP_HIGH_LOW, trim_from=2),
    ),
    (
        "rounding-unsound",
        "aggregation.roundings",
        "total to 0",
        with_aggregation(roundings=(Rounding(RoundAt.TOTAL, D(0)),)),
    ),
    (
        "rounding-unsound",
        "aggregation.roundings",
        "total to NaN",
        with_aggregation(roundings=(Rounding(RoundAt.TOTAL, NAN),)),
    ),
    (
        "rounding-unsound",
        "aggregation.roundings",
        "total to 1, total to 0.1",
        with_aggregation(
            roundings=(Rounding(RoundAt.TOTAL, D(1)), Rounding(RoundAt.TOTAL, D("0.1")))
        ),
    ),
    ("not-a-number", "aggregation.total_floor", "NaN", with_aggregation(total_floor=NAN)),
    (
        "na-undefined",
        "criteria.2.na_allowed",
        "capacity",
        with_aggregation(missing=Missing.REFUSE),
    ),
]


@pytest.mark.parametrize(
    ("code", "field", "value", "rubric"), BROKEN, ids=[f"{i}-{b[0]}" for i, b in enumerate(BROKEN)]
)
def test_an_unsound_rubric_is_refused_where_it_is_unsound(
    code: str, field: str, value: str, rubric: Rubric
) -> None:
    given().when(DraftFramework(SSP, rubric)).refused(code, field=field, value=value)


@pytest.mark.parametrize("floor", [60, 85, 100])
def test_a_floor_may_lie_anywhere_within_its_scale(floor: int) -> None:
    rubric = with_need(floor=D(floor))
    given().when(DraftFramework(SSP, rubric)).then(FrameworkDrafted(SSP, 1, rubric))


@pytest.mark.parametrize(("trim", "least"), [(Trim.NONE, 0), (Trim.DROP_HIGH_LOW, 3)])
def test_trimming_begins_with_three_where_there_is_any(trim: Trim, least: int) -> None:
    rubric = with_aggregation(trim=trim, trim_from=least)
    given().when(DraftFramework(SSP, rubric)).then(FrameworkDrafted(SSP, 1, rubric))


def test_a_rubric_on_which_lower_is_better_counts_in_the_unit_of_its_scale() -> None:
    one = Criterion(NEED, Text("Need"), D(100), Scale(D(5), D(1), D("0.1")))
    rubric = Rubric(Text("Lower"), (one,), Aggregation(Points.OF_SCALE))
    given().when(DraftFramework(SSP, rubric)).then(FrameworkDrafted(SSP, 1, rubric))


def test_na_on_a_criterion_that_does_not_count_needs_no_meaning() -> None:
    free = Criterion(ODD, Text("Remark"), D(0), RUBRIC.criteria[0].scale, na_allowed=True)
    counted = replace(CAPACITY_CRITERION, na_allowed=False)
    rubric = replace(
        RUBRIC,
        criteria=(NEED_CRITERION, FIT_CRITERION, counted, free),
        aggregation=Aggregation(missing=Missing.REFUSE),
    )
    given().when(DraftFramework(SSP, rubric)).then(FrameworkDrafted(SSP, 1, rubric))
