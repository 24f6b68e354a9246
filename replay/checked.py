"""What `ssp verify FILE` says of a bundle or an exported log: no database is even loaded."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from core.ledger.checkpoints import Checkpoint
from core.ledger.codec import to_json
from core.ledger.notes import Verifier
from replay.bundles.archive import NotAnArchive, read
from replay.bundles.checking import Checked, Wrong, check_bundle
from replay.bundles.log_checking import LogChecked, check_log
from replay.bundles.log_format import CONSISTENCY
from replay.options import stop
from replay.terminal import progress_bar, show_decision


def verified_file(
    path: Path,
    keys: Sequence[Verifier],
    earlier: Sequence[Checkpoint],
    *,
    views: bool,
    as_json: bool,
) -> bool:
    """Verify a file; print what was found and return whether all is well."""
    try:
        data = path.read_bytes()
    except OSError as error:
        stop(f"{path} cannot be read: {error.strerror}")
    try:
        if CONSISTENCY in _names(data):
            with progress_bar("verifying the exported log") as tell:
                checked = check_log(path, keys, earlier, tell, views=views)
            _show_log(checked, as_json=as_json)
        else:
            if earlier:
                stop("--since is for a log: a bundle holds only what one decision rests on")
            _show_bundle(check_bundle(data, keys), as_json=as_json)
    except Wrong as found:
        if as_json:
            _print({"verifies": False, "position": found.position, "finding": str(found)})
        else:
            typer.echo(f"{path} does NOT verify: {found}")
        return False
    return True


def _names(data: bytes) -> Sequence[str]:
    try:
        return tuple(read(data))
    except NotAnArchive as error:
        raise Wrong(str(error)) from error


def _show_bundle(checked: Checked, *, as_json: bool) -> None:
    replayed = checked.replayed
    if as_json:
        decision: Any = json.loads(to_json(replayed))
        _print({**_signed(checked), "records": checked.records, "decision": decision})
        return
    show_decision(replayed)
    for note in checked.notes:
        typer.echo(f"note: {note}")
    typer.echo(
        f"VERIFIES: {checked.records} records under the root of {checked.checkpoint.size} that "
        f"{_signers(checked)} signed; decided again, all comes out as it was recorded."
    )


def _show_log(checked: LogChecked, *, as_json: bool) -> None:
    if as_json:
        _print({**_signed(checked), "records": checked.size, "views": checked.views})
        return
    for view in checked.views:
        typer.echo(f"view {view}: equal to a rebuild at position {checked.size - 1}")
    typer.echo(
        f"VERIFIES: {checked.size} records, the first of {checked.checkpoint.size} that "
        f"{_signers(checked)} signed; root {checked.root.hex()}"
    )


def _signed(checked: Checked | LogChecked) -> dict[str, Any]:
    return {
        "verifies": True,
        "signed_by": [str(key) for key in checked.signed_by],
        "checkpoint": checked.checkpoint.text(),
    }


def _signers(checked: Checked | LogChecked) -> str:
    return " and ".join(f"{key.name}+{key.id.hex()}" for key in checked.signed_by)


def _print(document: object) -> None:
    typer.echo(json.dumps(document, ensure_ascii=False))
