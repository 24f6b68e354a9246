"""Views over HTTP: every one with `as_of`, and each answer pinned to a position.

Without `as_of` an answer is as of the last position that the view has folded, and says
which; with it, or with `after`, the answer waits for the view to have got there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import psycopg
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from psycopg import Connection
from pydantic import BaseModel, Field

from api.access import ANALYST, AUDITOR, CHAIR, STAFF, Action, Resource
from api.commands import allow
from api.conditional import After, AsOf, AsOfAsked, instant, kept, wait_for
from api.openapi import problems
from api.problems import Problem
from api.tokens import Authenticated
from api.wiring import Wired, Wiring
from core.ledger.codec import to_json
from core.ledger.sealing import revealed
from core.vocabulary import Instant
from projections.application_board import queries as board_queries
from projections.application_board.fold import VIEW as APPLICATION_BOARD
from projections.application_board.queries import Board, BoardLine
from projections.evaluation_consistency.fold import VIEW as EVALUATION_CONSISTENCY
from projections.evaluation_consistency.queries import evaluation_consistency
from projections.evaluation_consistency.report import Consistency
from projections.partner_pools.fold import VIEW as PARTNER_POOLS
from projections.partner_pools.queries import PartnerPools, partner_pools
from projections.projector import progress
from projections.ranking import queries as ranking_queries
from projections.ranking.fold import VIEW as RANKING
from projections.ranking.queries import StageRanking, Trace
from projections.view import View

T = TypeVar("T")
_NEVER = -2
"""Before even the empty log: the view's table was not made yet."""

READ_VIEW = Action("views.read", STAFF | CHAIR | AUDITOR | ANALYST)
ACTIONS = (READ_VIEW,)

router = APIRouter(tags=["views"])
_REFUSED = problems(
    "malformed-instant", "not-authenticated", "role-not-allowed", "not-found", "not-visible-yet"
)

CallId = Annotated[
    str,
    Path(
        description="The call.",
        pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$",
        examples=["seoul-oda-2024"],
    ),
]
Stage = Annotated[
    str,
    Path(
        description="The stage.", pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$", examples=["document"]
    ),
]
ApplicationId = Annotated[
    str,
    Path(
        description="The application, `call_id:city_id`.",
        pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,79}:[A-Za-z0-9][A-Za-z0-9._-]{0,79}$",
        examples=["seoul-oda-2024:pelim"],
    ),
]


class Viewed(BaseModel, Generic[T]):
    """An answer, and exactly which moment of which version of which view it is about."""

    view: str = Field(description="The view's name.")
    view_version: int = Field(description="The version of its fold.")
    as_of_position: int = Field(description="The last position of the log that it takes in.")
    recorded_at: Instant | None = Field(description="When that position was recorded.")
    data: T = Field(description="What the view says.")


@dataclass(frozen=True, slots=True)
class Moment:
    """A view at a position that it has folded; `pinned` where the reader named it."""

    wiring: Wiring
    view: View[Any]
    past: AsOf
    pinned: bool

    @property
    def instant(self) -> Instant:
        """The moment to count days from: now, or when the named position was recorded."""
        return (self.past.recorded_at if self.pinned else None) or self.wiring.clock()

    def answer(self, query: Callable[[Connection[Any], int], T | None]) -> Response:
        """Run a query as of the moment; 404 where it finds nothing."""
        with self.wiring.ledger.connection() as connection:
            found = query(connection, self.past.position)
        if found is None:
            raise Problem(
                "not-found",
                f"there is no such thing as of position {self.past.position}",
                field="as_of",
                value=self.past.position,
            )
        head = Viewed[None](
            view=self.view.name,
            view_version=self.view.version,
            as_of_position=self.past.position,
            recorded_at=self.past.recorded_at,
            data=None,
        ).model_dump_json()
        data = to_json(found)
        shown = revealed(data, self.wiring.ledger.keyring)
        body = head.removesuffix("null}").encode() + shown + b"}"
        return Response(body, media_type="application/json", headers=kept(data is shown))


def moment_of(view: View[Any], *beside: View[Any]) -> Callable[..., Any]:
    """Return the dependency that waits for a view, and settles which position to read.

    `beside` are views that the answer reads as well, as of the same position.
    """
    names = (view.name, *(other.name for other in beside))

    async def moment(
        request: Request, wiring: Wired, past: AsOfAsked, after: After = None
    ) -> Moment:
        asked = "as_of" in request.query_params
        for target in (after, str(past.position) if asked and past.position >= 0 else None):
            await wait_for(target, lambda: _reached(wiring, names), wiring)
        latest = await run_sync(_latest, wiring, names)
        return Moment(wiring, view, past if asked else latest, asked)

    return moment


def _latest(wiring: Wiring, names: tuple[str, ...]) -> AsOf:
    position = _folded(wiring, names)
    rows = wiring.ledger.store.page(position, 1) if position >= 0 else []
    return AsOf(position, rows[0].recorded_at if rows else None)


def _folded(wiring: Wiring, names: tuple[str, ...]) -> int:
    reached = _reached(wiring, names)
    if reached == _NEVER:
        raise Problem(
            "not-ready",
            "the view was never filled: start the projector",
            headers={"Retry-After": "1"},
        )
    return reached


def _reached(wiring: Wiring, names: tuple[str, ...]) -> int:
    try:
        with wiring.ledger.connection() as connection:
            at = progress(connection)
    except psycopg.errors.UndefinedTable:
        return _NEVER
    return min(at.get(name, _NEVER) for name in names)


def _may_read(principal: Authenticated) -> None:
    allow(principal, READ_VIEW, Resource())


@router.get(
    "/partner-pools",
    operation_id="read_partner_pools",
    summary="Cities that wait, and for what",
    response_model=Viewed[PartnerPools],
    responses=_REFUSED,
    dependencies=[Depends(_may_read)],
)
def read_partner_pools(  # noqa: PLR0913, PLR0917  # one parameter a filter
    moment: Annotated[Moment, Depends(moment_of(PARTNER_POOLS))],
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


@router.get(
    "/calls/{call_id}/applications",
    operation_id="read_application_board",
    summary="A call's applications and how they stand",
    response_model=Viewed[Board],
    responses=_REFUSED,
    dependencies=[Depends(_may_read)],
)
def read_application_board(
    moment: Annotated[Moment, Depends(moment_of(APPLICATION_BOARD))],
    call_id: CallId,
    status: Annotated[str | None, Query(description="Only applications of this status.")] = None,
) -> Response:
    """Return a call's applications, each with the instant of every transition."""
    return moment.answer(
        lambda connection, as_of: board_queries.board(connection, as_of, call_id, status=status)
    )


@router.get(
    "/applications/{application_id}",
    operation_id="read_application",
    summary="One application with its history",
    response_model=Viewed[BoardLine],
    responses=_REFUSED,
    dependencies=[Depends(_may_read)],
)
def read_application(
    moment: Annotated[Moment, Depends(moment_of(APPLICATION_BOARD))], application_id: ApplicationId
) -> Response:
    """Return one application, with the instant of every transition."""
    return moment.answer(
        lambda connection, as_of: board_queries.application(connection, as_of, application_id)
    )


@router.get(
    "/calls/{call_id}/stages/{stage}/ranking",
    operation_id="read_ranking",
    summary="A stage in order of rank, as its scores stand",
    response_model=Viewed[StageRanking],
    responses=_REFUSED,
    dependencies=[Depends(_may_read)],
)
def read_ranking(
    moment: Annotated[Moment, Depends(moment_of(RANKING))], call_id: CallId, stage: Stage
) -> Response:
    """Return every application's place, with the trace from marks to total."""
    return moment.answer(
        lambda connection, as_of: ranking_queries.ranking(connection, as_of, call_id, stage)
    )


@router.get(
    "/applications/{application_id}/stages/{stage}/trace",
    operation_id="read_trace",
    summary="One application's way from marks to total",
    response_model=Viewed[Trace],
    responses=_REFUSED,
    dependencies=[Depends(_may_read)],
)
def read_trace(
    moment: Annotated[Moment, Depends(moment_of(RANKING))],
    application_id: ApplicationId,
    stage: Stage,
) -> Response:
    """Return each evaluator's marks, weights and points, and which of them count."""
    return moment.answer(
        lambda connection, as_of: ranking_queries.trace(connection, as_of, application_id, stage)
    )


@router.get(
    "/calls/{call_id}/stages/{stage}/consistency",
    operation_id="read_consistency",
    summary="How far a stage's evaluators agree",
    response_model=Viewed[Consistency],
    responses=_REFUSED,
    dependencies=[Depends(_may_read)],
)
def read_consistency(
    moment: Annotated[Moment, Depends(moment_of(EVALUATION_CONSISTENCY, RANKING))],
    call_id: CallId,
    stage: Stage,
    effective_at: Annotated[
        str | None,
        Query(description="What was true in the world then (RFC 3339); without it, the latest."),
    ] = None,
) -> Response:
    """Return reliability, agreement, severity and revisions by criterion."""
    at = None if effective_at is None else instant(effective_at, "effective_at")
    return moment.answer(
        lambda connection, as_of: evaluation_consistency(connection, as_of, call_id, stage, at)
    )
