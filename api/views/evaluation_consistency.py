"""Consistency over HTTP: how far a stage's evaluators agree."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.views.moments import REFUSED, EffectiveAt, Moment, Viewed, may_read, moment_of
from api.views.paths import CallId, Stage
from projections.evaluation_consistency.fold import VIEW
from projections.evaluation_consistency.queries import evaluation_consistency
from projections.evaluation_consistency.report import Consistency
from projections.ranking.fold import VIEW as RANKING

router = APIRouter(tags=["views"])


@router.get(
    "/calls/{call_id}/stages/{stage}/consistency",
    operation_id="read_consistency",
    summary="How far a stage's evaluators agree",
    response_model=Viewed[Consistency],
    responses=REFUSED,
    dependencies=[Depends(may_read)],
)
def read_consistency(
    moment: Annotated[Moment, Depends(moment_of(VIEW, RANKING))],
    call_id: CallId,
    stage: Stage,
    effective_at: EffectiveAt = None,
) -> Response:
    """Return reliability, agreement, severity and revisions by criterion."""
    return moment.answer(
        lambda connection, as_of: evaluation_consistency(
            connection, as_of, call_id, stage, effective_at
        )
    )
