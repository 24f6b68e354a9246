"""Commands of whoever runs the programme: serve, project, migrate, import, and what ails it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from replay.options import AsJson, DatabaseUrl, DataDir, PrintRoles, ends, prints, stop

app = typer.Typer()


@app.command()
def serve(  # noqa: PLR0913  # a command's options are its parameters
    *,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on; 0 takes a free one.")] = 8000,
    projector: Annotated[bool, typer.Option(help="Keep the views up in this process.")] = True,
    demo_if_empty: Annotated[
        bool, typer.Option("--demo-if-empty", help="Play the demo into an empty log.")
    ] = False,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Serve the API until stopped. Prints where it is."""
    from replay.opening import place_of
    from replay.serving import bound
    from replay.serving import serve as serve_at

    with bound(host, port) as listener, place_of(database_url, data_dir) as place:
        serve_at(place, listener, with_projector=projector, demo_if_empty=demo_if_empty)


@app.command()
def project(*, database_url: DatabaseUrl = None, data_dir: DataDir = None) -> None:
    """Keep the views up with the log, until stopped."""
    from replay.following import follow
    from replay.opening import place_of

    with place_of(database_url, data_dir) as place:
        follow(place)


@app.command()
def remind(
    *, as_json: AsJson = False, database_url: DatabaseUrl = None, data_dir: DataDir = None
) -> None:
    """Look once for what is late in all projects, as of today. A server does so by itself."""
    from replay.opening import ledger_of
    from replay.reminding import run_reminder

    with ledger_of(database_url, data_dir) as ledger:
        run_reminder(ledger, as_json=as_json)


@app.command()
def demo(*, database_url: DatabaseUrl = None, data_dir: DataDir = None) -> None:
    """Play the 2024 round into an empty log. Its scores are simulated, and say so."""
    from replay.demo.playing import play_demo
    from replay.demo.round_2024 import may_play
    from replay.opening import ledger_of

    with ledger_of(database_url, data_dir) as ledger:
        if not may_play(ledger):
            stop("the log is not empty: the demo is only played into an empty one")
        play_demo(ledger)


@app.command()
def migrate(
    *,
    print_roles: PrintRoles = False,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Bring the database up to this version. Makes the views' tables, too."""
    from core.ledger.roles import roles_sql
    from projections.projector import set_up_views
    from projections.views import VIEWS
    from replay.opening import place_of

    if print_roles:
        typer.echo(roles_sql(), nl=False)
        return
    with place_of(database_url, data_dir, "migrate") as place:
        made = set_up_views(place.url, VIEWS)
        typer.echo(f"applied: {', '.join(place.applied) or 'nothing, the schema was current'}")
        typer.echo(f"views to be filled: {', '.join(made) or 'none'}")


@app.command()
def token(
    role: Annotated[
        str, typer.Argument(help="officer, manager, chair, evaluator, auditor, analyst or city.")
    ],
    actor: Annotated[str, typer.Argument(help="A pseudonymous id, such as officer-1.")],
    *,
    city: Annotated[
        list[str] | None, typer.Option(help="For the role city: its city's id (repeatable).")
    ] = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Print a token for development. Accepted in the embedded mode only."""
    from replay.serving import development_token

    if database_url is not None:
        stop(
            "tokens for a named database come from its own issuer; the development issuer "
            "exists in the embedded mode only"
        )
    typer.echo(development_token(data_dir, role, actor, city or []))


@app.command(name="import")
def import_(  # noqa: PLR0913  # as `serve`
    mapping: Annotated[Path, typer.Argument(help="A TOML file that says what the columns mean.")],
    file: Annotated[Path, typer.Argument(help="A CSV or XLSX file.")],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List every bad row; record nothing.")
    ] = False,
    as_history: Annotated[
        bool,
        typer.Option(
            "--as-history", help="Record facts as they were, unjudged and marked as imported."
        ),
    ] = False,
    actor: Annotated[str, typer.Option(help="Who imports: a pseudonymous id.")] = "importer",
    only: Annotated[
        list[str] | None, typer.Option(help="Only this section of the mapping (repeatable).")
    ] = None,
    as_json: AsJson = False,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Import a file: all of it, or nothing."""
    from replay.importing import Wanted, run_import
    from replay.opening import ledger_of

    wanted = Wanted(mapping, file, actor, only or (), dry_run, as_history, as_json)
    with ledger_of(database_url, data_dir) as ledger:
        good = run_import(ledger, wanted)
    ends(good=good)


@app.command()
def doctor(
    *, as_json: AsJson = False, database_url: DatabaseUrl = None, data_dir: DataDir = None
) -> None:
    """Say what is wrong with the installation. Looks at all that the programme needs."""
    from dataclasses import asdict

    from replay.doctor import examine
    from replay.opening import place_of

    with place_of(database_url, data_dir, "any") as place:
        findings = list(examine(place))
    for found in findings:
        if as_json:
            prints(asdict(found))
        else:
            typer.echo(f"{'ok  ' if found.good else 'BAD '} {found.about}: {found.said}")
    ends(good=all(found.good for found in findings))
