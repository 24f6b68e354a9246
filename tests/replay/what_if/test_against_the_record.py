"""A what-if agrees with a log in which what it supposes was recorded from the beginning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import hypothesis
import pytest
from hypothesis import strategies as st

from core.errors import DomainError
from core.evaluations.events import ConflictDeclared, ConflictKind, EvaluatorRecused, ScoreRevised
from core.rubric import Rubric, Trim, TrimTies
from core.selection.commands import Choice, ProposeSelection
from core.selection.events import Outcome, RankingComputed
from core.vocabulary import ApplicationId, CriterionId
from replay.what_if.answer import WhatIf, what_if
from replay.what_if.choosing import EndedBy
from replay.what_if.question import Conflict, NewFloor, NewWeight, Question
from replay.what_if.weights import with_weights
from tests.stories import Answer, given, log_of
from tests.what_if_rounds import CALL, DECISION, NAMES, STAGE, WEIGHED, Told, app, who

D10 = Decimal(10)
WEIGHTS = ((60, 30, 10), (100, 0, 0), (10, 10, 80), (34, 33, 33))


@st.composite
def told(draw: st.DrawFn) -> Told:
    """A round of up to four cities and five evaluators, some of whom revised."""
    cities = "wxyz"[: draw(st.integers(2, 4))]
    evaluators = [f"e{n}" for n in range(draw(st.integers(2, 5)))]
    mark = st.one_of(st.none(), st.integers(5, 10))
    marks = {(c, e): (draw(st.integers(5, 10)), draw(mark), 7) for c in cities for e in evaluators}
    revised = tuple(
        ScoreRevised(
            app(city), who(e), STAGE, CriterionId("need"), Decimal(before[0]), Decimal(after), "why"
        )
        for city, e in draw(st.lists(st.sampled_from(sorted(marks)), max_size=3))
        for before in [marks[city, e]]
        for after in [draw(st.integers(0, 4))]
    )
    amounts = {c: draw(st.sampled_from([100, 150, 200, None])) for c in cities}
    rubric = replace(WEIGHED, quorum=draw(st.integers(1, 2)))
    budget = draw(st.sampled_from([None, 250, 1_000]))
    return Told(marks, amounts, rubric, draw(st.integers(1, 4)), budget, revised)


def weighed(rubric: Rubric, weights: tuple[int, ...]) -> Rubric:
    given_weights = {CriterionId(n): Decimal(w) for n, w in zip(NAMES, weights, strict=True)}
    return with_weights(rubric, {"": given_weights})


@st.composite
def supposed(  # noqa: PLR0911  # one line of the match for each thing that may be supposed
    draw: st.DrawFn,
) -> tuple[Told, Question, Told]:
    """A round, a question about it, and the round in which that is what happened."""
    was = draw(told())
    rubric, aggregation = was.rubric, was.rubric.aggregation
    match draw(st.sampled_from(KINDS)):
        case "evaluator":
            evaluator = who(draw(st.sampled_from(was.evaluators)))
            out = tuple(EvaluatorRecused(evaluator, app(c), "no reason") for c in was.cities)
            return was, Question(drop_evaluators=(evaluator,)), was.but(later=out)
        case "conflict":
            city, name = draw(st.sampled_from(sorted(was.marks)))
            declared = ConflictDeclared(who(name), CALL, ConflictKind.FAMILY, app(city))
            question = Question(conflicts=(Conflict(who(name), app(city)),))
            return was, question, was.but(later=(declared,))
        case "revision":
            if not was.revised:
                return was, Question(), was
            ignored = draw(st.sampled_from(was.revised))
            at = was.decided().index(ignored)
            left = list(was.revised)
            left.remove(ignored)
            return was, Question(ignore_revisions=(at,)), was.but(revised=tuple(left))
        case "weights":
            weights = draw(st.sampled_from(WEIGHTS))
            asked = tuple(NewWeight(n, Decimal(w)) for n, w in zip(NAMES, weights, strict=True))
            return was, Question(weights=asked), was.but(rubric=weighed(rubric, weights))
        case "floor":
            floor = Decimal(draw(st.integers(4, 9)))
            criteria = (replace(rubric.criteria[0], floor=floor), *rubric.criteria[1:])
            question = Question(floors=(NewFloor("need", floor), NewFloor("total", floor * 10)))
            total = replace(aggregation, total_floor=floor * 10)
            changed = replace(rubric, criteria=criteria, aggregation=total)
            return was, question, was.but(rubric=changed)
        case "trim":
            ties = draw(st.sampled_from(TrimTies))
            trim = replace(aggregation, trim=Trim.DROP_HIGH_LOW, trim_ties=ties, trim_from=4)
            question = Question(trim=Trim.DROP_HIGH_LOW, trim_ties=ties, trim_from=4)
            return was, question, was.but(rubric=replace(rubric, aggregation=trim))
        case "quorum":
            quorum = draw(st.integers(1, 4))
            changed = replace(rubric, quorum=quorum)
            return was, Question(quorum=quorum), was.but(rubric=changed)
        case _:
            slots, budget = draw(st.integers(1, 4)), draw(st.integers(1, 600))
            question = Question(slots=slots, budget_krw=budget)
            return was, question, was.but(slots=slots, budget_krw=budget)


KINDS = ("evaluator", "conflict", "revision", "weights", "floor", "trim", "quorum", "limits")


def asked(was: Told, question: Question) -> WhatIf:
    return what_if(log_of(was.decided()), DECISION, question)


@hypothesis.given(supposed())
def test_a_what_if_gives_what_a_log_gives_in_which_it_was_recorded(
    case: tuple[Told, Question, Told],
) -> None:
    was, question, otherwise = case
    answer = asked(was, question)
    assert answer.ranking_replays
    ranking = otherwise.ranked()[-1]
    assert isinstance(ranking, RankingComputed)
    assert [
        (line.application_id, line.after.rank, line.after.total, line.after.standing)
        for line in answer.lines
    ] == [(r.scored.application, r.rank, r.scored.total, r.scored.standing) for r in ranking.lines]
    the_rules_let_through(otherwise, answer)


def the_rules_let_through(otherwise: Told, answer: WhatIf) -> None:
    """Check that what is selected may be proposed without an override, and not one more."""
    best = answer.after
    assert proposed(otherwise, best.selected).refusal is None
    longer = proposed(otherwise, (*best.selected, *best.next_in_line))
    expected = {
        EndedBy.NO_MORE_RANKED: [],
        EndedBy.SLOTS: ["over-slots"],
        EndedBy.TIE: ["over-slots"],
        EndedBy.BUDGET: ["over-budget"],
        EndedBy.AMOUNT_MISSING: ["amount-missing"],
    }
    assert longer.codes == expected[best.ended_by]
    if best.ended_by is EndedBy.TIE:
        one = proposed(otherwise, (*best.selected, best.next_in_line[0]))
        # One of equals may also be more than the budget has, or ask for nobody knows how much.
        assert one.codes in (["out-of-rank-order"], ["over-budget"], ["amount-missing"])


def proposed(round_: Told, selected: tuple[ApplicationId, ...]) -> Answer:
    choices = tuple(Choice(a, Outcome.SELECTED) for a in selected)
    return given(*round_.ranked()).when(ProposeSelection(CALL, STAGE, choices))


@hypothesis.given(told())
def test_a_question_that_supposes_nothing_changes_nothing(was: Told) -> None:
    answer = asked(was, Question())
    assert answer.before == answer.after
    assert (answer.gained, answer.lost, answer.ranks_moved, answer.totals_moved) == ((), (), 0, 0)
    assert all(line.before == line.after for line in answer.lines)


THREE = {
    ("x", "e1"): (9, 9, 9),
    ("x", "e2"): (7, 7, 7),
    ("y", "e1"): (8, 8, 8),
    ("y", "e2"): (8, 8, 7),
}


def test_the_record_is_left_as_it_was_and_later_facts_do_not_come_in() -> None:
    was = Told(THREE)
    facts = was.decided()
    late = ScoreRevised(app("y"), who("e1"), STAGE, CriterionId("need"), Decimal(8), D10, "late")
    log = log_of((*facts, late))
    before = log.rows
    assert what_if(log, DECISION, Question()) == what_if(log_of(facts), DECISION, Question())
    assert log.rows == before
    with pytest.raises(DomainError, match="unknown-revision"):
        what_if(log, DECISION, Question(ignore_revisions=(len(facts),)))


def refusals() -> Iterator[tuple[Question, str, str]]:
    yield Question(drop_evaluators=(who("nobody"),)), "not-evaluated", "drop_evaluators.0"
    yield Question(conflicts=(Conflict(who("e1"), app("q")),)), "not-evaluated", "conflicts.0"
    yield Question(ignore_revisions=(0,)), "unknown-revision", "ignore_revisions"
    yield Question(weights=(NewWeight("beauty", D10),)), "unknown-criterion", "weights.0.criterion"
    yield Question(weights=(NewWeight("need", D10, "v"),)), "unknown-variant", "weights.0.variant"
    yield Question(weights=(NewWeight("need", Decimal(-1)),)), "weight-negative", "weights.0.weight"
    for endless in ("NaN", "1E+999999999", "1E-999999999"):
        asked_weight = NewWeight("need", Decimal(endless))
        yield Question(weights=(asked_weight,)), "weight-negative", "weights.0.weight"
        yield Question(grid=1, spread=Decimal(endless)), "grid-out-of-range", "spread"
    yield Question(weights=(NewWeight("need", Decimal(101)),)), "weights-not-100", "weights"
    twice = (NewWeight("need", D10), NewWeight("need", D10))
    yield Question(weights=twice), "criterion-repeated", "weights.1.criterion"
    yield Question(floors=(NewFloor("beauty", D10),)), "unknown-criterion", "floors.0.criterion"
    yield Question(floors=(NewFloor("need", Decimal(11)),)), "floor-off-scale", "criteria.0.floor"
    yield Question(trim=Trim.DROP_HIGH_LOW, trim_from=2), "trim-leaves-none", ""
    yield Question(quorum=0), "quorum-too-small", "quorum"
    yield Question(slots=0), "no-slots", "slots"
    yield Question(budget_krw=0), "amount-not-positive", "budget_krw"
    yield Question(grid=1_001), "grid-out-of-range", "grid"


@pytest.mark.parametrize(("question", "code", "field"), [*refusals()])
def test_a_question_that_makes_no_sense_is_refused_by_code_and_field(
    question: Question, code: str, field: str
) -> None:
    with pytest.raises(DomainError) as refused:
        asked(Told(THREE), question)
    found = {v.code: v.field for v in refused.value.violations}
    assert found.get(code, "none") == field or (field == "" and code in found)


@pytest.mark.parametrize("name", ["c:s@7", "c:other", "other:s", "c:s@x", "c:s@²"])
def test_what_was_never_decided_cannot_be_supposed_otherwise(name: str) -> None:
    with pytest.raises(DomainError, match="unknown-decision"):
        what_if(log_of(Told(THREE).decided()), name, Question())


def test_people_who_decided_otherwise_than_the_rule_are_named() -> None:
    answer = asked(Told(THREE), Question())
    assert answer.before.selected == (app("x"),)
    [departure] = answer.departures
    assert (departure.application_id, departure.recorded, departure.by_rule) == (
        app("x"),
        Outcome.POOL,
        True,
    )


def test_marks_are_those_of_the_last_revision_that_is_not_ignored() -> None:
    need = CriterionId("need")
    steps = (("9", "5"), ("5", "6"))
    revised = tuple(
        ScoreRevised(app("x"), who("e1"), STAGE, need, Decimal(a), Decimal(b), "why")
        for a, b in steps
    )
    was = Told(THREE, revised=revised)
    first, second = (was.decided().index(event) for event in revised)

    def total(*ignored: int) -> Decimal | None:
        lines = asked(was, Question(ignore_revisions=ignored)).lines
        return next(line.after.total for line in lines if line.application_id == app("x"))

    # Need is worth 40 of 100, and is one of two sheets: a point of ten is worth two.
    assert total() == total(first) == Decimal(74)
    assert total(second) == Decimal(72)
    assert total(first, second) == Decimal(80)
