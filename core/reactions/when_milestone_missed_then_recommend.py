"""A milestone that was missed is spoken of: someone is asked what it needs."""

from __future__ import annotations

from collections.abc import Iterator

from core.handlers.reading import Reader
from core.monitoring.commands import IssueRecommendation
from core.monitoring.events import MilestoneMissed
from core.reactions.considering import OFFICERS, by, on_account_of
from core.reactions.reaction import Reaction
from core.vocabulary import Instant


def _then(fact: MilestoneMissed, at: Instant, read: Reader) -> Iterator[IssueRecommendation]:
    del read
    yield IssueRecommendation(
        fact.project_id,
        on_account_of(fact.number),
        f"The milestone {fact.milestone} was due on {fact.due_on} and has not been reached: "
        "consider what it needs, or another day for it.",
        OFFICERS,
        by(at),
        milestone=fact.milestone,
    )


REACTION = Reaction("recommend-after-missed-milestone", MilestoneMissed, _then)
