"""Rules of selection: ranked whole, proposed in order or with a reason, approved by another."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from core.applications.events import ApplicationWithdrawn, ClarificationRequested
from core.calls.events import CallCancelled, StageLocked
from core.evaluations.events import (
    ConflictKind,
    EvaluationInvalidated,
    EvaluationLocked,
    EvaluationReopened,
    EvaluatorRecused,
    ReopeningRequested,
    ScoreRevised,
)
from core.ranking import ALGORITHM, Standing
from core.selection.commands import (
    ApproveSelection,
    ComputeRanking,
    ConfirmQuorum,
    ConvenePanel,
    NotifyOutcomes,
    PromoteReserve,
    ProposeSelection,
    RevokeSelection,
    SelectionCommand,
)
from core.selection.events import (
    ApplicationQuorum,
    Outcome,
    OutcomesNotified,
    PanelConvened,
    QuorumConfirmed,
    RankingComputed,
    SelectionApproved,
    SelectionRevoked,
)
from core.vocabulary import ActorId, CityId, EvaluatorId, FrameworkRef, StageId
from tests.scenes import (
    ADVANCED,
    APPLICANTS,
    CALL,
    CHAIR,
    COLOMBO,
    CONVENED,
    DOCUMENT,
    FIT,
    KIM,
    LEE,
    LIMA,
    LOCKED,
    PHNOM_PENH,
    RANKED,
    SCORED,
    SCORING,
    SSP,
    Facts,
    app,
    declared,
    proposed,
    ranked,
    scored,
    select,
)
from tests.stories import MANAGER, NOON, OFFICER, given

D = Decimal

PARK = EvaluatorId(ActorId("ev-park"))
QUORUM = QuorumConfirmed(
    CALL, DOCUMENT, 2, tuple(ApplicationQuorum(app(c), 2) for c in sorted(APPLICANTS))
)
PROPOSED = proposed(RANKED, select(LIMA), select(PHNOM_PENH))
APPROVE = ApproveSelection(CALL, DOCUMENT)


def convene(*evaluators: EvaluatorId, chair: str = CHAIR) -> ConvenePanel:
    return ConvenePanel(CALL, DOCUMENT, evaluators, ActorId(chair))


def revised(city: CityId, after: int) -> ScoreRevised:
    return ScoreRevised(app(city), KIM, DOCUMENT, FIT, D(80), D(after), "a slip")


# The panel and its quorum


def test_a_panel_of_appointed_evaluators_is_convened_once() -> None:
    panel = PanelConvened(CALL, DOCUMENT, (KIM, LEE), CHAIR)
    given(*SCORING).when(convene(KIM, LEE)).then(panel)
    given(*SCORING, panel).when(convene(KIM, LEE)).refused(
        "panel-convened", field="stage", value=DOCUMENT
    )


def test_a_panel_has_a_quorum_of_different_evaluators_and_a_chair() -> None:
    given(*SCORING).when(convene(KIM, KIM)).refused("panel-too-small", field="evaluators", value=1)
    given(*SCORING).when(convene(KIM, PARK)).refused(
        "not-appointed", field="evaluators.1", value=PARK
    )
    given(*SCORING).when(convene(KIM, LEE, chair="")).refused("empty-text", field="chair")


def test_the_quorum_is_confirmed_with_what_counts_for_each_application() -> None:
    given(*LOCKED).when(ConfirmQuorum(CALL, DOCUMENT)).then(QUORUM)


def test_there_is_no_quorum_of_a_panel_that_was_not_convened() -> None:
    unconvened = tuple(fact for fact in LOCKED if fact != CONVENED)
    given(*unconvened).when(ConfirmQuorum(CALL, DOCUMENT)).refused(
        "panel-not-convened", field="stage", value=DOCUMENT
    )


def test_the_quorum_is_counted_after_the_stage_was_locked() -> None:
    given(*SCORED).when(ConfirmQuorum(CALL, DOCUMENT)).refused(
        "stage-not-locked", field="stage", value=DOCUMENT
    )


def test_a_stage_without_applications_has_no_quorum() -> None:
    withdrawn = (ApplicationWithdrawn(app(c), "a new mayor") for c in APPLICANTS)
    given(*LOCKED, *withdrawn).when(ConfirmQuorum(CALL, DOCUMENT)).refused(
        "no-applications", field="stage", value=DOCUMENT
    )


@pytest.mark.parametrize(
    "loss",
    [
        EvaluatorRecused(KIM, app(LIMA), "cousin"),
        declared(KIM, ConflictKind.FAMILY, app(LIMA)),
        EvaluationInvalidated(app(LIMA), KIM, DOCUMENT, "written by another"),
    ],
    ids=["recusal", "interest", "invalidation"],
)
def test_a_quorum_is_lost_by_a_recusal_an_interest_or_an_invalidation(
    loss: EvaluatorRecused,
) -> None:
    given(*LOCKED, loss).when(ConfirmQuorum(CALL, DOCUMENT)).refused(
        "quorum-missing", field="stage", value="ssp-2024:PELIM has 1", rule="needs 2 evaluations"
    )


def test_a_withdrawn_application_needs_no_quorum() -> None:
    facts = (
        *LOCKED,
        ApplicationWithdrawn(app(LIMA), "a new mayor"),
        EvaluatorRecused(KIM, app(LIMA), "cousin"),
    )
    quorum = given(*facts).when(ConfirmQuorum(CALL, DOCUMENT)).only(QuorumConfirmed)
    assert [a.application_id for a in quorum.applications] == [app(PHNOM_PENH), app(COLOMBO)]


# The ranking


def test_a_ranking_says_everything_that_it_rested_on() -> None:
    ranking = given(*LOCKED, QUORUM).when(ComputeRanking(CALL, DOCUMENT)).only(RankingComputed)
    assert ranking.position == len(LOCKED)
    assert ranking.framework == FrameworkRef(SSP, 1)
    assert ranking.algorithm == ALGORITHM
    assert [(line.rank, line.scored.application) for line in ranking.lines] == [
        (1, app(LIMA)),
        (2, app(PHNOM_PENH)),
        (3, app(COLOMBO)),
    ]
    read = {i.stream: i.version for i in ranking.inputs}
    assert read == {
        "framework-ssp": 2,
        "call-ssp-2024": 4,
        "selection-ssp-2024:document": 2,
        "evaluator-ev-kim": 2,
        "evaluator-ev-lee": 2,
        **{f"application-ssp-2024:{c}": 2 for c in APPLICANTS},
        **{f"evaluation-ssp-2024:document:{c}:{e}": 2 for c in APPLICANTS for e in (KIM, LEE)},
    }
    assert all(len(i.leaf) == 64 for i in ranking.inputs)


def test_a_stage_is_ranked_after_it_was_locked_and_its_quorum_confirmed() -> None:
    given(*SCORED).when(ComputeRanking(CALL, DOCUMENT)).refused(
        "stage-not-locked", field="stage", value=DOCUMENT
    )
    given(*LOCKED).when(ComputeRanking(CALL, DOCUMENT)).refused(
        "quorum-not-confirmed", field="stage", value=DOCUMENT
    )


def test_an_application_that_lost_its_quorum_meanwhile_has_no_rank() -> None:
    facts = (*LOCKED, QUORUM, EvaluatorRecused(KIM, app(LIMA), "cousin"))
    ranking = given(*facts).when(ComputeRanking(CALL, DOCUMENT)).only(RankingComputed)
    last = ranking.lines[-1]
    assert (last.scored.application, last.rank) == (app(LIMA), None)
    assert last.scored.standing is Standing.NO_QUORUM


def test_a_ranking_is_computed_anew_until_a_selection_is_approved() -> None:
    facts = (*PROPOSED, revised(COLOMBO, 100))
    ranking = given(*facts).when(ComputeRanking(CALL, DOCUMENT)).only(RankingComputed)
    given(*facts, ranking).when(APPROVE, by=MANAGER).refused("not-proposed")
    given(*ADVANCED).when(ComputeRanking(CALL, DOCUMENT)).refused(
        "already-approved", field="stage", value=DOCUMENT
    )


# Approval


def test_another_person_approves_what_was_proposed() -> None:
    given(*PROPOSED).when(APPROVE, by=MANAGER).then(SelectionApproved(CALL, DOCUMENT, MANAGER))


def test_nobody_approves_their_own_proposal() -> None:
    given(*PROPOSED).when(APPROVE, by=OFFICER).refused(
        "same-person", field="actor", value=OFFICER, rule="another person than its proposer"
    )


def test_whoever_scored_in_the_stage_does_not_approve_its_selection() -> None:
    given(*PROPOSED).when(APPROVE, by=KIM).refused(
        "decider-scored", field="actor", value=KIM, rule="scored in a stage"
    )


def test_a_member_of_the_panel_who_did_not_score_does_not_approve_either() -> None:
    panel = PanelConvened(CALL, DOCUMENT, (KIM, LEE, PARK), CHAIR)
    given(*PROPOSED, panel).when(APPROVE, by=PARK).refused("decider-scored", value=PARK)
    given(*PROPOSED).when(APPROVE, by=PARK).then(SelectionApproved(CALL, DOCUMENT, PARK))


def test_only_what_was_proposed_is_approved_and_once() -> None:
    given(*RANKED).when(APPROVE, by=MANAGER).refused("not-proposed", field="stage", value=DOCUMENT)
    given(*ADVANCED).when(APPROVE, by=MANAGER).refused(
        "already-approved", field="stage", value=DOCUMENT
    )


def test_a_proposal_is_not_approved_once_the_scores_behind_it_changed() -> None:
    given(*PROPOSED, revised(COLOMBO, 100)).when(APPROVE, by=MANAGER).refused(
        "ranking-outdated", field="stage", value=app(COLOMBO), rule="rank the stage anew"
    )


def test_cities_are_told_once_and_only_of_an_approved_selection() -> None:
    notify = NotifyOutcomes(CALL, DOCUMENT)
    told = OutcomesNotified(CALL, DOCUMENT, None)
    given(*ADVANCED).when(notify).then(told)
    given(*PROPOSED).when(notify).refused("not-approved", field="stage", value=DOCUMENT)
    given(*ADVANCED, told).when(notify).refused("already-notified", field="stage", value=DOCUMENT)


def test_cities_are_told_until_when_they_may_appeal_which_lies_ahead() -> None:
    later = NOON + timedelta(days=14)
    given(*ADVANCED).when(NotifyOutcomes(CALL, DOCUMENT, later)).then(
        OutcomesNotified(CALL, DOCUMENT, later)
    )
    given(*ADVANCED).when(NotifyOutcomes(CALL, DOCUMENT, NOON)).refused(
        "appeals-until-past", field="appeals_until", value=NOON
    )


# Revocation


def test_an_approval_is_taken_back_with_a_reason() -> None:
    revoke = RevokeSelection(CALL, DOCUMENT, "an appeal was upheld")
    revoked = SelectionRevoked(CALL, DOCUMENT, MANAGER, "an appeal was upheld")
    given(*ADVANCED).when(revoke, by=MANAGER).then(revoked)
    given(*ADVANCED).when(RevokeSelection(CALL, DOCUMENT, ""), by=MANAGER).refused(
        "empty-text", field="reason"
    )
    for facts in (PROPOSED, (*ADVANCED, revoked)):
        given(*facts).when(revoke, by=MANAGER).refused(
            "not-approved", field="stage", value=DOCUMENT
        )


def test_after_a_revocation_the_stage_is_proposed_and_told_anew() -> None:
    told = OutcomesNotified(CALL, DOCUMENT, None)
    revoked = SelectionRevoked(CALL, DOCUMENT, MANAGER, "an appeal was upheld")
    facts = (*ADVANCED, told, revoked)
    given(*facts).when(APPROVE, by=MANAGER).refused("not-proposed")
    again = (*proposed(facts, select(LIMA)), SelectionApproved(CALL, DOCUMENT, MANAGER))
    given(*again).when(NotifyOutcomes(CALL, DOCUMENT)).then(told)


# Of the stage as a whole

COMMANDS: list[SelectionCommand] = [
    convene(KIM, LEE),
    ConfirmQuorum(CALL, DOCUMENT),
    ComputeRanking(CALL, DOCUMENT),
    ProposeSelection(CALL, DOCUMENT, ()),
    APPROVE,
    NotifyOutcomes(CALL, DOCUMENT),
    PromoteReserve(CALL, DOCUMENT, app(COLOMBO), app(LIMA), "withdrew"),
    RevokeSelection(CALL, DOCUMENT, "an appeal was upheld"),
]


def kind(command: object) -> str:
    return type(command).__name__


@pytest.mark.parametrize(
    ("facts", "command"),
    [
        (RANKED, ProposeSelection(CALL, DOCUMENT, ())),
        (PROPOSED, APPROVE),
        (ADVANCED, RevokeSelection(CALL, DOCUMENT, "an error")),
    ],
    ids=["proposal", "approval", "revocation"],
)
def test_a_selection_is_decided_in_nobody_elses_name(
    facts: Facts, command: SelectionCommand
) -> None:
    """One person could otherwise propose as themselves and approve as another."""
    given(*facts).when(command, by="manager-2", behalf=MANAGER).refused(
        "not-in-own-name", field="on_behalf_of", value=MANAGER
    )
    assert given(*facts).when(command, by=MANAGER, behalf=MANAGER).refusal is None


@pytest.mark.parametrize("command", COMMANDS, ids=kind)
def test_nothing_is_selected_once_a_call_has_ended(command: SelectionCommand) -> None:
    given(*ADVANCED, CallCancelled(CALL, "no budget")).when(command, by=MANAGER).refused(
        "call-ended", field="call_id", value=CALL
    )


@pytest.mark.parametrize("command", COMMANDS, ids=kind)
def test_nothing_is_selected_in_a_stage_that_was_not_announced(command: SelectionCommand) -> None:
    nowhere = StageId("interview")
    moved = replace(command, stage=nowhere)
    given(*ADVANCED).when(moved, by=MANAGER).refused("unknown-stage", field="stage", value=nowhere)


def test_whoever_has_seen_an_older_version_of_the_selection_is_refused() -> None:
    given(*PROPOSED).when(APPROVE, by=MANAGER, seen=3).refused(
        "stale-version", field="expected_version", value=3, rule="it is at version 4"
    )


# What makes a ranking out of date

PROPOSE = ProposeSelection(CALL, DOCUMENT, (select(LIMA), select(PHNOM_PENH)))


@pytest.mark.parametrize(
    ("city", "change"),
    [
        (COLOMBO, revised(COLOMBO, 100)),
        (LIMA, ApplicationWithdrawn(app(LIMA), "a new mayor")),
        (LIMA, EvaluatorRecused(KIM, app(LIMA), "cousin")),
        (LIMA, declared(LEE, ConflictKind.FAMILY, app(LIMA))),
        (LIMA, EvaluationInvalidated(app(LIMA), LEE, DOCUMENT, "written by another")),
    ],
    ids=["revision", "withdrawal", "recusal", "interest", "invalidation"],
)
def test_nothing_is_proposed_on_a_ranking_that_is_outdated(
    city: CityId, change: ScoreRevised
) -> None:
    given(*RANKED, change).when(PROPOSE).refused(
        "ranking-outdated", field="stage", value=app(city), rule="changed since"
    )


REOPENING = (
    ReopeningRequested(app(LIMA), KIM, DOCUMENT, OFFICER, "a slip"),
    EvaluationReopened(app(LIMA), KIM, DOCUMENT, OFFICER, MANAGER),
)


def test_what_does_not_touch_the_scores_leaves_a_ranking_as_it_is() -> None:
    asked = ClarificationRequested(app(LIMA), 1, "Which corridor?")
    closed = EvaluationLocked(app(LIMA), KIM, DOCUMENT)
    answer = given(*RANKED, asked, *REOPENING, closed).when(PROPOSE, at=NOON)
    assert answer.refusal is None


@pytest.mark.parametrize(
    ("facts", "command"),
    [
        (LOCKED, ConfirmQuorum(CALL, DOCUMENT)),
        ((*LOCKED, QUORUM), ComputeRanking(CALL, DOCUMENT)),
        (RANKED, PROPOSE),
        (PROPOSED, APPROVE),
    ],
    ids=["quorum", "ranking", "proposal", "approval"],
)
def test_nothing_rests_on_a_stage_of_which_an_evaluation_is_open_again(
    facts: Facts, command: SelectionCommand
) -> None:
    given(*facts, *REOPENING).when(command, by=MANAGER).refused(
        "evaluation-reopened", field="stage", value="evaluation-ssp-2024:document:PELIM:ev-kim"
    )
    closed = EvaluationLocked(app(LIMA), KIM, DOCUMENT)
    annulled = EvaluationInvalidated(app(LIMA), KIM, DOCUMENT, "written by another")
    assert given(*facts, *REOPENING, closed).when(command, by=MANAGER).refusal is None
    assert (
        "evaluation-reopened"
        not in given(*facts, *REOPENING, annulled).when(command, by=MANAGER).codes
    )


def test_a_new_ranking_makes_up_for_what_changed() -> None:
    changed = (*LOCKED, revised(COLOMBO, 100))
    facts = ranked((*RANKED, *changed[len(LOCKED) :]))
    assert given(*facts).when(PROPOSE).refusal is None


def test_an_evaluation_that_came_in_late_by_a_reopening_outdates_a_ranking() -> None:
    late = scored(COLOMBO, LEE, 80, 80, 70)
    facts = tuple(fact for fact in SCORED if fact != late)
    before = (*facts, StageLocked(CALL, DOCUMENT), QUORUM)
    ranking = given(*before).when(ComputeRanking(CALL, DOCUMENT)).only(RankingComputed)
    given(*before, ranking, late).when(PROPOSE).refused("ranking-outdated", value=app(COLOMBO))


def test_every_outcome_has_a_level_in_the_order_of_ranks() -> None:
    assert [str(o) for o in Outcome] == ["selected", "reserve", "pool", "rejected"]
