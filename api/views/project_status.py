"""Projects over HTTP: how one stands, and where all of them do."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.access import Resource
from api.commands import allow
from api.openapi import problems
from api.tokens import Authenticated
from api.views.moments import (
    READ_OWN_VIEW,
    REFUSED,
    EffectiveAt,
    Moment,
    Viewed,
    may_read,
    moment_of,
)
from api.views.paths import ProjectId
from projections.project_status.fold import VIEW
from projections.project_status.queries import project_status, projects
from projections.project_status.status import ProjectStatus
from projections.project_status.summary import Projects
from projections.recommendations.fold import VIEW as RECOMMENDATIONS

router = APIRouter(tags=["views"])


def may_read_own(principal: Authenticated, project_id: ProjectId) -> None:
    """Let those pass who read every view, and the focal point of the project's city."""
    allow(principal, READ_OWN_VIEW, Resource(city_id=project_id.partition(":")[2]))


@router.get(
    "/projects",
    operation_id="read_projects",
    summary="Projects, and what asks for attention",
    response_model=Viewed[Projects],
    responses=REFUSED,
    dependencies=[Depends(may_read)],
)
def read_projects(
    moment: Annotated[Moment, Depends(moment_of(VIEW, RECOMMENDATIONS))],
    call_id: Annotated[str | None, Query(description="Only projects of this call.")] = None,
    city_id: Annotated[str | None, Query(description="Only projects with this city.")] = None,
    status: Annotated[str | None, Query(description="Only projects of this status.")] = None,
    effective_at: EffectiveAt = None,
) -> Response:
    """Return each project's status, what is due next, overdue, below its path or open."""
    about = moment.about(effective_at)
    return moment.answer(
        lambda connection, as_of: projects(
            connection, as_of, about, call_id=call_id, city_id=city_id, status=status
        )
    )


@router.get(
    "/projects/{project_id}",
    operation_id="read_project",
    summary="One project: milestones, indicators, risks, recommendations, ratings",
    response_model=Viewed[ProjectStatus],
    responses={**REFUSED, **problems("not-own-city")},
    dependencies=[Depends(may_read_own)],
)
def read_project(
    moment: Annotated[Moment, Depends(moment_of(VIEW, RECOMMENDATIONS))],
    project_id: ProjectId,
    effective_at: EffectiveAt = None,
) -> Response:
    """Return a project as it stood, with each indicator against its path and its target."""
    about = moment.about(effective_at)
    return moment.answer(
        lambda connection, as_of: project_status(connection, as_of, about, project_id)
    )
