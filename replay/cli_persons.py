"""Commands of whoever answers for the persons in the log: erasure, and the keys behind it."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from replay.options import AsJson, DatabaseUrl, DataDir

app = typer.Typer()


@app.command()
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


@app.command()
def rewrap(*, database_url: DatabaseUrl = None, data_dir: DataDir = None) -> None:
    """Wrap all keys of persons with the present key-encryption key. Then drop the old one."""
    from replay.opening import ledger_of

    with ledger_of(database_url, data_dir) as ledger:
        typer.echo(f"wrapped again: {ledger.keyring.rewrap()}")
