"""Every violation that is planted."""

from __future__ import annotations

from tests.projections.audit_findings.making import Plant
from tests.projections.audit_findings.plants import decisions, intake, projects, rankings, scores

PLANTS: tuple[Plant, ...] = (
    *intake.PLANTS,
    *scores.PLANTS,
    *rankings.PLANTS,
    *decisions.PLANTS,
    *projects.PLANTS,
)
