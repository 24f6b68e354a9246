"""Every route of a view: an explicit tuple, nothing is discovered."""

from __future__ import annotations

from fastapi import APIRouter

from api.views import (
    application_board,
    audit_findings,
    decision_dossier,
    drift_over_calls,
    evaluation_consistency,
    moments,
    partner_pools,
    project_status,
    ranking,
    recommendations,
    timeline,
)

ACTIONS = (*moments.ACTIONS, *audit_findings.ACTIONS)
ROUTERS: tuple[APIRouter, ...] = (
    partner_pools.router,
    application_board.router,
    ranking.router,
    evaluation_consistency.router,
    drift_over_calls.router,
    audit_findings.router,
    project_status.router,
    recommendations.router,
    decision_dossier.router,
    timeline.router,
)
