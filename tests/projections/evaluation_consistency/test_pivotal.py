"""A revision is pivotal where the outcome would have been another without it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from core.ranking import Ranked, rank
from core.rubric import Aggregation
from projections.evaluation_consistency.competition import competition
from projections.evaluation_consistency.pivotal import PivotalRevision, pivotal_revisions
from projections.evaluation_consistency.rows import EvaluationRow, MarkAt
from tests.projections.evaluation_consistency.contests import (
    FIRST_OF_MAY,
    contest,
    evaluation,
    rubric,
)

DAY = timedelta(days=1)


def revised(before: int, after: int, position: int = 9, day: int = 1) -> MarkAt:
    at = FIRST_OF_MAY + day * DAY
    return MarkAt("c0", Decimal(after), at, position, first=False, before=Decimal(before), by="y")


def pivotal(
    *rows: EvaluationRow, floor: int | None = None, barred: tuple[str, ...] = ()
) -> tuple[PivotalRevision, ...]:
    of = rubric(aggregation=Aggregation(total_floor=None if floor is None else Decimal(floor)))
    return pivotal_revisions(competition(contest(of, rows, 1, barred), rows, None), rows, None)


A = evaluation("call:a", "x", (6,))


def test_a_revision_that_moves_an_application_over_the_line_is_pivotal() -> None:
    (found,) = pivotal(A, evaluation("call:b", "y", (5,), revised(5, 8)))
    assert (found.application_id, found.evaluator, found.by) == ("call:b", "y", "y")
    assert found.crossed == ("line",)
    assert (found.rank_without, found.rank_with) == (2, 1)
    assert [found.total_without, found.total_with] == [Decimal(50), Decimal(80)]


def test_one_that_moves_it_but_not_over_the_line_is_not() -> None:
    assert pivotal(A, evaluation("call:b", "y", (3,), revised(3, 5))) == ()


def test_one_that_crosses_a_floor_is_pivotal_whatever_the_rank() -> None:
    (found,) = pivotal(A, evaluation("call:b", "y", (5,), revised(5, 3)), floor=40)
    assert found.crossed == ("total",)
    assert (found.rank_without, found.rank_with) == (2, None)


def test_a_revision_that_was_itself_revised_had_no_effect() -> None:
    rows = A, evaluation("call:b", "y", (5,), revised(5, 8), revised(8, 9, 10, 2))
    assert pivotal(*rows) == ()


def test_marks_that_do_not_count_have_no_pivotal_revisions() -> None:
    assert pivotal(A, evaluation("call:b", "y", (5,), revised(5, 8)), barred=("y",)) == ()


def test_what_came_after_the_moment_is_not_looked_at() -> None:
    rows = A, evaluation("call:b", "y", (5,), revised(5, 8))
    of = rubric()
    then = competition(contest(of, rows), rows, FIRST_OF_MAY)
    assert pivotal_revisions(then, rows, FIRST_OF_MAY) == ()


MARK = st.integers(0, 10)


@given(st.lists(st.tuples(MARK, MARK, MARK), min_size=1, max_size=6), st.integers(1, 4))
def test_it_is_pivotal_exactly_where_a_ranking_without_it_comes_out_otherwise(
    given_: list[tuple[int, int, int]], slots: int
) -> None:
    """Against the slow way: rank the whole stage anew without each revision."""
    rows = [
        row
        for n, (one, before, after) in enumerate(given_)
        for row in (
            evaluation(f"call:a{n}", "x", (one,)),
            evaluation(f"call:a{n}", "y", (before,), revised(before, after, n)),
        )
    ]
    of = rubric(aggregation=Aggregation(total_floor=Decimal(30)))
    found = competition(contest(of, rows, slots), rows, None)

    expected: set[str] = set()
    for n, (one, before, _) in enumerate(given_):
        name = f"call:a{n}"
        others = [c for c in found.candidates if c.application != name]
        same = [evaluation(name, "x", (one,)), evaluation(name, "y", (before,))]
        without = competition(contest(of, same, slots), same, None).candidates
        if stands(rank(of, (*others, *without)), name, slots) != stands(found.lines, name, slots):
            expected.add(name)

    assert {p.application_id for p in pivotal_revisions(found, rows, None)} == expected


def stands(lines: tuple[Ranked, ...], name: str, slots: int) -> object:
    line = next(line for line in lines if line.scored.application == name)
    return line.rank is not None and line.rank <= slots, line.scored.floors_missed
