"""Every view that there is: an explicit tuple, nothing is discovered."""

from __future__ import annotations

from typing import Any

from projections.application_board.fold import VIEW as APPLICATION_BOARD
from projections.audit_findings.fold import VIEW as AUDIT_FINDINGS
from projections.decision_dossier.fold import VIEW as DECISION_DOSSIER
from projections.evaluation_consistency.fold import VIEW as EVALUATION_CONSISTENCY
from projections.partner_pools.fold import VIEW as PARTNER_POOLS
from projections.project_status.fold import VIEW as PROJECT_STATUS
from projections.ranking.fold import VIEW as RANKING
from projections.recommendations.fold import VIEW as RECOMMENDATIONS
from projections.timeline.fold import VIEW as TIMELINE
from projections.view import View

VIEWS: tuple[View[Any], ...] = (
    PARTNER_POOLS,
    APPLICATION_BOARD,
    RANKING,
    EVALUATION_CONSISTENCY,
    PROJECT_STATUS,
    RECOMMENDATIONS,
    DECISION_DOSSIER,
    TIMELINE,
    AUDIT_FINDINGS,
)
