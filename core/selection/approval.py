"""Who may approve a selection, and of which state of the scores."""

from __future__ import annotations

from core.decider import Act, in_own_name
from core.errors import refuse, require
from core.selection.state import Facts, Selection


def none_reopened(facts: Facts) -> None:
    """Refuse to rest anything on scores that may still change."""
    require(
        not facts.reopened,
        "evaluation-reopened",
        "a reopened evaluation is locked again before anything rests on its stage",
        field="stage",
        value=", ".join(facts.reopened[:10]),
    )


def up_to_date(facts: Facts) -> None:
    """Refuse where a ranking made now would score otherwise, or soon could."""
    none_reopened(facts)
    require(
        not facts.outdated,
        "ranking-outdated",
        "what the ranking read has changed since; rank the stage anew",
        field="stage",
        value=", ".join(facts.outdated[:10]),
    )


def may_approve(act: Act, state: Selection, facts: Facts) -> None:
    """Refuse whoever proposed or scored, and what has changed since it was ranked."""
    in_own_name(act)
    if state.proposed is None:
        refuse(
            "not-proposed",
            "a selection is proposed before it is approved",
            field="stage",
            value=facts.stage,
        )
    require(
        state.approved_by is None,
        "already-approved",
        "a selection is approved once",
        field="stage",
        value=facts.stage,
    )
    require(
        act.actor != state.proposed.by,
        "same-person",
        "a selection is approved by another person than its proposer",
        field="actor",
        value=act.actor,
    )
    require(
        act.actor not in facts.evaluators,
        "decider-scored",
        "whoever scored in a stage does not approve its selection",
        field="actor",
        value=act.actor,
    )
    up_to_date(facts)
