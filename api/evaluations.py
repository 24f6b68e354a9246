"""Evaluators and their evaluations; nobody scores or declares in another's name."""

from __future__ import annotations

from api.access import CHAIR, EVALUATOR, MANAGER, STAFF
from api.commands import CommandRoute
from core.evaluations.commands import (
    AbstainFromEvaluation,
    AppointEvaluator,
    ApproveReopening,
    AssignEvaluator,
    CertifyEvaluation,
    DeclareConflict,
    InvalidateEvaluation,
    LockEvaluation,
    RecuseEvaluator,
    RequestReopening,
    ReviseScore,
    SubmitScores,
    WaiveConflict,
)

_WHO = "/evaluators/{evaluator_id}"
_ONE = "/applications/{application_id}/evaluations/{evaluator_id}/{stage}"

ROUTES = (
    CommandRoute(f"{_WHO}/appoint", AppointEvaluator, STAFF, opens=True),
    CommandRoute(f"{_WHO}/declare-conflict", DeclareConflict, EVALUATOR),
    CommandRoute(f"{_WHO}/waive-conflict", WaiveConflict, MANAGER | CHAIR),
    CommandRoute(f"{_WHO}/recuse", RecuseEvaluator, STAFF | CHAIR | EVALUATOR),
    CommandRoute(f"{_ONE}/assign", AssignEvaluator, STAFF | CHAIR, opens=True),
    CommandRoute(f"{_ONE}/submit-scores", SubmitScores, EVALUATOR),
    CommandRoute(f"{_ONE}/revise-score", ReviseScore, EVALUATOR),
    CommandRoute(f"{_ONE}/lock", LockEvaluation, CHAIR | EVALUATOR),
    CommandRoute(f"{_ONE}/request-reopening", RequestReopening, STAFF | CHAIR | EVALUATOR),
    CommandRoute(f"{_ONE}/approve-reopening", ApproveReopening, MANAGER | CHAIR),
    CommandRoute(f"{_ONE}/abstain", AbstainFromEvaluation, EVALUATOR),
    CommandRoute(f"{_ONE}/invalidate", InvalidateEvaluation, MANAGER | CHAIR),
    CommandRoute(f"{_ONE}/certify", CertifyEvaluation, EVALUATOR),
)
