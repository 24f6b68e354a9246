"""The board over HTTP: a call's applications, or one of them with its history."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.views.moments import REFUSED, Moment, Viewed, may_read, moment_of
from api.views.paths import ApplicationId, CallId
from projections.application_board import queries
from projections.application_board.fold import VIEW
from projections.application_board.queries import Board, BoardLine

router = APIRouter(tags=["views"])


@router.get(
    "/calls/{call_id}/applications",
    operation_id="read_application_board",
    summary="A call's applications and how they stand",
    response_model=Viewed[Board],
    responses=REFUSED,
    dependencies=[Depends(may_read)],
)
def read_application_board(
    moment: Annotated[Moment, Depends(moment_of(VIEW))],
    call_id: CallId,
    status: Annotated[str | None, Query(description="Only applications of this status.")] = None,
) -> Response:
    """Return a call's applications, each with the instant of every transition."""
    return moment.answer(
        lambda connection, as_of: queries.board(connection, as_of, call_id, status=status)
    )


@router.get(
    "/applications/{application_id}",
    operation_id="read_application",
    summary="One application with its history",
    response_model=Viewed[BoardLine],
    responses=REFUSED,
    dependencies=[Depends(may_read)],
)
def read_application(
    moment: Annotated[Moment, Depends(moment_of(VIEW))], application_id: ApplicationId
) -> Response:
    """Return one application, with the instant of every transition."""
    return moment.answer(
        lambda connection, as_of: queries.application(connection, as_of, application_id)
    )
