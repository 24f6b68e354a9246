"""Rules of reviews: the city is heard, and nobody rates what they carried out."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from core.handlers.rating_schemes import shipped
from core.monitoring.commands import RateEvaluation, Rating, ReceiveFeedback
from core.monitoring.events import EvaluationRated, FeedbackReceived, Phase, RatedCriterion
from core.monitoring.rating import DacCriterion
from core.projects.events import ProjectCancelled
from core.vocabulary import ActorId
from tests.project_scenes import (
    COMPLETED,
    DELAYS,
    ENDS,
    EXPERT,
    IN_2026,
    PREFERRED,
    PROJECT,
    RATER,
    RIDERS,
    RUNNING,
    SIGNED,
)
from tests.scenes import DIGEST, FINAL_APPROVED, Facts
from tests.stories import given

CRITERIA = ("relevance", "coherence", "effectiveness", "efficiency", "impact", "sustainability")


def ratings(*grades: str) -> tuple[Rating, ...]:
    return tuple(
        Rating(criterion, grade, (DIGEST,))
        for criterion, grade in zip(CRITERIA, grades, strict=True)
    )


RATE = RateEvaluation(
    PROJECT, Phase.END, "kfw-six-points", 1, (RATER,), ratings("1", "2", "2", "3", "2", "2"), DIGEST
)
FEEDBACK = ReceiveFeedback(PROJECT, "The new lanes help")


def rated(facts: Facts, command: RateEvaluation) -> EvaluationRated:
    return given(*facts).when(command, at=IN_2026).only(EvaluationRated)


def test_what_the_city_says_is_numbered_and_may_be_about_an_indicator() -> None:
    first = FeedbackReceived(PROJECT, 1, None, "The new lanes help")
    given(*PREFERRED).when(FEEDBACK).then(first)
    about = replace(FEEDBACK, indicator_id=RIDERS)
    assert given(*RUNNING, first).when(about).only(FeedbackReceived).number == 2
    given(*RUNNING).when(replace(FEEDBACK, indicator_id=DELAYS)).refused(
        "unknown-indicator", field="indicator_id", value=DELAYS
    )
    given(*RUNNING).when(replace(FEEDBACK, feedback="\n")).refused("empty-text", field="feedback")


@pytest.mark.parametrize("command", [FEEDBACK, RATE])
def test_nothing_is_said_of_a_project_that_is_not_known(
    command: ReceiveFeedback | RateEvaluation,
) -> None:
    given(*FINAL_APPROVED).when(command).refused(
        "unknown-project", field="project_id", value=PROJECT
    )


def test_a_rating_is_on_record_with_its_scheme_its_grades_and_how_they_were_put_together() -> None:
    event = rated(COMPLETED, RATE)
    assert event == EvaluationRated(
        PROJECT,
        Phase.END,
        shipped()["kfw-six-points", 1].ref,
        (RATER,),
        tuple(
            RatedCriterion(r.criterion, (DacCriterion(r.criterion),), r.grade, 1, (DIGEST,), "")
            for r in RATE.ratings
        ),
        "2",
        Decimal("2.00"),
        "mean",
        DIGEST,
        "",
    )


def test_ratings_are_kept_in_the_order_of_the_scheme() -> None:
    backwards = replace(RATE, ratings=tuple(reversed(RATE.ratings)))
    assert rated(COMPLETED, backwards) == rated(COMPLETED, RATE)


@pytest.mark.parametrize(
    ("facts", "phase"),
    [
        (SIGNED, Phase.MID_TERM),
        (RUNNING, Phase.END),
        (RUNNING, Phase.EX_POST),
    ],
)
def test_a_project_is_not_evaluated_before_its_time(facts: Facts, phase: Phase) -> None:
    given(*facts).when(replace(RATE, phase=phase)).refused(
        "evaluation-too-early", field="phase", value=phase
    )


def test_a_running_project_is_evaluated_mid_term() -> None:
    assert rated(RUNNING, replace(RATE, phase=Phase.MID_TERM)).overall == "2"


def test_a_cancelled_project_is_evaluated_at_its_end() -> None:
    cancelled = ProjectCancelled(PROJECT, ENDS, "the city asked for it")
    assert rated((*RUNNING, cancelled), RATE).overall == "2"


def test_a_phase_is_rated_anew_with_a_reason_only() -> None:
    facts = (*COMPLETED, rated(COMPLETED, RATE))
    given(*facts).when(RATE).refused("already-rated", field="reason", value=Phase.END)
    assert rated(facts, replace(RATE, reason="new figures")).reason == "new figures"
    assert rated(facts, replace(RATE, phase=Phase.EX_POST)).phase is Phase.EX_POST


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"scheme_id": "stars"}, "unknown-scheme", "scheme_id"),
        ({"scheme_version": 2}, "unknown-scheme", "scheme_id"),
        ({"raters": ()}, "no-raters", "raters"),
        ({"raters": (ActorId("a b"),)}, "malformed-id", "raters.0"),
        ({"raters": (RATER, EXPERT)}, "rater-implements", "raters.1"),
        ({"report": "x"}, "malformed-digest", "report"),
        ({"ratings": RATE.ratings[1:]}, "criterion-missing", "ratings.relevance"),
        (
            {"ratings": (*RATE.ratings, Rating("beauty", "1", (DIGEST,)))},
            "unknown-criterion",
            "ratings.6.criterion",
        ),
        (
            {"ratings": (*RATE.ratings, RATE.ratings[0])},
            "criterion-repeated",
            "ratings.6.criterion",
        ),
        ({"ratings": ratings("1", "2", "7", "3", "2", "2")}, "off-scale", "ratings.2.grade"),
        (
            {"ratings": (replace(RATE.ratings[0], evidence=()), *RATE.ratings[1:])},
            "no-evidence",
            "ratings.0.evidence",
        ),
        (
            {"ratings": (replace(RATE.ratings[0], weight=0), *RATE.ratings[1:])},
            "weight-off-scheme",
            "ratings.0.weight",
        ),
        (
            {"ratings": (replace(RATE.ratings[0], weight=101), *RATE.ratings[1:])},
            "weight-off-scheme",
            "ratings.0.weight",
        ),
    ],
)
def test_a_rating_that_its_scheme_does_not_know_is_refused(
    changed: dict[str, Any], code: str, field: str
) -> None:
    given(*COMPLETED).when(replace(RATE, **changed), at=IN_2026).refused(code, field=field)


def test_all_that_is_wrong_with_ratings_is_named_at_once() -> None:
    wrong = (Rating("beauty", "9", ()),)
    answer = given(*COMPLETED).when(replace(RATE, ratings=wrong), at=IN_2026)
    assert answer.codes == [
        "unknown-criterion",
        "off-scale",
        "no-evidence",
        *["criterion-missing"] * 6,
    ]


def test_a_scheme_that_weighs_nothing_takes_no_weights() -> None:
    plain = replace(RATE, scheme_id="plain-four-points", ratings=ratings(*"444444"))
    assert rated(COMPLETED, plain).overall == "4"
    heavy = (replace(plain.ratings[0], weight=2), *plain.ratings[1:])
    given(*COMPLETED).when(replace(plain, ratings=heavy), at=IN_2026).refused(
        "weight-off-scheme", field="ratings.0.weight", value=2
    )
