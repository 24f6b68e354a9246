"""The pool over HTTP: which cities wait, where, and for what."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.views.moments import REFUSED, Moment, Viewed, may_read, moment_of
from projections.partner_pools.fold import VIEW
from projections.partner_pools.queries import PartnerPools, partner_pools

router = APIRouter(tags=["views"])


@router.get(
    "/partner-pools",
    operation_id="read_partner_pools",
    summary="Cities that wait, and for what",
    response_model=Viewed[PartnerPools],
    responses=REFUSED,
    dependencies=[Depends(may_read)],
)
def read_partner_pools(  # noqa: PLR0913, PLR0917  # one parameter a filter
    moment: Annotated[Moment, Depends(moment_of(VIEW))],
    tier: Annotated[str | None, Query(description="ready, improving or in-touch.")] = None,
    region: Annotated[str | None, Query(description="A region, as registered.")] = None,
    country: Annotated[str | None, Query(description="ISO 3166-1 alpha-2.")] = None,
    sector: Annotated[str | None, Query(description="DAC purpose code of a need.")] = None,
    pooled_only: Annotated[bool, Query(description="Leave out cities outside the pool.")] = True,  # noqa: FBT002
) -> Response:
    """Return cities with tier, needs, applications, days since contact, next opportunity."""
    return moment.answer(
        lambda connection, as_of: partner_pools(
            connection,
            as_of,
            moment.instant,
            tier=tier,
            region=region,
            country=country,
            sector=sector,
            pooled_only=pooled_only,
        )
    )
