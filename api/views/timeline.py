"""Timelines over HTTP: what happened to one thing, by whom and why."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.openapi import problems
from api.views.moments import REFUSED, Moment, Viewed, may_read, moment_of
from api.views.paths import ApplicationId, CallId, CityId, EvaluatorId, ProjectId
from api.views.project_status import may_read_own
from projections.timeline.fold import VIEW
from projections.timeline.occasions import Timeline
from projections.timeline.queries import Asked, Of, timeline

router = APIRouter(tags=["views"])

_MOST = 5_000

TimelineMoment = Annotated[Moment, Depends(moment_of(VIEW))]
Start = Annotated[
    int,
    Query(
        alias="from",
        description="The position to begin with: 0, or the `next_position` of an answer.",
        ge=0,
    ),
]
Limit = Annotated[int, Query(description="How many facts to return at most.", ge=1, le=_MOST)]


@router.get(
    "/calls/{call_id}/timeline",
    operation_id="read_timeline_of_call",
    summary="What happened in a call",
    response_model=Viewed[Timeline],
    responses=REFUSED,
    dependencies=[Depends(may_read)],
)
def read_of_call(
    moment: TimelineMoment, call_id: CallId, start: Start = 0, limit: Limit = 500
) -> Response:
    """Return every fact of a call by the command that led to it, in order."""
    return _answer(moment, Asked(Of.CALL, call_id, start, limit))


@router.get(
    "/cities/{city_id}/timeline",
    operation_id="read_timeline_of_city",
    summary="What happened to a city",
    response_model=Viewed[Timeline],
    responses=REFUSED,
    dependencies=[Depends(may_read)],
)
def read_of_city(
    moment: TimelineMoment, city_id: CityId, start: Start = 0, limit: Limit = 500
) -> Response:
    """Return every fact about a city, its applications and projects, in order."""
    return _answer(moment, Asked(Of.CITY, city_id, start, limit))


@router.get(
    "/applications/{application_id}/timeline",
    operation_id="read_timeline_of_application",
    summary="What happened to an application",
    response_model=Viewed[Timeline],
    responses=REFUSED,
    dependencies=[Depends(may_read)],
)
def read_of_application(
    moment: TimelineMoment, application_id: ApplicationId, start: Start = 0, limit: Limit = 500
) -> Response:
    """Return every fact about an application, and those of its call that bear on it."""
    return _answer(moment, Asked(Of.APPLICATION, application_id, start, limit))


@router.get(
    "/evaluators/{evaluator_id}/timeline",
    operation_id="read_timeline_of_evaluator",
    summary="What an evaluator was appointed to, declared and scored",
    response_model=Viewed[Timeline],
    responses=REFUSED,
    dependencies=[Depends(may_read)],
)
def read_of_evaluator(
    moment: TimelineMoment, evaluator_id: EvaluatorId, start: Start = 0, limit: Limit = 500
) -> Response:
    """Return every fact about an evaluator, in order."""
    return _answer(moment, Asked(Of.EVALUATOR, evaluator_id, start, limit))


@router.get(
    "/projects/{project_id}/timeline",
    operation_id="read_timeline_of_project",
    summary="What happened in a project",
    response_model=Viewed[Timeline],
    responses={**REFUSED, **problems("not-own-city")},
    dependencies=[Depends(may_read_own)],
)
def read_of_project(
    moment: TimelineMoment, project_id: ProjectId, start: Start = 0, limit: Limit = 500
) -> Response:
    """Return every fact about a project and its monitoring, in order."""
    return _answer(moment, Asked(Of.PROJECT, project_id, start, limit))


def _answer(moment: Moment, asked: Asked) -> Response:
    return moment.answer(lambda connection, as_of: timeline(connection, as_of, asked))
