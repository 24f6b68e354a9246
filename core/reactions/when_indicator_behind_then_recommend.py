"""An indicator that is behind its path is spoken of while there is time before the target."""

from __future__ import annotations

from collections.abc import Iterator

from core.handlers.reading import Reader
from core.monitoring.commands import IssueRecommendation
from core.monitoring.events import IndicatorBehind
from core.reactions.considering import OFFICERS, by, of, on_account_of
from core.reactions.reaction import Reaction
from core.vocabulary import Instant


def _then(fact: IndicatorBehind, at: Instant, read: Reader) -> Iterator[IssueRecommendation]:
    del read
    target = fact.target
    # One digit more than was observed: enough to be compared by eye.
    digits = max(-int(fact.observed.as_tuple().exponent), 0) + 1
    yield IssueRecommendation(
        fact.project_id,
        on_account_of(fact.number),
        f"The indicator {of(fact.indicator_id, target.dimensions)} was at {fact.observed} on "
        f"{fact.observed_until}, and its path to {target.value} by {target.period.end} was at "
        f"{round(fact.expected, digits)}: consider what would bring it back.",
        OFFICERS,
        by(at),
        indicator_id=fact.indicator_id,
    )


REACTION = Reaction("recommend-after-indicator-behind", IndicatorBehind, _then)
