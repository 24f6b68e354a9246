"""What is said of a project as a whole: by its city, by evaluators, and by the calendar."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from core.decider import Act, Decider
from core.errors import DomainError, Violation, broken, refuse, require
from core.monitoring.commands import (
    RateEvaluation,
    Rating,
    ReceiveFeedback,
    ReviewCommand,
    ReviewProgress,
)
from core.monitoring.events import (
    EvaluationRated,
    FeedbackReceived,
    IndicatorBehind,
    IndicatorUnobserved,
    MilestoneMissed,
    Phase,
    RatedCriterion,
    ReviewEvent,
)
from core.monitoring.progress import Known, Watched, reviewed
from core.monitoring.rating import Scheme, overall
from core.monitoring.standard import Standard
from core.vocabulary import ActorId, IndicatorId, digest, evidence, filled, seoul_day, slug

_WEIGHTS = range(1, 101)


@dataclass(frozen=True, slots=True)
class Review:
    """What was said so far."""

    feedback: int = 0
    rated: frozenset[Phase] = frozenset()
    late: Known = field(default_factory=Known)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules read of the project, and the scheme or standard that the command names.

    `scheme` is None where there is none of that id and version; `schemes` names them all.
    `watched` is read for a review of its progress, None before both cities have signed, and
    so is `standard`, None where there is none of that id and version.
    """

    known: bool
    started: bool
    ended: bool
    indicators: tuple[IndicatorId, ...]
    implementers: frozenset[ActorId]
    scheme: Scheme | None
    schemes: tuple[str, ...]
    watched: Watched | None = None
    standard: Standard | None = None


def decide(command: ReviewCommand, act: Act, state: Review, facts: Facts) -> Sequence[ReviewEvent]:
    """Take in feedback and ratings, and find what is late."""
    require(
        facts.known,
        "unknown-project",
        "no project follows from this application yet",
        field="project_id",
        value=command.project_id,
    )
    match command:
        case ReceiveFeedback(project_id=project, indicator_id=indicator, feedback=feedback):
            require(
                indicator is None or indicator in facts.indicators,
                "unknown-indicator",
                f"the plan's indicators are {', '.join(facts.indicators)}",
                field="indicator_id",
                value=indicator,
            )
            number = state.feedback + 1
            return [FeedbackReceived(project, number, indicator, filled(feedback, "feedback"))]
        case RateEvaluation():
            return [_rate(command, state, facts)]
        case ReviewProgress():
            today = seoul_day(act.at)
            return reviewed(command, today, facts.watched, facts.standard, state.late)
        case _:
            assert_never(command)


def _rate(command: RateEvaluation, state: Review, facts: Facts) -> EvaluationRated:
    _in_its_time(command, facts)
    require(
        command.phase not in state.rated or command.reason.strip(),
        "already-rated",
        "a phase is rated anew with a reason only",
        field="reason",
        value=command.phase,
    )
    _raters(command, facts)
    if facts.scheme is None:
        refuse(
            "unknown-scheme",
            f"the rating schemes are {', '.join(facts.schemes)}",
            field="scheme_id",
            value=f"{command.scheme_id} {command.scheme_version}",
        )
    ratings = _complete(facts.scheme, command.ratings)
    found = overall(
        facts.scheme,
        {rating.criterion: rating.grade for rating in ratings},
        {rating.criterion: rating.weight for rating in ratings},
    )
    if found is None:
        refuse(
            "grades-undecided",
            "no row of the scheme's decision table fits these grades",
            field="ratings",
            value=", ".join(f"{rating.criterion} {rating.grade}" for rating in ratings),
        )
    return EvaluationRated(
        command.project_id,
        command.phase,
        facts.scheme.ref,
        command.raters,
        ratings,
        found.grade,
        found.mean,
        found.decided_by,
        digest(command.report, "report"),
        command.reason,
    )


def _in_its_time(command: RateEvaluation, facts: Facts) -> None:
    holds = facts.started if command.phase is Phase.MID_TERM else facts.ended
    require(
        holds,
        "evaluation-too-early",
        "a project is evaluated mid-term once it has started, "
        "and at its end or ex-post once it is completed or cancelled",
        field="phase",
        value=command.phase,
    )


def _raters(command: RateEvaluation, facts: Facts) -> None:
    require(command.raters, "no-raters", "an evaluation has at least one rater", field="raters")
    for i, rater in enumerate(command.raters):
        slug(rater, f"raters.{i}")
        require(
            rater not in facts.implementers,
            "rater-implements",
            "whoever carries a project out does not rate it",
            field=f"raters.{i}",
            value=rater,
        )


def _complete(scheme: Scheme, ratings: Sequence[Rating]) -> tuple[RatedCriterion, ...]:
    """Return the ratings in the scheme's order, or refuse them with all that is wrong."""
    if violations := tuple(_broken(scheme, ratings)):
        raise DomainError(*violations)
    given = {rating.criterion: rating for rating in ratings}
    return tuple(
        RatedCriterion(
            criterion.id,
            criterion.covers,
            given[criterion.id].grade,
            given[criterion.id].weight,
            given[criterion.id].evidence,
            given[criterion.id].comment,
        )
        for criterion in scheme.criteria
    )


def _broken(scheme: Scheme, ratings: Sequence[Rating]) -> Iterator[Violation]:
    wanted = [criterion.id for criterion in scheme.criteria]
    given = [rating.criterion for rating in ratings]
    for i, rating in enumerate(ratings):
        path = f"ratings.{i}"
        if rating.criterion not in wanted:
            rule = f"the scheme's criteria are {', '.join(wanted)}"
            yield Violation("unknown-criterion", rule, f"{path}.criterion", rating.criterion)
        elif given.index(rating.criterion) < i:
            rule = "each criterion is rated once"
            yield Violation("criterion-repeated", rule, f"{path}.criterion", rating.criterion)
        if rating.grade not in {grade.code for grade in scheme.grades}:
            rule = f"the scheme's grades are {', '.join(grade.code for grade in scheme.grades)}"
            yield Violation("off-scale", rule, f"{path}.grade", rating.grade)
        if rating.weight not in (_WEIGHTS if scheme.weighed else {1}):
            rule = "a weight is a whole number from 1 to 100, and 1 where the scheme weighs nothing"
            yield Violation("weight-off-scheme", rule, f"{path}.weight", str(rating.weight))
        yield from broken(evidence, rating.evidence, f"{path}.evidence")
    for criterion in wanted:
        if criterion not in given:
            rule = "every criterion of the scheme is rated"
            yield Violation("criterion-missing", rule, f"ratings.{criterion}")


def evolve(state: Review, event: ReviewEvent) -> Review:
    """Fold one fact."""
    match event:
        case FeedbackReceived(number=number):
            return replace(state, feedback=number)
        case EvaluationRated(phase=phase):
            return replace(state, rated=state.rated | {phase})
        case MilestoneMissed() | IndicatorUnobserved() | IndicatorBehind():
            return replace(state, late=state.late.grown(event))
        case _:
            assert_never(event)


DECIDER: Decider[ReviewCommand, Review, ReviewEvent, Facts] = Decider(Review(), decide, evolve)
