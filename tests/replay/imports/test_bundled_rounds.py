"""Decisions of real rounds as their auditors get them: bundled, and checked by both verifiers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.decider import Act
from core.ledger.checkpoints import Checkpoint, sign_checkpoint
from core.ledger.ledger import Ledger
from core.vocabulary import CallId
from replay.bundles.checking import check_bundle
from replay.bundles.decision import bundle_decision
from replay.demo import round_2024
from replay.imports.run import Import, run
from replay.verifier import ssp_verify
from tests.bundled import KEY, SIGNER, accepted
from tests.reference import reference
from tests.replay.imports.decided import select

EXAMPLES = Path(__file__).resolve().parents[3] / "replay" / "imports" / "examples"
Announce = Callable[[Ledger], None]


def bundled(ledger: Ledger, decision_id: str) -> bytes:
    """Bundle a decision under a checkpoint of the log as it stands."""
    head = ledger.store.head()
    note = sign_checkpoint(Checkpoint(SIGNER.name, head.size, head.root), [SIGNER])
    return bundle_decision(ledger.store, decision_id, note, [str(KEY)])


def test_both_stages_of_the_demo_are_checked_by_strangers(ledger: Ledger) -> None:
    round_2024.play(ledger)
    for stage, through in ((round_2024.DOCUMENT_STAGE, 12), (round_2024.FINAL_STAGE, 3)):
        bundle = bundled(ledger, f"{round_2024.CALL}:{stage}")
        assert accepted(bundle)
        *said, verdict = ssp_verify.check(bundle, str(KEY))
        assert len([line for line in said if line.startswith("selected: ")]) == through
        assert verdict.startswith(f"VERIFIES: decision seoul-oda-2024:{stage}")


def test_a_real_grant_panel_is_checked_by_strangers(
    ledger: Ledger, officer: Act, announce_aibs: Announce
) -> None:
    announce_aibs(ledger)
    run(ledger, Import(EXAMPLES / "aibs.toml", reference("AIBS.csv"), officer))
    ranking = select(ledger, CallId("aibs-2014"), 18)
    bundle = bundled(ledger, "aibs-2014:review")
    assert accepted(bundle)
    checked = check_bundle(bundle, [KEY])
    assert [place.application_id for place in checked.replayed.places] == [
        line.scored.application for line in ranking.lines
    ]
