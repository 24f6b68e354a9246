"""What a reaction answers a fact with, on top of facts that went before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.handlers.table import Command
from core.ledger.codec import Event
from core.ledger.draft import Draft
from core.ledger.sources import PastSource
from core.reactions.reaction import Reaction
from tests.stories import NOON, recorded


def called_for(
    reaction: Reaction, facts: Sequence[Event], fact: Event, at: datetime = NOON
) -> list[Command]:
    """Return what `reaction` answers `fact` with, on top of the facts."""
    records = recorded([*facts, fact])
    return list(reaction.then(fact, at, Draft(PastSource(records, len(records) - 1))))
