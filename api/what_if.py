"""What-if over HTTP: a question about a decision, answered from memory; nothing is recorded."""

from __future__ import annotations

from threading import BoundedSemaphore
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from api.access import ANALYST, AUDITOR, STAFF, Action, Resource
from api.bodies import body_model, parsed, raw_body
from api.commands import allow
from api.fields import SLUG, Word
from api.openapi import problems, request_body
from api.problems import Problem
from api.tokens import Authenticated
from api.wiring import Wired
from core.ledger.codec import to_json
from replay.what_if.answer import WhatIf, what_if
from replay.what_if.question import Question

router = APIRouter(tags=["decisions"])

WHAT_IF = Action("decisions.what-if", STAFF | AUDITOR | ANALYST)

_MOST_WEIGHTINGS = 200
_TURN_S = 1
# Ranking anew takes the processor for seconds: one at a time, or all other requests would wait.
ONE_AT_A_TIME = BoundedSemaphore(1)

_WORDS = {
    "drop_evaluators": Word("Evaluators whose scores are all left out.", ["ev-7"]),
    "conflicts": Word(
        "Evaluators whose scores of one application are left out.",
        [{"evaluator_id": "ev-7", "application_id": "seoul-oda-2024:pelim"}],
    ),
    "ignore_revisions": Word(
        "Positions of revisions that are left out: the mark before stands.", [1200]
    ),
    "weights": Word(
        "Weights in percent; those that are not named share the rest in proportion. `variant` is "
        "null for all cities, empty for those of no variant.",
        [{"criterion": "need", "weight": "50", "variant": None}],
    ),
    "floors": Word(
        "Floors of criteria, or of the `total`; null takes one away.",
        [{"criterion": "total", "floor": "70"}],
    ),
    "trim": Word("Whether the highest and the lowest are dropped.", "drop-high-low"),
    "trim_ties": Word("What is dropped where several share an extreme.", "drop-one"),
    "trim_from": Word("The least number of evaluators to trim from.", 5),
    "quorum": Word("How many evaluations an application needs.", 2),
    "slots": Word("How many the stage lets through.", 4),
    "budget_krw": Word("What they may cost in KRW.", 1_000_000_000),
    "grid": Word("How many weightings to try around the weights: 0 to 200.", 50),
    "spread": Word("By up to how many percent of itself the grid moves a weight.", "25"),
}


def _word(_question: str, field: str) -> Word:
    return _WORDS[field]


BODY = body_model(Question, (), _word)

DecisionId = Annotated[
    str,
    Path(
        description="`call_id:stage`, or `call_id:stage@position` for an earlier approval.",
        pattern=f"^{SLUG}:{SLUG}(@[0-9]{{1,18}})?$",
        examples=["seoul-oda-2024:document"],
    ),
]


def _may_suppose(principal: Authenticated) -> None:
    """Let those pass who read everything, and the staff that prepares and decides."""
    allow(principal, WHAT_IF, Resource())


@router.post(
    "/decisions/{decision_id}/what-if",
    operation_id="suppose_otherwise",
    summary="What a decision would have been",
    response_model=WhatIf,
    responses=problems(
        "malformed-id",
        "not-authenticated",
        "role-not-allowed",
        "unknown-decision",
        "mark-missing",
        "body-too-large",
        "unsupported-media-type",
        "unknown-field",
        "too-busy",
    ),
    openapi_extra=request_body(BODY),
    dependencies=[Depends(_may_suppose)],
)
def suppose_otherwise(
    wiring: Wired, decision_id: DecisionId, raw: Annotated[bytes, Depends(raw_body)]
) -> Response:
    """Return who would have been selected, had the decision's facts been otherwise.

    A hypothesis: nothing is recorded. As a question that changes nothing it needs neither
    If-Match nor Idempotency-Key.
    """
    given: dict[str, Any] = dict(parsed(BODY, raw))
    question = Question(**given)
    if question.grid > _MOST_WEIGHTINGS:
        raise Problem(
            "grid-out-of-range",
            f"up to {_MOST_WEIGHTINGS} weightings are tried; `ssp what-if` tries more",
            field="grid",
            value=question.grid,
        )
    if not ONE_AT_A_TIME.acquire(timeout=_TURN_S):
        raise Problem(
            "too-busy",
            "another what-if is being answered; try again",
            headers={"Retry-After": "2"},
        )
    try:
        found = what_if(wiring.ledger.store, decision_id, question)
    finally:
        ONE_AT_A_TIME.release()
    return Response(
        to_json(found), media_type="application/json", headers={"Cache-Control": "no-store"}
    )
