"""Every reaction that there is: an explicit tuple, nothing is discovered.

Where one fact calls for several, they are met in this order, in one group.
"""

from __future__ import annotations

from core.reactions import (
    when_application_withdrawn_then_end_project,
    when_call_concluded_then_enter_pool,
    when_call_concluded_then_prefer_projects,
    when_call_ended_then_end_projects,
    when_indicator_behind_then_recommend,
    when_indicator_unobserved_then_recommend,
    when_milestone_missed_then_recommend,
    when_observation_recorded_then_review_progress,
    when_re_evaluation_ordered_then_invalidate_scores,
    when_selection_revoked_then_recommend,
)
from core.reactions.reaction import Reaction

REACTIONS: tuple[Reaction, ...] = (
    when_call_concluded_then_enter_pool.REACTION,
    when_call_concluded_then_prefer_projects.REACTION,
    *when_call_ended_then_end_projects.REACTIONS,
    when_selection_revoked_then_recommend.REACTION,
    when_application_withdrawn_then_end_project.REACTION,
    when_re_evaluation_ordered_then_invalidate_scores.REACTION,
    *when_observation_recorded_then_review_progress.REACTIONS,
    when_milestone_missed_then_recommend.REACTION,
    when_indicator_unobserved_then_recommend.REACTION,
    when_indicator_behind_then_recommend.REACTION,
)
