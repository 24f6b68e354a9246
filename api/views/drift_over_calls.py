"""Drift over HTTP: how evaluators moved from call to call, in the stage of one name."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.views.moments import REFUSED, EffectiveAt, Moment, Viewed, may_read, moment_of
from api.views.paths import Stage
from projections.evaluation_consistency.fold import VIEW
from projections.evaluation_consistency.over_calls import OverCalls
from projections.evaluation_consistency.queries import drift_over_calls
from projections.ranking.fold import VIEW as RANKING

router = APIRouter(tags=["views"])


@router.get(
    "/stages/{stage}/drift",
    operation_id="read_drift",
    summary="How evaluators moved from call to call",
    response_model=Viewed[OverCalls],
    responses=REFUSED,
    dependencies=[Depends(may_read)],
)
def read_drift(
    moment: Annotated[Moment, Depends(moment_of(VIEW, RANKING))],
    stage: Stage,
    effective_at: EffectiveAt = None,
) -> Response:
    """Return each evaluator's change of leaning, among those who marked in both calls."""
    return moment.answer(
        lambda connection, as_of: drift_over_calls(connection, as_of, stage, effective_at)
    )
