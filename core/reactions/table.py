"""Every reaction that there is: an explicit tuple, nothing is discovered."""

from __future__ import annotations

from core.reactions import (
    when_call_concluded_then_enter_pool,
    when_re_evaluation_ordered_then_invalidate_scores,
)
from core.reactions.reaction import Reaction

REACTIONS: tuple[Reaction, ...] = (
    when_call_concluded_then_enter_pool.REACTION,
    when_re_evaluation_ordered_then_invalidate_scores.REACTION,
)
