"""A recommendation is answered, acted upon, and the action checked by another person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from core.decider import Act, Decider
from core.errors import refuse, require
from core.monitoring.commands import (
    AnswerRecommendation,
    CompleteAction,
    IssueRecommendation,
    RecommendationCommand,
    ReturnAction,
    VerifyAction,
)
from core.monitoring.events import (
    ActionCompleted,
    ActionReturned,
    ActionVerified,
    Answer,
    RecommendationAnswered,
    RecommendationEvent,
    RecommendationIssued,
)
from core.vocabulary import ActorId, IndicatorId, MilestoneId, Role, evidence, filled, seoul_day

AUTOMATIC = "auto-"
"""How ids of what follows by itself begin, so that no one else's choice stands in its way."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What a recommendation's facts amount to."""

    issued: bool = False
    answer: Answer | None = None
    completed_by: ActorId | None = None
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules read of the project: whether it is known, and the parts of its plan."""

    known: bool = False
    indicators: tuple[IndicatorId, ...] = ()
    milestones: tuple[MilestoneId, ...] = ()


def decide(
    command: RecommendationCommand, act: Act, state: Recommendation, facts: Facts
) -> Sequence[RecommendationEvent]:
    """Take a recommendation from its issue to the check of what was done."""
    if isinstance(command, IssueRecommendation):
        return [_issue(command, act, state, facts)]
    require(
        state.issued,
        "unknown-recommendation",
        "no such recommendation was issued",
        field="recommendation_id",
        value=command.recommendation_id,
    )
    project, recommendation = command.project_id, command.recommendation_id
    match command:
        case AnswerRecommendation():
            return [_answer(command, state)]
        case CompleteAction(summary=summary, evidence=documents):
            require(
                state.answer in {Answer.ACCEPTED, Answer.PARTLY},
                "not-accepted",
                "only what was accepted, whole or partly, is acted upon",
                field="recommendation_id",
                value=recommendation,
            )
            require(
                state.completed_by is None,
                "action-completed",
                "an action is completed once",
                field="recommendation_id",
                value=recommendation,
            )
            return [
                ActionCompleted(
                    project,
                    recommendation,
                    act.actor,
                    seoul_day(act.at),
                    filled(summary, "summary"),
                    evidence(documents, "evidence"),
                )
            ]
        case ReturnAction(reason=reason):
            _may_check(recommendation, act, state)
            return [ActionReturned(project, recommendation, act.actor, filled(reason, "reason"))]
        case VerifyAction():
            _may_check(recommendation, act, state)
            return [ActionVerified(project, recommendation, act.actor)]
        case _:
            assert_never(command)


def _issue(
    command: IssueRecommendation, act: Act, state: Recommendation, facts: Facts
) -> RecommendationIssued:
    require(
        facts.known,
        "unknown-project",
        "no project follows from this application yet",
        field="project_id",
        value=command.project_id,
    )
    require(
        act.role is Role.SYSTEM or not command.recommendation_id.startswith(AUTOMATIC),
        "reserved-id",
        f"ids that begin with {AUTOMATIC!r} are for recommendations that follow by themselves",
        field="recommendation_id",
        value=command.recommendation_id,
    )
    require(
        not state.issued,
        "already-issued",
        "a recommendation is issued once",
        field="recommendation_id",
        value=command.recommendation_id,
    )
    require(
        command.indicator_id is None or command.indicator_id in facts.indicators,
        "unknown-indicator",
        f"the plan's indicators are {', '.join(facts.indicators)}",
        field="indicator_id",
        value=command.indicator_id,
    )
    require(
        command.milestone is None or command.milestone in facts.milestones,
        "unknown-milestone",
        f"the plan's milestones are {', '.join(facts.milestones)}",
        field="milestone",
        value=command.milestone,
    )
    today = seoul_day(act.at)
    require(
        command.due_on > today,
        "due-in-past",
        f"what is asked for today, {today}, is due later",
        field="due_on",
        value=command.due_on,
    )
    return RecommendationIssued(
        command.project_id,
        command.recommendation_id,
        act.actor,
        filled(command.recommendation, "recommendation"),
        filled(command.addressee, "addressee"),
        command.due_on,
        command.indicator_id,
        command.milestone,
    )


def _answer(command: AnswerRecommendation, state: Recommendation) -> RecommendationAnswered:
    require(
        state.answer is None,
        "already-answered",
        "a recommendation is answered once",
        field="recommendation_id",
        value=command.recommendation_id,
    )
    if command.answer is Answer.REJECTED:
        require(
            not command.action,
            "action-rejected",
            "whoever rejects a recommendation promises no action",
            field="action",
            value=command.action,
        )
    else:
        filled(command.action, "action")
    return RecommendationAnswered(
        command.project_id,
        command.recommendation_id,
        command.answer,
        command.action,
        filled(command.reason, "reason"),
    )


def _may_check(recommendation: str, act: Act, state: Recommendation) -> None:
    if state.completed_by is None:
        refuse(
            "action-not-completed",
            "an action is checked after it was completed",
            field="recommendation_id",
            value=recommendation,
        )
    require(
        not state.verified,
        "already-verified",
        "an action that was verified is settled",
        field="recommendation_id",
        value=recommendation,
    )
    require(
        act.actor != state.completed_by,
        "same-person",
        "an action is checked by another person than completed it",
        field="actor",
        value=act.actor,
    )


def evolve(state: Recommendation, event: RecommendationEvent) -> Recommendation:
    """Fold one fact."""
    match event:
        case RecommendationIssued():
            return replace(state, issued=True)
        case RecommendationAnswered(answer=answer):
            return replace(state, answer=answer)
        case ActionCompleted(by=by):
            return replace(state, completed_by=by)
        case ActionReturned():
            return replace(state, completed_by=None)
        case ActionVerified():
            return replace(state, verified=True)
        case _:
            assert_never(event)


DECIDER: Decider[RecommendationCommand, Recommendation, RecommendationEvent, Facts] = Decider(
    Recommendation(), decide, evolve
)
