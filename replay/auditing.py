"""What `ssp bundle` and `ssp export` write: files for auditors, under a fresh checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from core.ledger.checkpoints import Signed
from core.ledger.ledger import Ledger
from core.ledger.notary import Forked, Notary
from core.ledger.notes import Verifier
from core.ledger.place import Place
from core.signing.events import STREAM
from core.signing.rules import DECIDER
from projections.views import VIEWS
from replay.bundles.archive import TooLarge
from replay.bundles.checking import Wrong, check_bundle
from replay.bundles.decision import NotCovered, bundle_decision
from replay.bundles.log_file import ViewsBehind, Wanted, export_log
from replay.bundles.rows import Unreadable
from replay.keys import keys_of
from replay.options import CHECK_FAILED, stop
from replay.terminal import progress_bar
from replay.written import written


def write_bundle(place: Place, ledger: Ledger, decision_id: str, out: Path | None) -> None:
    """Write a decision's bundle, check it as a stranger would, and say where it is."""
    signed, keys = _signed(place, ledger)
    path = out or Path(f"{decision_id.replace(':', '.')}.zip")
    try:
        data = bundle_decision(ledger.store, decision_id, signed.note, keys)
    except (NotCovered, Unreadable) as error:
        stop(f"{decision_id} cannot be bundled: {error}", CHECK_FAILED)
    with written(path) as file:
        file.write(data)
    typer.echo(f"{path}: {len(data)} bytes, signed by {', '.join(keys)}")
    try:
        check_bundle(data, [Verifier.parse(key) for key in keys])
    except Wrong as found:
        stop(f"{path} does NOT verify: {found}", CHECK_FAILED)


def write_log(
    place: Place, ledger: Ledger, upto: int | None, out: Path | None, *, views: bool
) -> None:
    """Write the log up to a position, by default all that is signed, and say where it is."""
    signed, keys = _signed(place, ledger)
    size = signed.checkpoint.size if upto is None else upto + 1
    path = out or Path(f"log-{size}.zip")
    wanted = Wanted(size, signed.note, keys, VIEWS if views else ())
    try:
        with written(path) as file, progress_bar("exporting records") as tell:
            export_log(ledger, wanted, file, tell)
    except (NotCovered, ViewsBehind, TooLarge) as error:
        stop(f"the log cannot be exported: {error}")
    except Unreadable as error:
        stop(f"the log cannot be exported: record {error.position}: {error}", CHECK_FAILED)
    typer.echo(f"{path}: {size} records, signed by {', '.join(keys)}")


def _signed(place: Place, ledger: Ledger) -> tuple[Signed, Sequence[str]]:
    """Return a checkpoint of the log as it stands, and the keys that verify it."""
    keys = keys_of(place.data_dir)
    try:
        signed = Notary(ledger, keys).sign()
    except Forked as error:
        stop(f"the log is not what its key signed before: {error}", CHECK_FAILED)
    if signed is None:
        stop("this log was never signed: it needs a key first, see `ssp key`")
    if keys is not None:
        return signed, [str(signer.verifier) for signer in keys.signers()]
    # Whoever writes files for auditors need not hold the keys: the log tells of them.
    return signed, ledger.draft().one(DECIDER, STREAM).signing
