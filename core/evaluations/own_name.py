"""Scores, declarations and certificates are an evaluator's own statements.

They hold only in the evaluator's name. What was stated on paper or in another system is
recorded by staff, on the evaluator's behalf and with a reason: both people stay on record.
"""

from __future__ import annotations

from core.decider import Act
from core.errors import require
from core.vocabulary import EvaluatorId, Role

_RECORDERS = frozenset({Role.OFFICER, Role.MANAGER, Role.SYSTEM})
_OWN = "an evaluator acts on their own evaluations, in their own name"


def own_only(act: Act, evaluator_id: EvaluatorId) -> None:
    """Refuse an evaluator who acts on what is another's; other roles are not concerned."""
    own = act.actor == evaluator_id and act.on_behalf_of in {None, evaluator_id}
    require(
        act.role is not Role.EVALUATOR or own,
        "not-own-evaluation",
        _OWN,
        field="actor",
        value=act.actor,
    )


def own_statement(act: Act, evaluator_id: EvaluatorId, reason: str) -> None:
    """Refuse unless the evaluator speaks, or staff record with a reason what they stated."""
    own_only(act, evaluator_id)
    speaker = act.on_behalf_of or act.actor
    require(speaker == evaluator_id, "not-own-evaluation", _OWN, field="actor", value=speaker)
    if act.actor == evaluator_id:
        return
    require(
        act.role in _RECORDERS,
        "not-own-evaluation",
        "only officers and managers record for an evaluator what they stated elsewhere",
        field="role",
        value=act.role,
    )
    require(
        reason.strip(),
        "on-behalf-unreasoned",
        "whoever records a statement for an evaluator says why",
        field="reason",
        value=reason,
    )
