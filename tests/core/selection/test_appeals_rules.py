"""Rules of appeals: filed in time, heard by people apart, answered once, and what follows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.calls.commands import ConcludeCall
from core.calls.events import CallCancelled, CallConcluded
from core.evaluations.commands import (
    AssignEvaluator,
    InvalidateEvaluation,
    ReviseScore,
    SubmitScores,
)
from core.evaluations.events import (
    EvaluationInvalidated,
    EvaluatorAppointed,
    EvaluatorAssigned,
    ScoresSubmitted,
)
from core.selection.commands import (
    AdmitAppeal,
    AppealCommand,
    DecideAppeal,
    FileAppeal,
    OrderReEvaluation,
    ProposeSelection,
    RevokeSelection,
)
from core.selection.events import (
    AppealAdmitted,
    AppealDecided,
    AppealFiled,
    OutcomesNotified,
    PanelConvened,
    RankingComputed,
    ReEvaluationOrdered,
    SelectionRevoked,
    Verdict,
)
from core.vocabulary import ActorId, EvaluatorId, StageId
from tests.scenes import (
    ADVANCED,
    CALL,
    COLOMBO,
    DIGEST,
    DOCUMENT,
    FINAL,
    FINAL_APPROVED,
    FIT,
    KIM,
    LEE,
    LIMA,
    TOKYO,
    Facts,
    app,
    declared,
    marks,
    ranked,
)
from tests.stories import MANAGER, NOON, OFFICER, given

D1 = timedelta(days=1)
UNTIL = NOON + 14 * D1
DIRECTOR, OMBUDSMAN = ActorId("director-1"), ActorId("ombudsman-1")
PARK = EvaluatorId(ActorId("ev-park"))
GROUNDS = "The second annex was not read"

TOLD: Facts = (*ADVANCED, OutcomesNotified(CALL, DOCUMENT, UNTIL))
FILED: Facts = (*TOLD, AppealFiled(app(COLOMBO), DOCUMENT, GROUNDS, ()))
ADMITTED: Facts = (*FILED, AppealAdmitted(app(COLOMBO), DOCUMENT, DIRECTOR))
UPHELD: Facts = (
    *ADMITTED,
    AppealDecided(app(COLOMBO), DOCUMENT, Verdict.UPHELD, (OMBUDSMAN,), "It was not read"),
)
ORDERED: Facts = (
    *UPHELD,
    ReEvaluationOrdered(app(COLOMBO), DOCUMENT, (LEE,), DIRECTOR, "LEE did not read it"),
)
FILE = FileAppeal(app(COLOMBO), DOCUMENT, GROUNDS, (DIGEST,))
ADMIT = AdmitAppeal(app(COLOMBO), DOCUMENT)
ORDER = OrderReEvaluation(app(COLOMBO), DOCUMENT, (LEE,), "LEE did not read it")


def answer(
    verdict: Verdict = Verdict.UPHELD, *heard_by: str, reason: str = "It was not read"
) -> DecideAppeal:
    people = tuple(ActorId(p) for p in heard_by) or (OMBUDSMAN,)
    return DecideAppeal(app(COLOMBO), DOCUMENT, verdict, people, reason)


# Filing


def test_a_city_that_was_told_its_outcome_appeals_once_with_grounds() -> None:
    given(*TOLD).when(FILE).then(AppealFiled(app(COLOMBO), DOCUMENT, GROUNDS, (DIGEST,)))
    given(*FILED).when(FILE).refused("already-appealed", field="application_id", value=app(COLOMBO))
    given(*TOLD).when(FileAppeal(app(COLOMBO), DOCUMENT, " ")).refused(
        "empty-text", field="grounds"
    )
    given(*TOLD).when(FileAppeal(app(COLOMBO), DOCUMENT, GROUNDS, ("x",))).refused(
        "malformed-digest", field="documents.0", value="x"
    )


def test_an_appeal_is_taken_until_the_moment_that_cities_were_told() -> None:
    given(*TOLD).when(FILE, at=UNTIL - timedelta(microseconds=1)).only(AppealFiled)
    given(*TOLD).when(FILE, at=UNTIL).refused(
        "appeal-late", field="occurred_at", value=UNTIL, rule=f"until {UNTIL}"
    )
    unappealable = (*ADVANCED, OutcomesNotified(CALL, DOCUMENT, None))
    given(*unappealable).when(FILE).refused("appeal-late", rule="no appeals are taken")


def test_there_is_nothing_to_appeal_before_cities_were_told_nor_for_who_had_no_outcome() -> None:
    given(*ADVANCED).when(FILE).refused("not-decided", field="application_id", value=app(COLOMBO))
    given(*TOLD).when(FileAppeal(app(TOKYO), DOCUMENT, GROUNDS)).refused(
        "not-decided", field="application_id", value=app(TOKYO)
    )
    given(*TOLD).when(FileAppeal(app(COLOMBO), FINAL, GROUNDS)).refused("not-decided")


def test_an_appeal_stays_possible_when_the_selection_is_revoked_for_another_one() -> None:
    revoked = SelectionRevoked(CALL, DOCUMENT, MANAGER, "an appeal was upheld")
    given(*TOLD, revoked).when(FILE).only(AppealFiled)


# Hearing


def test_an_appeal_is_admitted_once_by_someone_apart() -> None:
    given(*FILED).when(ADMIT, by=DIRECTOR).then(AppealAdmitted(app(COLOMBO), DOCUMENT, DIRECTOR))
    given(*ADMITTED).when(ADMIT, by=DIRECTOR).refused("already-admitted")


@pytest.mark.parametrize(
    "command", [ADMIT, answer(), ORDER], ids=["admit", "decide", "order-re-evaluation"]
)
def test_whoever_scored_proposed_or_approved_has_no_part(command: AppealCommand) -> None:
    panel = PanelConvened(CALL, DOCUMENT, (KIM, PARK), DIRECTOR)
    for facts, by, code in (
        (UPHELD, KIM, "heard-by-scorer"),
        ((*UPHELD, panel), PARK, "heard-by-scorer"),
        (UPHELD, OFFICER, "heard-by-decider"),
        (UPHELD, MANAGER, "heard-by-decider"),
    ):
        given(*facts).when(command, by=by).refused(code, field="actor", value=by)


@pytest.mark.parametrize(
    "command", [ADMIT, answer(), ORDER], ids=["admit", "decide", "order-re-evaluation"]
)
def test_nobody_lends_their_name_to_a_hearing(command: AppealCommand) -> None:
    given(*UPHELD).when(command, by=DIRECTOR, behalf=OMBUDSMAN).refused(
        "not-in-own-name", field="on_behalf_of", value=OMBUDSMAN
    )


def test_nobody_hears_an_appeal_who_scored_or_decided() -> None:
    given(*ADMITTED).when(answer(Verdict.UPHELD, OMBUDSMAN, LEE), by=DIRECTOR).refused(
        "heard-by-scorer", field="heard_by.1", value=LEE
    )
    given(*ADMITTED).when(answer(Verdict.REJECTED, MANAGER), by=DIRECTOR).refused(
        "heard-by-decider", field="heard_by.0", value=MANAGER
    )
    nobody = DecideAppeal(app(COLOMBO), DOCUMENT, Verdict.REJECTED, (), "no")
    given(*ADMITTED).when(nobody, by=DIRECTOR).refused("nobody-heard", field="heard_by")


@pytest.mark.parametrize("verdict", [Verdict.UPHELD, Verdict.REJECTED])
def test_an_appeal_is_heard_after_it_was_admitted(verdict: Verdict) -> None:
    given(*FILED).when(answer(verdict), by=DIRECTOR).refused(
        "not-admitted", field="verdict", value=verdict
    )
    given(*ADMITTED).when(answer(verdict), by=DIRECTOR).then(
        AppealDecided(app(COLOMBO), DOCUMENT, verdict, (OMBUDSMAN,), "It was not read")
    )


def test_an_appeal_without_grounds_is_answered_without_a_hearing() -> None:
    given(*FILED).when(answer(Verdict.INADMISSIBLE), by=DIRECTOR).only(AppealDecided)
    given(*ADMITTED).when(answer(Verdict.INADMISSIBLE), by=DIRECTOR).refused("already-admitted")


@pytest.mark.parametrize("facts", [FILED, ADMITTED])
def test_an_appeal_can_be_withdrawn_until_it_is_answered(facts: Facts) -> None:
    given(*facts).when(answer(Verdict.WITHDRAWN), by=DIRECTOR).only(AppealDecided)


def test_an_appeal_is_answered_once_and_with_a_reason() -> None:
    given(*ADMITTED).when(answer(reason=""), by=DIRECTOR).refused("empty-text", field="reason")
    given(*UPHELD).when(answer(), by=DIRECTOR).refused("appeal-answered")
    given(*UPHELD).when(ADMIT, by=DIRECTOR).refused("appeal-answered")


# What follows


def test_a_re_evaluation_annuls_scores_that_count_after_an_appeal_was_upheld() -> None:
    given(*UPHELD).when(ORDER, by=DIRECTOR).then(
        ReEvaluationOrdered(app(COLOMBO), DOCUMENT, (LEE,), DIRECTOR, "LEE did not read it")
    )
    given(*ADMITTED).when(ORDER, by=DIRECTOR).refused("not-upheld")
    given(*ORDERED).when(ORDER, by=DIRECTOR).refused("already-ordered")
    for annulled, code in (((), "nothing-annulled"), ((LEE, PARK), "not-evaluated")):
        order = OrderReEvaluation(app(COLOMBO), DOCUMENT, annulled, "why")
        given(*UPHELD).when(order, by=DIRECTOR).refused(code)


def test_scores_that_were_annulled_already_cannot_be_annulled_again() -> None:
    gone = EvaluationInvalidated(app(COLOMBO), LEE, DOCUMENT, "annulled")
    given(*UPHELD, gone).when(ORDER, by=DIRECTOR).refused(
        "not-evaluated", field="annulled.0", value=LEE
    )


def test_another_evaluator_scores_though_the_stage_is_locked_and_nobody_else_does() -> None:
    newcomer: Facts = (EvaluatorAppointed(PARK, CALL, ()), declared(PARK))
    assign = AssignEvaluator(app(COLOMBO), PARK, DOCUMENT)
    given(*UPHELD, *newcomer).when(assign).refused("stage-locked")
    given(*ORDERED, *newcomer).when(assign).then(EvaluatorAssigned(app(COLOMBO), PARK, DOCUMENT))
    other = AssignEvaluator(app(LIMA), PARK, DOCUMENT)
    given(*ORDERED, *newcomer).when(other).refused("stage-locked")

    facts = (*ORDERED, *newcomer, EvaluatorAssigned(app(COLOMBO), PARK, DOCUMENT))
    sheet = marks(100, 100, 100)
    score = SubmitScores(app(COLOMBO), PARK, DOCUMENT, sheet)
    scored = ScoresSubmitted(app(COLOMBO), PARK, DOCUMENT, sheet, "")
    given(*facts).when(score, by=PARK).then(scored)
    revise = ReviseScore(app(COLOMBO), PARK, DOCUMENT, FIT, marks(100, 90, 100)[1].value, "why")
    given(*facts, scored).when(revise, by=PARK).refused("stage-locked")
    theirs = ReviseScore(app(COLOMBO), KIM, DOCUMENT, FIT, marks(100, 90, 100)[1].value, "why")
    given(*facts).when(theirs, by=KIM).refused("stage-locked")


def test_whose_scores_were_annulled_does_not_score_again() -> None:
    gone = EvaluationInvalidated(app(COLOMBO), LEE, DOCUMENT, "annulled")
    again = SubmitScores(app(COLOMBO), LEE, DOCUMENT, marks(100, 100, 100))
    given(*ORDERED, gone).when(again, by=LEE).refused("evaluation-ended")
    given(*ORDERED, gone).when(AssignEvaluator(app(COLOMBO), LEE, DOCUMENT)).refused(
        "already-assigned"
    )


def test_from_the_order_to_another_outcome_every_step_is_an_ordinary_one() -> None:
    gone = given(*ORDERED).when(
        InvalidateEvaluation(app(COLOMBO), LEE, DOCUMENT, "annulled"), by=DIRECTOR
    )
    revoked = given(*ORDERED).when(
        RevokeSelection(CALL, DOCUMENT, "an appeal was upheld"), by=DIRECTOR
    )
    facts: Facts = (
        *ORDERED,
        *gone.events,
        EvaluatorAppointed(PARK, CALL, ()),
        declared(PARK),
        EvaluatorAssigned(app(COLOMBO), PARK, DOCUMENT),
        ScoresSubmitted(app(COLOMBO), PARK, DOCUMENT, marks(100, 100, 100), ""),
        *revoked.events,
    )
    given(*facts).when(ProposeSelection(CALL, DOCUMENT, ())).refused("ranking-outdated")
    again = ranked(facts)
    ranking = next(f for f in reversed(again) if isinstance(f, RankingComputed))
    assert [line.scored.application for line in ranking.lines][:2] == [app(LIMA), app(COLOMBO)]


# The call waits


def test_a_call_is_concluded_after_every_appeal_has_its_answer_and_none_can_come() -> None:
    told = (*FINAL_APPROVED, OutcomesNotified(CALL, FINAL, UNTIL))
    conclude = ConcludeCall(CALL)
    given(*told).when(conclude, at=UNTIL - D1).refused(
        "appeals-open", field="occurred_at", value=UNTIL - D1
    )
    given(*told).when(conclude, at=UNTIL).then(CallConcluded(CALL))
    filed = (*told, AppealFiled(app(COLOMBO), DOCUMENT, GROUNDS, ()))
    given(*filed).when(conclude, at=UNTIL).refused(
        "appeals-pending", field="call_id", value=app(COLOMBO)
    )
    rejected = AppealDecided(app(COLOMBO), DOCUMENT, Verdict.INADMISSIBLE, (DIRECTOR,), "no")
    given(*filed, rejected).when(conclude, at=UNTIL).then(CallConcluded(CALL))


@pytest.mark.parametrize("command", [FILE, ADMIT, answer(), ORDER])
def test_nothing_is_appealed_once_a_call_has_ended(command: AppealCommand) -> None:
    given(*ADMITTED, CallCancelled(CALL, "no budget")).when(command, by=DIRECTOR).refused(
        "call-ended", field="application_id", value=app(COLOMBO)
    )


@pytest.mark.parametrize("command", [ADMIT, answer(), ORDER])
def test_what_was_not_filed_is_not_heard(command: AppealCommand) -> None:
    given(*TOLD).when(command, by=DIRECTOR).refused(
        "no-appeal", field="application_id", value=app(COLOMBO)
    )


def test_an_appeal_names_an_application_and_a_stage() -> None:
    given(*TOLD).when(FileAppeal(app(COLOMBO), StageId("a:b"), GROUNDS)).refused(
        "malformed-id", field="stage"
    )
