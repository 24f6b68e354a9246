"""Dossiers over HTTP: everything that a decision rested on, with what proves it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.fields import SLUG
from api.views.moments import REFUSED, Moment, Viewed, may_read, moment_of
from api.views.paths import CallId, Stage
from projections.decision_dossier.dossier import Asked, Dossier
from projections.decision_dossier.fold import VIEW
from projections.decision_dossier.queries import decision_dossier

router = APIRouter(tags=["views"])


@router.get(
    "/calls/{call_id}/stages/{stage}/dossier",
    operation_id="read_dossier",
    summary="Everything that a stage's decision rested on",
    response_model=Viewed[Dossier],
    responses=REFUSED,
    dependencies=[Depends(may_read)],
)
def read_dossier(
    moment: Annotated[Moment, Depends(moment_of(VIEW))],
    call_id: CallId,
    stage: Stage,
    approved_at: Annotated[
        int | None,
        Query(description="The position of an earlier approval; without it, the last.", ge=0),
    ] = None,
    application_id: Annotated[
        str | None,
        Query(description="Only what concerns this application.", pattern=f"^{SLUG}:{SLUG}$"),
    ] = None,
) -> Response:
    """Return call, rubric, evaluations, ranking, proposal and approval as of the approval."""
    asked = Asked(call_id, stage, approved_at, application_id)
    return moment.answer(lambda connection, as_of: decision_dossier(connection, as_of, asked))
