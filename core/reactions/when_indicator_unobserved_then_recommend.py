"""An indicator that nobody observed is spoken of: a project cannot stay on its path unseen."""

from __future__ import annotations

from collections.abc import Iterator

from core.handlers.reading import Reader
from core.monitoring.commands import IssueRecommendation
from core.monitoring.events import IndicatorUnobserved
from core.reactions.considering import OFFICERS, by, of, on_account_of
from core.reactions.reaction import Reaction
from core.vocabulary import Instant


def _then(fact: IndicatorUnobserved, at: Instant, read: Reader) -> Iterator[IssueRecommendation]:
    del read
    target = fact.target
    yield IssueRecommendation(
        fact.project_id,
        on_account_of(fact.number),
        f"The indicator {of(fact.indicator_id, target.dimensions)} was to be {target.value} in "
        f"{target.period} and has not been observed: consider who observes it.",
        OFFICERS,
        by(at),
        indicator_id=fact.indicator_id,
    )


REACTION = Reaction("recommend-after-missing-observation", IndicatorUnobserved, _then)
