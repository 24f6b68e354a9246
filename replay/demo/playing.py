"""`ssp demo`: plays the round with a bar, and says what was recorded."""

from __future__ import annotations

import time

import typer

from core.ledger.ledger import Ledger
from replay.demo import round_2024
from replay.terminal import progress_bar


def play_demo(ledger: Ledger) -> None:
    """Play the 2024 round, or the rest of it."""
    began = time.monotonic()
    with progress_bar("playing the 2024 round") as tell:
        round_2024.play(ledger, lambda done, doing: tell(done, round_2024.COMMANDS, doing))
    typer.echo(
        f"played the 2024 Seoul ODA Challenge with simulated scores: {ledger.store.size()} events "
        f"in {time.monotonic() - began:.1f} s; to see a decision again: "
        f"ssp replay decision {round_2024.CALL}:{round_2024.FINAL_STAGE}",
        err=True,
    )
