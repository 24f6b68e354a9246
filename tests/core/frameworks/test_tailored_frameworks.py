"""Rules of tailored frameworks: bands that leave no gap, groups that leave totals comparable."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given as any_of
from hypothesis import strategies as st

from core.frameworks.commands import DraftFramework
from core.frameworks.events import FrameworkDrafted
from core.groups import CityFacts, CityGroup
from core.indicators import Band, Banding
from core.ranking import Candidate, Mark, Sheet, score
from core.results import Direction
from core.rubric import Aggregation, Missing, Points, Rubric, Scale, Variant
from core.vocabulary import (
    ActorId,
    ApplicationId,
    EvaluatorId,
    IndicatorId,
    Tier,
)
from tests.scenes import FIT, NEED, SSP
from tests.stories import given
from tests.tailored_scenes import LOW_CAPACITY, MEANS, OF_CITY, RUBRIC, SHARE, D, weighing

NEED_CRITERION, FIT_CRITERION, MEANS_CRITERION, SHARE_CRITERION = RUBRIC.criteria
NAN = D("NaN")


def banded(banding: Banding) -> Rubric:
    means = replace(MEANS_CRITERION, banding=banding)
    return replace(RUBRIC, criteria=(NEED_CRITERION, FIT_CRITERION, means, SHARE_CRITERION))


def bands(*found: Band) -> Rubric:
    return banded(replace(OF_CITY, bands=found))


def grouped(*groups: CityGroup) -> Rubric:
    found = (Variant(f"v{n}", group, weighing(50, 10, 30, 10)) for n, group in enumerate(groups))
    return replace(RUBRIC, variants=tuple(found))


def test_a_tailored_rubric_becomes_a_version() -> None:
    given().when(DraftFramework(SSP, RUBRIC)).then(FrameworkDrafted(SSP, 1, RUBRIC))


ONLY_COMPUTED = replace(
    RUBRIC,
    criteria=(replace(MEANS_CRITERION, weight=D(50)), replace(SHARE_CRITERION, weight=D(50))),
    tie_breaks=(),
    variants=(),
)
OTHER_FIT = replace(FIT_CRITERION, scale=Scale(D(0), D(5), D(1)))
OTHER_SCALE = replace(
    RUBRIC, criteria=(NEED_CRITERION, OTHER_FIT, MEANS_CRITERION, SHARE_CRITERION)
)
SCALED = Aggregation(Points.OF_SCALE, missing=Missing.REWEIGH)
SUMMED = Aggregation(Points.SUM, missing=Missing.REWEIGH)
WORTHLESS = replace(LOW_CAPACITY, weights=weighing(0, 0, 0, 0))
TWIN = replace(LOW_CAPACITY, group=CityGroup(capacities=(3,)))
BROKEN: list[tuple[str, str, str, Rubric]] = [
    (
        "malformed-id",
        "criteria.2.banding.indicator",
        "a b",
        banded(replace(OF_CITY, indicator=IndicatorId("a b"))),
    ),
    ("empty-text", "criteria.2.banding.unit", " ", banded(replace(OF_CITY, unit=" "))),
    ("banding-unsound", "criteria.2.banding.bands", "", bands()),
    ("banding-unsound", "criteria.2.banding.bands", "None", bands(Band(D(60)))),
    (
        "banding-unsound",
        "criteria.2.banding.bands",
        "1, 2",
        bands(Band(D(60), D(1)), Band(D(70), D(2))),
    ),
    ("banding-unsound", "criteria.2.banding.bands", "None, None", bands(Band(D(60)), Band(D(70)))),
    (
        "banding-unsound",
        "criteria.2.banding.bands",
        "None, 5, 5",
        bands(Band(D(90)), Band(D(80), D(5)), Band(D(70), D(5))),
    ),
    (
        "banding-unsound",
        "criteria.2.banding.bands",
        "None, 5, 4",
        bands(Band(D(90)), Band(D(80), D(5)), Band(D(70), D(4))),
    ),
    (
        "banding-unsound",
        "criteria.2.banding.bands",
        "None, NaN",
        bands(Band(D(90)), Band(D(80), NAN)),
    ),
    (
        "not-a-number",
        "criteria.2.banding.bands.1.at_least",
        "NaN",
        bands(Band(D(90)), Band(D(80), NAN)),
    ),
    (
        "quantity-out-of-range",
        "criteria.2.banding.bands.1.at_least",
        "1E+20",
        bands(Band(D(90)), Band(D(80), D("1E20"))),
    ),
    ("off-scale", "criteria.2.banding.bands.1.mark", "65", bands(Band(D(90)), Band(D(65), D(5)))),
    ("off-scale", "criteria.2.banding.bands.0.mark", "NaN", bands(Band(NAN), Band(D(60), D(5)))),
    (
        "banding-against-direction",
        "criteria.2.banding.bands",
        "60, 100",
        bands(Band(D(60)), Band(D(100), D(5))),
    ),
    (
        "banding-against-direction",
        "criteria.2.banding.bands",
        "100, 80, 60",
        banded(replace(OF_CITY, direction=Direction.INCREASING)),
    ),
    (
        "na-excludes-all",
        "criteria.3.na_allowed",
        "share",
        replace(RUBRIC, aggregation=Aggregation(missing=Missing.EXCLUDE_EVALUATION)),
    ),
    ("na-undefined", "criteria.3.na_allowed", "share", replace(RUBRIC, aggregation=Aggregation())),
    ("nothing-to-score", "criteria", "", ONLY_COMPUTED),
    ("group-of-all", "variants.0.group", "", grouped(CityGroup(basis="everyone"))),
    ("empty-text", "variants.0.group.regions.1", "", grouped(CityGroup(regions=("Andes", "")))),
    (
        "capacity-off-scale",
        "variants.0.group.capacities.1",
        "5",
        grouped(CityGroup(capacities=(4, 5))),
    ),
    (
        "variant-ambiguous",
        "variants",
        "v0, v1",
        grouped(CityGroup(("PE", "BO")), CityGroup(("PE",))),
    ),
    (
        "variant-ambiguous",
        "variants",
        "v0, v1",
        grouped(CityGroup(("PE",)), CityGroup(capacities=(1,))),
    ),
    (
        "variant-ambiguous",
        "variants",
        "v0, v2",
        grouped(CityGroup(("PE",)), CityGroup(("BO",)), CityGroup(("PE",), ("Andes",))),
    ),
    (
        "variant-ambiguous",
        "variants",
        "low-capacity, low-capacity",
        replace(RUBRIC, variants=(LOW_CAPACITY, TWIN)),
    ),
    ("empty-text", "variants.0.id", "", replace(RUBRIC, variants=(replace(LOW_CAPACITY, id=""),))),
    ("variant-incomparable", "variants.0.weights", "low-capacity", OTHER_SCALE),
    (
        "variant-incomparable",
        "variants.0.weights",
        "low-capacity",
        replace(OTHER_SCALE, aggregation=SCALED),
    ),
    (
        "weights-not-100",
        "variants.0.weights",
        "0",
        replace(RUBRIC, aggregation=SUMMED, variants=(WORTHLESS,)),
    ),
]


@pytest.mark.parametrize(
    ("code", "field", "value", "rubric"), BROKEN, ids=[f"{i}-{b[0]}" for i, b in enumerate(BROKEN)]
)
def test_an_unsound_tailoring_is_refused_where_it_is_unsound(
    code: str, field: str, value: str, rubric: Rubric
) -> None:
    given().when(DraftFramework(SSP, rubric)).refused(code, field=field, value=value)


@pytest.mark.parametrize(
    "groups",
    [
        (CityGroup(("PE",)), CityGroup(("BO",))),
        (CityGroup(("PE",), capacities=(1,)), CityGroup(("PE",), capacities=(2, 3))),
        (CityGroup(regions=("Andes",)), CityGroup(("KH",), ("Asia",))),
        (CityGroup(tiers=(Tier.READY,)), CityGroup(tiers=(Tier.IMPROVING, Tier.IN_TOUCH))),
    ],
)
def test_groups_that_exclude_each_other_are_sound(groups: tuple[CityGroup, ...]) -> None:
    rubric = grouped(*groups)
    given().when(DraftFramework(SSP, rubric)).then(FrameworkDrafted(SSP, 1, rubric))


def test_marks_that_are_added_up_need_no_weights_of_100() -> None:
    criteria = tuple(replace(c, weight=D(100)) for c in RUBRIC.criteria)
    rubric = replace(RUBRIC, criteria=criteria, aggregation=SUMMED, variants=())
    given().when(DraftFramework(SSP, rubric)).then(FrameworkDrafted(SSP, 1, rubric))
    given().when(DraftFramework(SSP, replace(rubric, variants=(LOW_CAPACITY,)))).refused(
        "variant-incomparable"
    )


GROUP = CityGroup(("PE", "BO"), ("Andes",), (Tier.READY,), (1, 2))


@pytest.mark.parametrize(
    ("city", "belongs"),
    [
        (CityFacts("PE", "Andes", Tier.READY, 2), True),
        (CityFacts("EC", "Andes", Tier.READY, 2), False),
        (CityFacts("PE", "Coast", Tier.READY, 2), False),
        (CityFacts("PE", "Andes", Tier.IN_TOUCH, 2), False),
        (CityFacts("PE", "Andes", None, 2), False),
        (CityFacts("PE", "Andes", Tier.READY, 3), False),
        (CityFacts("PE", "Andes", Tier.READY, None), False),
    ],
)
def test_a_city_belongs_to_a_group_where_all_that_it_asks_for_holds(
    city: CityFacts,
    belongs: bool,  # noqa: FBT001  # a case of the table
) -> None:
    assert GROUP.holds(city) is belongs


FACTS = st.builds(
    CityFacts,
    st.sampled_from(("PE", "BO", "KH")),
    st.sampled_from(("Andes", "Coast")),
    st.none() | st.sampled_from(Tier),
    st.none() | st.integers(1, 4),
)
GROUPS = st.builds(
    CityGroup,
    st.lists(st.sampled_from(("PE", "BO", "KH")), max_size=2).map(tuple),
    st.lists(st.sampled_from(("Andes", "Coast")), max_size=1).map(tuple),
    st.lists(st.sampled_from(Tier), max_size=2).map(tuple),
    st.lists(st.integers(1, 4), max_size=2).map(tuple),
)


@any_of(GROUPS, GROUPS, FACTS)
def test_no_city_belongs_to_two_groups_that_do_not_overlap(
    one: CityGroup, other: CityGroup, city: CityFacts
) -> None:
    assert one.overlaps(other) or not (one.holds(city) and other.holds(city))
    assert not one.asks_nothing or one.holds(city)


@any_of(
    st.lists(st.integers(0, 20), min_size=4, max_size=4).filter(any),
    st.integers(0, 4),
)
def test_equal_shares_of_the_best_give_the_same_total_in_every_group(
    weights: list[int], grade: int
) -> None:
    """What "comparable" means: the group itself is worth nothing."""
    shares = [Fraction(w * 100, sum(weights)) for w in weights]
    whole = [int(share) for share in shares]
    whole[0] += 100 - sum(whole)
    variant = replace(LOW_CAPACITY, weights=weighing(*whole))
    mark = D(60 + 10 * grade)
    judged = tuple(replace(c, banding=None) for c in RUBRIC.criteria)
    rubric = replace(RUBRIC, criteria=judged, quorum=1, variants=(variant,))
    sheet = Sheet(
        EvaluatorId(ActorId("e")), tuple(Mark(c, mark) for c in (NEED, FIT, MEANS, SHARE))
    )
    low, high = (
        score(rubric, Candidate(ApplicationId("x"), CityFacts("PE", capacity=level), (sheet,)))
        for level in (1, 4)
    )
    assert low.total == high.total == mark
