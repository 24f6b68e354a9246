"""Commands of whoever keeps the log's keys: what is signed, and with which key."""

from __future__ import annotations

from typing import Annotated

import typer

from replay.options import ByOperator, DatabaseUrl, DataDir

app = typer.Typer()
keys = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Show and exchange the keys that sign the log.",
)
app.add_typer(keys, name="key")


@app.command()
def checkpoint(
    *,
    size: Annotated[
        int | None, typer.Option(min=0, help="Print the one that was signed for this size.")
    ] = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Sign the log as it stands. Prints the checkpoint, a signed note."""
    from replay.keys import checkpoint as signed
    from replay.opening import ledger_and_place

    with ledger_and_place(database_url, data_dir) as (ledger, place):
        signed(place, ledger, size)


@keys.command()
def show(*, database_url: DatabaseUrl = None, data_dir: DataDir = None) -> None:
    """Print the public keys. They verify the log's checkpoints; hand them to auditors."""
    from replay.keys import show as shown

    shown(data_dir, named=database_url is not None)


@keys.command()
def make(
    name: Annotated[str, typer.Argument(help="The log's name, such as log.example.org/ssp.")],
) -> None:
    """Print a new private key. For SSP_LOG_KEY, or a file that SSP_LOG_KEY_FILE names."""
    from replay.keys import make as made

    made(name)


@keys.command()
def rotate(
    *,
    reason: Annotated[str, typer.Option(help="Why; recorded with the event.")],
    actor: ByOperator = "operator",
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Let a new key take over. The old one signs beside it until it is retired."""
    from replay.keys import Reason
    from replay.keys import rotate as rotated
    from replay.opening import ledger_and_place

    with ledger_and_place(database_url, data_dir) as (ledger, place):
        rotated(place, ledger, Reason(reason, actor))


@keys.command()
def retire(
    key: Annotated[
        str | None, typer.Argument(help="The key or its id; the oldest, where none is named.")
    ] = None,
    *,
    reason: Annotated[str, typer.Option(help="Why; recorded with the event.")],
    actor: ByOperator = "operator",
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Let a key sign no more. It leaves the log's keys for good."""
    from replay.keys import Reason
    from replay.keys import retire as retired
    from replay.opening import ledger_and_place

    with ledger_and_place(database_url, data_dir) as (ledger, place):
        retired(place, ledger, Reason(reason, actor), key)
