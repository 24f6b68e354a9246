"""Commands of whoever prepares a call: the frameworks that are ready, and drafting one of them."""

from __future__ import annotations

from typing import Annotated

import typer

from replay.options import AsJson, ByOperator, DatabaseUrl, DataDir

app = typer.Typer()
frameworks = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Show the frameworks that are ready, and draft one.",
)
app.add_typer(frameworks, name="framework")

Name = Annotated[str, typer.Argument(help="A framework, as `ssp framework list` names it.")]


@frameworks.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List the frameworks that are ready to be drafted."""
    from replay.drafting import listed

    listed(as_json=as_json)


@frameworks.command()
def show(name: Name, *, as_json: AsJson = False) -> None:
    """Show a framework and where it comes from."""
    from replay.drafting import shown

    shown(name, as_json=as_json)


@frameworks.command()
def draft(  # noqa: PLR0913  # as `serve`
    name: Name,
    *,
    as_id: Annotated[
        str, typer.Option("--as", metavar="ID", help="Draft it under this id; by default, its own.")
    ] = "",
    actor: ByOperator = "operator",
    as_json: AsJson = False,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Write a framework down as the next version of one in the log. Prints which."""
    from replay.drafting import drafted
    from replay.opening import ledger_of

    with ledger_of(database_url, data_dir) as ledger:
        drafted(ledger, name, as_id, actor, as_json=as_json)
