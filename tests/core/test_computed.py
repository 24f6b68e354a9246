"""From figures to marks, and from marks that nobody gave to a total: worked examples by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.computed import computed
from core.errors import DomainError
from core.groups import CityFacts
from core.indicators import Band, Figures
from core.ranking import Candidate, Mark, Sheet, rank, score
from core.rubric import Aggregation, Missing, Points, Trim
from core.vocabulary import ActorId, ApplicationId, EvaluatorId
from tests.scenes import FIT, NEED
from tests.score_sheets import TO_FIVE, kept, rubric
from tests.tailored_scenes import MEANS, OF_CITY, RUBRIC, SHARE, D, own_share, spending

ANY = CityFacts("PE")
FIGURES = Figures((spending("25.4"),), (own_share("20"),))


def candidate(
    *sheets: tuple[int, int], figures: Figures = FIGURES, city: CityFacts = ANY
) -> Candidate:
    return Candidate(
        ApplicationId("x"),
        city,
        tuple(
            Sheet(EvaluatorId(ActorId(f"e{n}")), (Mark(NEED, D(need)), Mark(FIT, D(fit))))
            for n, (need, fit) in enumerate(sheets, 1)
        ),
        figures,
    )


@pytest.mark.parametrize(
    ("value", "mark", "at_least"),
    [
        ("-5", 100, None),
        ("9.999", 100, None),
        ("10", 80, D(10)),
        ("25.4", 80, D(10)),
        ("25.5", 60, D("25.5")),
        ("9E9", 60, D("25.5")),
    ],
)
def test_a_figure_has_the_mark_of_the_band_that_it_lies_in(
    value: str, mark: int, at_least: Decimal | None
) -> None:
    found, _ = computed(RUBRIC, Figures((spending(value),)))
    assert (found.mark, found.at_least) == (D(mark), at_least)
    assert found.figure == spending(value)


@given(st.lists(st.decimals(-1000, 1000), min_size=1, max_size=5, unique=True), st.data())
def test_every_value_lies_in_one_band_and_a_better_one_has_no_worse_mark(
    ends: list[Decimal], data: st.DataObject
) -> None:
    marks = sorted(data.draw(st.lists(st.integers(0, 9), min_size=len(ends) + 1, max_size=9)))
    bands = [Band(D(marks[0])), *(Band(D(m), e) for e, m in zip(sorted(ends), marks[1:]))]  # noqa: B905
    banding = replace(OF_CITY, bands=tuple(bands))
    low, high = sorted((data.draw(st.decimals(-2000, 2000)), data.draw(st.decimals(-2000, 2000))))
    assert banding.band(low).mark <= banding.band(high).mark
    band = banding.band(high)
    above = [b.at_least for b in bands if b.at_least is not None and b.at_least > high]
    assert band.at_least is None or band.at_least <= high
    assert bands.index(band) == len(bands) - 1 - len(above)


def test_the_figure_about_the_latest_day_counts() -> None:
    older, newer = spending("26", date(2021, 12, 31)), spending("3", date(2022, 12, 31))
    for held in ((newer, older), (older, newer)):
        found, _ = computed(RUBRIC, Figures(held))
        assert (found.figure, found.mark) == (newer, D(100))


def test_a_computed_mark_is_weighed_in_every_sheet() -> None:
    """40 x 1 + 40 x .9 + 10 x .8 + 10 x .8 = 92, and 36 + 36 + 8 + 8 = 88: the mean is 90."""
    trace = score(RUBRIC, candidate((100, 90), (90, 90)))
    assert [[w.points for w in s.weighted] for s in trace.sheets] == [
        [40, 36, 8, 8],
        [36, 36, 8, 8],
    ]
    assert [s.total for s in trace.sheets] == [92, 88]
    assert trace.total == 90
    assert {m.criterion: m.mean for m in trace.means}[MEANS] == 80
    assert [(c.criterion, c.mark) for c in trace.computed] == [(MEANS, D(80)), (SHARE, D(80))]


def test_what_evaluators_wrote_on_a_computed_criterion_does_not_count() -> None:
    """Only history could hold it: the rules refuse it."""
    sheet = Sheet(
        EvaluatorId(ActorId("e1")), (Mark(NEED, D(100)), Mark(FIT, D(100)), Mark(MEANS, D(60)))
    )
    odd = replace(candidate(), sheets=(sheet,))
    assert score(RUBRIC, odd).sheets[0].weighted[2].mark == 80


def test_a_computed_mark_moves_no_evaluator_in_trimming() -> None:
    trimmed = replace(
        RUBRIC,
        aggregation=Aggregation(trim=Trim.DROP_HIGH_LOW, trim_from=3, missing=Missing.REWEIGH),
    )
    sheets = ((60, 60), (70, 80), (100, 90), (90, 90))
    totals = {
        kept(score(trimmed, candidate(*sheets, figures=Figures((spending(v),)))))
        for v in ("1", "15", "99")
    }
    assert totals == {"e2 e4"}


def test_a_missing_figure_that_may_be_missing_is_na_and_the_rest_is_weighed_anew() -> None:
    """(40 + 36 + 8) x 100 / 90."""
    trace = score(RUBRIC, candidate((100, 90), figures=Figures((spending("15"),))))
    assert trace.sheets[0].total is not None
    assert trace.sheets[0].total.quantize(D("0.0001")) == D("93.3333")
    assert trace.computed[1].figure is None
    assert trace.computed[1].mark is None


def test_whoever_says_na_to_everything_has_no_total_of_computed_marks() -> None:
    silent = tuple(Mark(c, None) for c in (NEED, FIT))
    sheet = Sheet(EvaluatorId(ActorId("e9")), silent)
    spoken = candidate((100, 90), (90, 90))
    trace = score(RUBRIC, replace(spoken, sheets=(*spoken.sheets, sheet)))
    assert [s.total for s in trace.sheets] == [92, 88, None]
    assert trace.total == 90
    assert not trace.sheets[2].kept


def test_a_ranking_is_refused_with_every_figure_that_it_lacks() -> None:
    bare = candidate((100, 90), figures=Figures())
    other = replace(bare, application=ApplicationId("y"))
    with pytest.raises(DomainError) as refused:
        rank(RUBRIC, [bare, other])
    assert [(v.code, v.field, v.value) for v in refused.value.violations] == [
        ("indicator-missing", "x.means", "planning-budget"),
        ("indicator-missing", "y.means", "planning-budget"),
    ]


def test_a_figure_in_another_unit_is_refused_and_never_converted() -> None:
    won = replace(spending("15"), unit="KRW per head")
    with pytest.raises(DomainError) as refused:
        score(RUBRIC, candidate((100, 90), figures=Figures((won,))))
    assert refused.value.violations[0].code == "wrong-unit"


def test_a_computed_criterion_has_a_floor_and_breaks_ties_as_any_other() -> None:
    need, fit, means, share = RUBRIC.criteria
    strict = replace(RUBRIC, quorum=1, criteria=(need, fit, replace(means, floor=D(70)), share))
    assert score(strict, candidate((90, 90))).floors_missed == ()
    poor = candidate((90, 90), figures=Figures((spending("26"),), (own_share("20"),)))
    assert score(strict, poor).floors_missed == ("means",)


# Marks that are added up


def test_marks_are_added_up_and_a_weight_of_100_counts_one_once() -> None:
    """3.5 + 3 + 1.5 x 4 = 12.5."""
    rule = rubric(100, 100, 150, scale=TO_FIVE, aggregation=Aggregation(Points.SUM))
    sheet = Sheet(
        EvaluatorId(ActorId("e1")),
        tuple(Mark(c.id, D(m)) for c, m in zip(rule.criteria, ("3.5", "3", "4"), strict=True)),
    )
    assert score(rule, Candidate(ApplicationId("x"), ANY, (sheet,))).total == D("12.5")


def test_where_marks_are_added_up_an_na_is_made_up_for_by_the_others() -> None:
    """(3 + 4) x 300 / 200 = 10.5."""
    summed = Aggregation(Points.SUM, missing=Missing.REWEIGH)
    rule = rubric(100, 100, 100, scale=TO_FIVE, aggregation=summed)
    marks = (D(3), None, D(4))
    sheet = Sheet(
        EvaluatorId(ActorId("e1")),
        tuple(Mark(c.id, m) for c, m in zip(rule.criteria, marks, strict=True)),
    )
    assert score(rule, Candidate(ApplicationId("x"), ANY, (sheet,))).total == D("10.5")
