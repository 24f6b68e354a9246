"""A dossier leaves out nothing that the rules read when its decision is made again."""

from __future__ import annotations

import re

from core.ledger.codec import to_json
from projections.decision_dossier.dossier import Asked
from projections.decision_dossier.fold import VIEW
from projections.decision_dossier.queries import dossier_from
from projections.time_travel import fold
from replay.decisions import replay_decision
from replay.noted import Noted
from tests.rounds import CALL, DOC, Round

FACT = re.compile(r'"position":(\d+),"leaf":"([0-9a-f]{64})"')


def test_every_record_that_a_replay_reads_is_in_the_dossier(round_: Round) -> None:
    noted = Noted(round_.whole().ledger.store)
    replayed = replay_decision(noted, f"{CALL}:{DOC}")
    read = {(str(row.position), row.leaf.hex()) for row in noted.upto(replayed.position)}
    dossier = dossier_from(fold(VIEW, round_.ledger.read()).values(), Asked(CALL, DOC))
    assert dossier is not None
    assert dossier.position == replayed.position
    assert len(read) >= 30
    assert read <= set(FACT.findall(to_json(dossier).decode()))
