"""A dossier leaves out nothing that the rules read when its decision is made again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from projections.decision_dossier.dossier import Asked
from projections.decision_dossier.fold import VIEW, FactRow
from projections.decision_dossier.queries import dossier_from
from projections.time_travel import fold
from replay.bundles.rows import Noted
from replay.decisions import replay_decision
from tests.rounds import CALL, DOC, Round


def facts_in(value: Any) -> Iterator[FactRow]:  # noqa: ANN401  # any part of a dossier
    """Yield every fact that stands anywhere in a dossier."""
    if isinstance(value, FactRow):
        yield value
    elif isinstance(value, tuple):
        parts: tuple[Any, ...] = value
        for item in parts:
            yield from facts_in(item)
    elif is_dataclass(value):
        for field in fields(value):
            yield from facts_in(getattr(value, field.name))


def test_every_record_that_a_replay_reads_is_in_the_dossier(round_: Round) -> None:
    store = round_.whole().ledger.store
    noted = Noted(store)
    replayed = replay_decision(noted, f"{CALL}:{DOC}")
    read = {row.position: row.leaf.hex() for row in noted.upto(replayed.position)}
    dossier = dossier_from(fold(VIEW, round_.ledger.read()).values(), Asked(CALL, DOC))
    assert dossier is not None
    assert dossier.position == replayed.position
    held = {fact.position: fact.leaf for fact in facts_in(dossier)}
    assert len(read) >= 30
    assert read.items() <= held.items()
