"""`ssp key` and `ssp checkpoint`: the keys that sign the log, and what they sign.

A key is exchanged in steps that may be interrupted anywhere and begun again: the new key is in
the file before the log tells of it, and the old one leaves the file after the log has told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer

from core.decider import Act
from core.errors import DomainError
from core.ledger.checkpoints import Signed
from core.ledger.draft import Envelope
from core.ledger.embedded import default_data_dir
from core.ledger.key_files import KeyRefused
from core.ledger.ledger import Ledger
from core.ledger.log_keys import LogKeys, LogKeySettings, find_keys, held_in, new_key
from core.ledger.notary import Forked, Notary
from core.ledger.notes import MalformedNote
from core.ledger.place import Place
from core.signing.commands import RetireKey, RotateKey, SigningCommand
from core.signing.events import STREAM
from core.signing.rules import DECIDER, Keys
from core.vocabulary import ActorId, Role, slug
from replay.options import CHECK_FAILED, NO_DATABASE, stop

_NO_KEY = (
    "this log has no key: set SSP_LOG_KEY_FILE, or SSP_LOG_KEY, to one; `ssp key make` makes it"
)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a key is exchanged, and who does it."""

    text: str
    actor: str


def keys_of(data_dir: Path | None) -> LogKeys | None:
    """Return the log's keys, or say why they cannot be used.

    `data_dir` is the embedded mode's folder, None where a database is named.
    """
    try:
        return find_keys(LogKeySettings(), data_dir)
    except (KeyRefused, OSError) as error:
        stop(f"the log's key cannot be used: {error}")


def show(data_dir: Path | None, *, named: bool) -> None:
    """Print the public keys: what verifies the log's checkpoints."""
    folder = None if named else data_dir or default_data_dir()
    if folder is not None and not folder.is_dir():
        stop(f"there are no data in {folder} yet: `ssp serve` makes them", NO_DATABASE)
    keys = keys_of(folder) or stop(_NO_KEY)
    for signer in keys.signers():
        typer.echo(str(signer.verifier))


def make(name: str) -> None:
    """Print a new private key, for a place where secrets are kept."""
    try:
        typer.echo(new_key(name))
    except MalformedNote as error:
        stop(f"this cannot be a log's name: {error}")


def checkpoint(place: Place, ledger: Ledger, size: int | None) -> None:
    """Sign the log as it stands and print its checkpoint, or print an earlier one."""
    notary = Notary(ledger, keys_of(place.data_dir))
    signed = _signed(notary) if size is None else notary.at(size)
    if signed is None:
        stop(_NO_KEY if size is None else f"no checkpoint over {size} events has been signed")
    typer.echo(signed.note.decode(), nl=False)


def rotate(place: Place, ledger: Ledger, reason: Reason) -> None:
    """Let a new key take over: it signs beside the old one from now on."""
    keys = keys_of(place.data_dir) or stop(_NO_KEY)
    try:
        new = _begun(ledger, keys, reason) if keys.path is None else _rotated(ledger, keys, reason)
    except (KeyRefused, OSError) as error:
        stop(f"the new key cannot be kept: {error}")
    _signed(Notary(ledger, keys))
    typer.echo(new)


def retire(place: Place, ledger: Ledger, reason: Reason, key_id: str | None) -> None:
    """Let a key sign no more: the oldest, or the one that is named."""
    keys = keys_of(place.data_dir) or stop(_NO_KEY)
    known = _known(ledger)
    choice = [k for k in (*known.signing, *known.retired) if key_id in {None, k, k.split("+")[1]}]
    left_over = [k for k in known.retired if k in _public(keys)]
    key = next(iter([k for k in left_over if k in choice] or choice), None)
    if key is None:
        stop(
            "the log knows of no such key: `ssp key show` lists them, `ssp key rotate` comes first"
        )
    if key not in known.retired:
        _handle(ledger, RetireKey(key, reason.text), reason.actor)
    if keys.path is None:
        typer.echo(f"{key} is retired: take it out of SSP_LOG_KEY now", err=True)
    else:
        try:
            with keys.rewriting():
                written = held_in(keys.text(), keys.settings.log_origin)
                text = keys.text()
                for gone in (w for w in written if str(w.signer.verifier) == key):
                    text = text.replace(gone.text, "")
                keys.write(f"{text.strip()}\n")
        except (KeyRefused, OSError) as error:
            stop(f"{key} is retired, and cannot be taken out of {keys.path}: {error}")
    _signed(Notary(ledger, keys))
    typer.echo(key)


def _rotated(ledger: Ledger, keys: LogKeys, reason: Reason) -> str:
    with keys.rewriting():
        if not _fresh(ledger, keys):
            name = keys.signers()[0].name
            keys.write(f"{keys.text().strip()}\n{new_key(name)}\n")
        return _begun(ledger, keys, reason)


def _begun(ledger: Ledger, keys: LogKeys, reason: Reason) -> str:
    """Tell the log of the one key that it does not know yet."""
    fresh = _fresh(ledger, keys)
    if len(fresh) != 1:
        count = "no key" if not fresh else f"{len(fresh)} keys"
        stop(
            f"{count} among those set are new to the log, and one takes over at a time: set "
            "SSP_LOG_KEY to the old key and one new one"
        )
    old = next(iter(_known(ledger).signing[-1:] or _public(keys)))
    _handle(ledger, RotateKey(old, fresh[0], reason.text), reason.actor)
    return fresh[0]


def _fresh(ledger: Ledger, keys: LogKeys) -> tuple[str, ...]:
    known = _known(ledger)
    public = _public(keys)
    if not known.signing:
        return public[1:]
    return tuple(k for k in public if k not in (*known.signing, *known.retired))


def _public(keys: LogKeys) -> tuple[str, ...]:
    return tuple(str(signer.verifier) for signer in keys.signers())


def _known(ledger: Ledger) -> Keys:
    return ledger.draft().one(DECIDER, STREAM)


def _handle(ledger: Ledger, command: SigningCommand, actor: str) -> None:
    try:
        act = Act(ActorId(slug(actor, "actor")), Role.SYSTEM, datetime.now(UTC))
        ledger.handle(Envelope(command, act))
    except DomainError as error:
        stop(str(error))


def _signed(notary: Notary) -> Signed | None:
    try:
        return notary.sign()
    except Forked as error:
        stop(f"the log is not what its key signed before: {error}", CHECK_FAILED)
