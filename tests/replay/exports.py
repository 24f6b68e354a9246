"""Exported logs for tests: signed by a key of the test's own, whatever was done to the log."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.ledger.checkpoints import Checkpoint, sign_checkpoint
from core.ledger.ledger import Ledger
from core.ledger.notes import Signer
from projections.projector import Projector
from projections.views import VIEWS
from replay.bundles.log_checking import LogChecked, check_log
from replay.bundles.log_file import Wanted, export_log
from tests.bundled import KEY, SIGNER
from tests.rounds import Round


def checkpoint_of(ledger: Ledger, signer: Signer = SIGNER) -> tuple[Checkpoint, bytes]:
    """Sign the head as it stands, without asking whether it is what the records give."""
    head = ledger.store.head()
    checkpoint = Checkpoint(signer.name, head.size, head.root)
    return checkpoint, sign_checkpoint(checkpoint, [signer])


def exported(  # noqa: PLR0913  # one for each thing that a test may want otherwise
    round_: Round,
    folder: Path,
    *,
    signer: Signer = SIGNER,
    upto: int | None = None,
    views: bool = True,
    catch_up: bool = True,
) -> Path:
    """Export a round's log, its views caught up, and return the file."""
    if views and catch_up:
        projector = Projector(round_.ledger.url, VIEWS)
        projector.catch_up()
        projector.stop()
    checkpoint, note = checkpoint_of(round_.ledger, signer)
    size = checkpoint.size if upto is None else upto + 1
    path = folder / f"log-{size}.zip"
    wanted = Wanted(size, note, [str(KEY)], VIEWS if views else ())
    with path.open("wb") as file:
        export_log(round_.ledger, wanted, file, told)
    return path


def checked(path: Path, earlier: Sequence[Checkpoint] = (), *, views: bool = True) -> LogChecked:
    """Check an exported log with the key that the test trusts."""
    return check_log(path, [KEY], earlier, told, views=views)


def told(done: int, total: int) -> None:
    """Take no notice of how far it is."""
