"""What the audit rules found, over HTTP: with the events that prove it, in both languages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.access import ANALYST, AUDITOR, MANAGER, Action, Resource
from api.commands import allow
from api.fields import SLUG
from api.openapi import problems
from api.tokens import Authenticated
from api.views.moments import Moment, Viewed, moment_of
from projections.audit_findings.fold import VIEW
from projections.audit_findings.queries import Findings, findings, stopped_views
from projections.audit_findings.sentences import Severity

READ_FINDINGS = Action("findings.read", MANAGER | AUDITOR | ANALYST)
ACTIONS = (READ_FINDINGS,)

router = APIRouter(tags=["views"])


def _may_read(principal: Authenticated) -> None:
    allow(principal, READ_FINDINGS, Resource())


@router.get(
    "/findings",
    operation_id="read_findings",
    summary="What the audit rules found",
    response_model=Viewed[Findings],
    responses=problems(
        "malformed-instant", "not-authenticated", "role-not-allowed", "not-visible-yet"
    ),
    dependencies=[Depends(_may_read)],
)
def read_findings(
    moment: Annotated[Moment, Depends(moment_of(VIEW))],
    rule: Annotated[int | None, Query(ge=1, le=28, description="Only this rule.")] = None,
    call_id: Annotated[
        str | None,
        Query(
            description="Only this call, and what belongs to no call.",
            pattern=f"^{SLUG}$",
        ),
    ] = None,
    severity: Annotated[Severity | None, Query(description="high, medium or low.")] = None,
) -> Response:
    """Return findings in the order of rules, each with the positions of the events behind it.

    Without `as_of`, views that have stopped are findings too (rule 27). Whether the log
    itself verifies is not looked at here: `ssp findings` and `ssp verify` do.
    """
    return moment.answer(
        lambda connection, as_of: findings(
            connection,
            as_of,
            rule=rule,
            call_id=call_id,
            severity=severity,
            beside=() if moment.pinned else stopped_views(connection),
        )
    )
