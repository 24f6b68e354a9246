"""Monitoring reads the project's plan, who carries it out, and the scheme that it is rated by."""

from __future__ import annotations

from dataclasses import replace

from core.decider import Act
from core.handlers import progress_standards
from core.handlers.rating_schemes import shipped
from core.handlers.reading import Handler, Reader
from core.monitoring import events, recommendations, reviews, rules
from core.monitoring.commands import (
    DefineIndicator,
    IndicatorCommand,
    IssueRecommendation,
    RateEvaluation,
    RecommendationCommand,
    RecordObservation,
    ReviewCommand,
    ReviewProgress,
)
from core.monitoring.events import IndicatorEvent, RecommendationEvent, ReviewEvent
from core.monitoring.progress import Due, Followed, Watched
from core.projects import events as project_events
from core.projects import rules as projects
from core.vocabulary import IndicatorId, ProjectId, composite, slug


def _project(project_id: str, read: Reader) -> projects.Project:
    return read.one(projects.DECIDER, project_events.stream(project_id))


def _indicators(project: projects.Project) -> tuple[IndicatorId, ...]:
    return tuple(indicator.id for indicator in project.plan.indicators) if project.plan else ()


def _indicator_stream(command: IndicatorCommand) -> str:
    composite(command.project_id, 2, "project_id")
    return events.indicator_stream(command.project_id, slug(command.indicator_id, "indicator_id"))


def _indicator_facts(command: IndicatorCommand, act: Act, read: Reader) -> rules.Facts:
    del act
    if not isinstance(command, DefineIndicator | RecordObservation):
        # What its own stream says is enough: once defined, its project is known.
        return rules.Facts()
    project = _project(command.project_id, read)
    plan = project.plan
    planned = {indicator.id: indicator for indicator in plan.indicators} if plan else {}
    return rules.Facts(
        signed=project.signed is not None,
        planned=planned.get(command.indicator_id),
        days=plan.monitored if plan else None,
        started_on=project.started_on,
    )


INDICATORS: Handler[IndicatorCommand, rules.Monitored, IndicatorEvent, rules.Facts] = Handler(
    rules.DECIDER, _indicator_stream, _indicator_facts
)


def _review_stream(command: ReviewCommand) -> str:
    composite(command.project_id, 2, "project_id")
    return events.project_stream(command.project_id)


def _review_facts(command: ReviewCommand, act: Act, read: Reader) -> reviews.Facts:
    del act
    project = _project(command.project_id, read)
    signed, scheme = project.signed, None
    if isinstance(command, RateEvaluation):
        scheme = shipped().get((command.scheme_id, command.scheme_version))
    facts = reviews.Facts(
        known=project.preferred is not None,
        started=project.started_on is not None,
        ended=project.completed or project.cancelled,
        indicators=_indicators(project),
        implementers=frozenset(i.actor for i in signed.implementers) if signed else frozenset(),
        scheme=scheme,
        schemes=tuple(f"{scheme_id} {version}" for scheme_id, version in shipped()),
    )
    if isinstance(command, ReviewProgress):
        standard = progress_standards.shipped().get((command.standard_id, command.standard_version))
        watched = _watched(command.project_id, project, read)
        return replace(facts, watched=watched, standard=standard)
    return facts


def _watched(project_id: ProjectId, project: projects.Project, read: Reader) -> Watched | None:
    """Read a signed project as it is watched: what of its plan is open, and was observed."""
    plan = project.plan
    if plan is None or project.signed is None:
        return None
    streams = {events.indicator_stream(project_id, i.id): i for i in plan.indicators}
    return Watched(
        plan.starts_on,
        tuple(Due(m.id, m.due_on) for m in project.milestones if m.id not in project.reached),
        tuple(
            Followed(
                state.indicator or streams[stream],
                tuple(observation.now for observation in state.observations),
            )
            for stream, state in read.each(rules.DECIDER, streams).items()
        ),
        rests=project.suspended_on is not None,
        cancelled=project.cancelled,
        completed=project.completed,
    )


REVIEWS: Handler[ReviewCommand, reviews.Review, ReviewEvent, reviews.Facts] = Handler(
    reviews.DECIDER, _review_stream, _review_facts
)


def _recommendation_stream(command: RecommendationCommand) -> str:
    composite(command.project_id, 2, "project_id")
    recommendation = slug(command.recommendation_id, "recommendation_id")
    return events.recommendation_stream(command.project_id, recommendation)


def _recommendation_facts(
    command: RecommendationCommand, act: Act, read: Reader
) -> recommendations.Facts:
    del act
    if not isinstance(command, IssueRecommendation):
        return recommendations.Facts()
    project = _project(command.project_id, read)
    return recommendations.Facts(
        known=project.preferred is not None,
        indicators=_indicators(project),
        milestones=tuple(milestone.id for milestone in project.milestones),
    )


RECOMMENDATIONS: Handler[
    RecommendationCommand,
    recommendations.Recommendation,
    RecommendationEvent,
    recommendations.Facts,
] = Handler(recommendations.DECIDER, _recommendation_stream, _recommendation_facts)
