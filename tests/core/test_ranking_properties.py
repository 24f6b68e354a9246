"""What holds of every ranking, whatever the rubric and the marks."""

from __future__ import annotations

from dataclasses import replace
from decimal import Context, Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from core.groups import CityFacts
from core.ranking import Candidate, Mark, Sheet, Standing, rank, score
from core.rubric import (
    Aggregation,
    Criterion,
    Missing,
    Points,
    RoundAt,
    Rounding,
    RoundMode,
    Rubric,
    Scale,
    Trim,
    TrimTies,
)
from core.vocabulary import ActorId, ApplicationId, CriterionId, EvaluatorId, Text

D = Decimal

SCALES = (
    Scale(D(60), D(100), D(10)),
    Scale(D(0), D(3), D(1)),
    Scale(D(1), D(6), D(1)),
    Scale(D("0"), D("5"), D("0.5")),
    Scale(D("5.0"), D("1.0"), D("0.1")),
)
IDS = tuple(CriterionId(name) for name in "abcd")
WEIGHTS = ((100,), (40, 60), (40, 40, 20), (25, 35, 30, 10), (70, 30, 0))


@st.composite
def roundings(draw: st.DrawFn) -> tuple[Rounding, ...]:
    places = draw(st.lists(st.sampled_from(RoundAt), unique=True))
    steps, modes = st.sampled_from([D(1), D("0.5"), D("0.01")]), st.sampled_from(RoundMode)
    return tuple(Rounding(at, draw(steps), draw(modes)) for at in places)


@st.composite
def rubrics(draw: st.DrawFn, *, trim: bool = True, rounds: bool = True) -> Rubric:
    scale = draw(st.sampled_from(SCALES))
    weights = draw(st.sampled_from(WEIGHTS))
    share = scale.higher_is_better and draw(st.booleans())
    aggregation = Aggregation(
        points=Points.OF_HUNDRED if share else Points.OF_SCALE,
        trim=draw(st.sampled_from(Trim)) if trim else Trim.NONE,
        trim_ties=draw(st.sampled_from(TrimTies)),
        trim_from=draw(st.integers(3, 5)),
        missing=Missing.REWEIGH,
        roundings=draw(roundings()) if rounds else (),
    )
    criteria = tuple(
        Criterion(i, Text(i), D(w), scale, na_allowed=True)
        for i, w in zip(IDS, weights, strict=False)
    )
    breaks = draw(st.lists(st.sampled_from([c.id for c in criteria]), unique=True))
    return Rubric(Text("Any"), criteria, aggregation, tuple(breaks), draw(st.integers(1, 3)))


@st.composite
def sheets(draw: st.DrawFn, rubric: Rubric, evaluator: int, *, na: bool = True) -> Sheet:
    scale = rubric.criteria[0].scale
    low, high = sorted((scale.worst, scale.best))
    steps = st.integers(0, int((high - low) / scale.step))
    marks = st.one_of(st.none(), steps) if na else steps
    given_marks = [draw(marks) for _ in rubric.criteria]
    return Sheet(
        EvaluatorId(ActorId(f"e{evaluator}")),
        tuple(
            Mark(c.id, None if n is None else low + n * scale.step)
            for c, n in zip(rubric.criteria, given_marks, strict=True)
        ),
    )


@st.composite
def candidates(draw: st.DrawFn, rubric: Rubric, name: str, *, na: bool = True) -> Candidate:
    count = draw(st.integers(0 if na else 1, 7))
    found = tuple(draw(sheets(rubric, n, na=na)) for n in range(count))
    return Candidate(ApplicationId(name), CityFacts(""), found)


@st.composite
def rounds(draw: st.DrawFn) -> tuple[Rubric, list[Candidate]]:
    rubric = draw(rubrics())
    names = [f"x{n}" for n in range(draw(st.integers(0, 6)))]
    return rubric, [draw(candidates(rubric, name)) for name in names]


@given(rounds(), st.randoms())
def test_the_ranking_does_not_depend_on_the_order_of_what_it_reads(
    round_: tuple[Rubric, list[Candidate]], random: object
) -> None:
    rubric, found = round_
    shuffled = [replace(c, sheets=c.sheets[::-1]) for c in found]
    shuffle = getattr(random, "shuffle")  # noqa: B009  # hypothesis' own Random
    shuffle(shuffled)
    assert rank(rubric, shuffled) == rank(rubric, found)


@given(rounds())
def test_ranks_agree_with_totals_and_ties_with_equality(
    round_: tuple[Rubric, list[Candidate]],
) -> None:
    rubric, found = round_
    lines = rank(rubric, found)
    assert sorted(line.scored.application for line in lines) == sorted(c.application for c in found)
    placed = [line for line in lines if line.rank is not None]
    assert all(line.scored.standing is Standing.RANKED for line in placed)
    assert lines[: len(placed)] == tuple(placed)
    worst = {c.id: c.scale.worst for c in rubric.criteria}

    def key(index: int) -> list[D]:
        scored = placed[index].scored
        means = {
            m.criterion: worst[m.criterion] if m.mean is None else m.mean for m in scored.means
        }
        assert scored.total is not None
        values = [scored.total, *(means[c] for c in rubric.tie_breaks)]
        return [-v for v in values] if rubric.higher_is_better else values

    keys = [key(index) for index in range(len(placed))]
    for index, line in enumerate(placed):
        assert line.rank == 1 + sum(other < keys[index] for other in keys)
        assert line.tied == (keys.count(keys[index]) > 1)
        assert (line.decided_by == "shared") == line.tied


@st.composite
def scored_alone(draw: st.DrawFn, *, na: bool = True) -> tuple[Rubric, Candidate]:
    rubric = draw(rubrics(trim=False))
    return rubric, draw(candidates(rubric, "x", na=na))


@given(scored_alone())
def test_a_total_lies_within_the_range_of_the_scale(case: tuple[Rubric, Candidate]) -> None:
    rubric, candidate = case
    bare = replace(rubric, aggregation=replace(rubric.aggregation, roundings=()))
    total = score(bare, candidate).total
    scale = rubric.criteria[0].scale
    unit = D(100) / scale.best if rubric.aggregation.points is Points.OF_HUNDRED else D(1)
    low, high = sorted((scale.worst * unit, scale.best * unit))
    slack = D("1E-15")
    assert total is None or low - slack <= total <= high + slack


@given(scored_alone(na=False), st.data())
def test_raising_a_mark_never_lowers_the_total(
    case: tuple[Rubric, Candidate], data: st.DataObject
) -> None:
    rubric, candidate = case
    scale = rubric.criteria[0].scale
    low, high = sorted((scale.worst, scale.best))
    which = data.draw(st.integers(0, len(candidate.sheets) - 1))
    sheet = candidate.sheets[which]
    column = data.draw(st.integers(0, len(sheet.marks) - 1))
    mark = sheet.marks[column]
    assert mark.value is not None
    more = data.draw(st.integers(0, int((high - mark.value) / scale.step)))
    raised = Mark(mark.criterion, mark.value + more * scale.step)
    assert low <= mark.value + more * scale.step <= high
    marks = (*sheet.marks[:column], raised, *sheet.marks[column + 1 :])
    changed = replace(
        candidate,
        sheets=(
            *candidate.sheets[:which],
            replace(sheet, marks=marks),
            *candidate.sheets[which + 1 :],
        ),
    )
    before, after = score(rubric, candidate).total, score(rubric, changed).total
    assert before is not None
    assert after is not None
    assert after >= before


def exactly(rubric: Rubric, candidate: Candidate) -> Fraction | None:
    """Return the total without any rounding, in fractions."""
    totals: list[Fraction] = []
    for sheet in candidate.sheets:
        marks = {m.criterion: m.value for m in sheet.marks}
        weight, points = Fraction(0), Fraction(0)
        for criterion in rubric.criteria:
            mark = marks[criterion.id]
            share = rubric.aggregation.points is Points.OF_HUNDRED
            if mark is not None and criterion.weight:
                weight += Fraction(criterion.weight)
                best = Fraction(criterion.scale.best) if share else Fraction(100)
                points += Fraction(criterion.weight) * Fraction(mark) / best
        if weight:
            totals.append(points * 100 / weight)
    return sum(totals, Fraction(0)) / len(totals) if totals else None


@settings(max_examples=200)
@given(rubrics(trim=False, rounds=False), st.data())
def test_a_total_is_the_exact_one_to_twenty_digits(rubric: Rubric, data: st.DataObject) -> None:
    candidate = data.draw(candidates(rubric, "x"))
    exact, total = exactly(rubric, candidate), score(rubric, candidate).total
    if exact is None:
        assert total is None
    else:
        assert total == Context(prec=20).divide(D(exact.numerator), D(exact.denominator))


@given(rubrics().flatmap(lambda r: st.tuples(st.just(r), candidates(r, "x"), candidates(r, "x"))))
def test_what_was_worked_out_before_changes_no_digit_of_what_is_worked_out_now(
    given_: tuple[Rubric, Candidate, Candidate],
) -> None:
    rubric, then, now = given_
    # Some sheets are those of then, some are new, and some say the same in another spelling.
    spelled = tuple(
        replace(s, marks=tuple(Mark(m.criterion, m.value and m.value * D("1.0")) for m in s.marks))
        for s in then.sheets[2:4]
    )
    mixed = {s.evaluator: s for s in (*now.sheets, *spelled, *then.sheets[:2])}
    now = replace(now, sheets=tuple(mixed.values()))
    before = score(rubric, then)
    assert repr(score(rubric, now, before)) == repr(score(rubric, now))
    assert score(rubric, then, before) == before
