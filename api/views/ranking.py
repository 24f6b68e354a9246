"""The ranking over HTTP: a stage in order, or one application's way to its total."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.views.moments import REFUSED, Moment, Viewed, may_read, moment_of
from api.views.paths import ApplicationId, CallId, Stage
from projections.ranking import queries
from projections.ranking.fold import VIEW
from projections.ranking.queries import StageRanking, Trace

router = APIRouter(tags=["views"])


@router.get(
    "/calls/{call_id}/stages/{stage}/ranking",
    operation_id="read_ranking",
    summary="A stage in order of rank, as its scores stand",
    response_model=Viewed[StageRanking],
    responses=REFUSED,
    dependencies=[Depends(may_read)],
)
def read_ranking(
    moment: Annotated[Moment, Depends(moment_of(VIEW))], call_id: CallId, stage: Stage
) -> Response:
    """Return every application's place, with the trace from marks to total."""
    return moment.answer(
        lambda connection, as_of: queries.ranking(connection, as_of, call_id, stage)
    )


@router.get(
    "/applications/{application_id}/stages/{stage}/trace",
    operation_id="read_trace",
    summary="One application's way from marks to total",
    response_model=Viewed[Trace],
    responses=REFUSED,
    dependencies=[Depends(may_read)],
)
def read_trace(
    moment: Annotated[Moment, Depends(moment_of(VIEW))],
    application_id: ApplicationId,
    stage: Stage,
) -> Response:
    """Return each evaluator's marks, weights and points, and which of them count."""
    return moment.answer(
        lambda connection, as_of: queries.trace(connection, as_of, application_id, stage)
    )
