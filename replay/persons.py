"""`ssp erase` and `ssp keys`: what an operator does about the persons in the log."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from replay.options import AsJson, DatabaseUrl, DataDir

keys = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Keys of the persons in the log."
)


def erase(  # noqa: PLR0913  # a command's options are its parameters
    subject: Annotated[str, typer.Argument(help="A person's pseudonymous id.")],
    *,
    reason: Annotated[
        str, typer.Option(help="Why, in general terms: it stays readable.", show_default=False)
    ],
    actor: Annotated[
        str, typer.Option(help="Who decided it: a manager's pseudonymous id.")
    ] = "operator",
    as_json: AsJson = False,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Destroy a person's key. All that was sealed about them is unreadable for good."""
    from replay.erasing import erase_subject
    from replay.opening import ledger_of

    with ledger_of(database_url, data_dir) as ledger:
        erased = erase_subject(ledger, subject, reason, actor)
    if as_json:
        typer.echo(json.dumps(erased))
    else:
        typer.echo(f"{subject} is erased: position {erased['at_position']} of the log says so")


@keys.command()
def rewrap(*, database_url: DatabaseUrl = None, data_dir: DataDir = None) -> None:
    """Wrap all keys with the present key-encryption key. Then the old one can be taken out."""
    from replay.opening import ledger_of

    with ledger_of(database_url, data_dir) as ledger:
        typer.echo(f"wrapped again: {ledger.keyring.rewrap()}")
