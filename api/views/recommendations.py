"""Recommendations over HTTP: what is open, of whom, and what is overdue."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.access import Resource
from api.commands import allow
from api.fields import SLUG
from api.openapi import problems
from api.tokens import Authenticated
from api.views.moments import READ_OWN_VIEW, REFUSED, EffectiveAt, Moment, Viewed, moment_of
from projections.recommendations.fold import VIEW
from projections.recommendations.queries import Recommendations, recommendations

router = APIRouter(tags=["views"])

CityAsked = Annotated[
    str | None,
    Query(
        description="Only those of projects with this city. A city's focal point names its own.",
        pattern=f"^{SLUG}$",
    ),
]


def may_read_own(principal: Authenticated, city_id: CityAsked = None) -> None:
    """Let those pass who read every view, and focal points who ask for their own city's."""
    allow(principal, READ_OWN_VIEW, Resource(city_id=city_id))


@router.get(
    "/recommendations",
    operation_id="read_recommendations",
    summary="What was recommended, and what became of it",
    response_model=Viewed[Recommendations],
    responses={**REFUSED, **problems("not-own-city")},
    dependencies=[Depends(may_read_own)],
)
def read_recommendations(  # noqa: PLR0913, PLR0917  # one parameter a filter
    moment: Annotated[Moment, Depends(moment_of(VIEW))],
    project_id: Annotated[str | None, Query(description="Only those of this project.")] = None,
    city_id: CityAsked = None,
    status: Annotated[
        str | None, Query(description="issued, accepted, rejected, done, returned or verified.")
    ] = None,
    overdue: Annotated[
        bool | None, Query(description="Only those that are overdue, or only those that are not.")
    ] = None,
    effective_at: EffectiveAt = None,
) -> Response:
    """Return recommendations by the day on which they are due, each with all its steps."""
    about = moment.about(effective_at)
    return moment.answer(
        lambda connection, as_of: recommendations(
            connection,
            as_of,
            about,
            project_id=project_id,
            city_id=city_id,
            status=status,
            overdue=overdue,
        )
    )
