"""The command line, `ssp`: one program for operators, auditors and analysts.

Results are on standard output; progress, logs and errors on standard error. Exit codes: 0 done
(a server that was told to stop, too); 1 the check failed (a log or view that does not verify, a
decision that does not replay, an import with bad rows, an ailment that the doctor found); 2 a
mistake in the call or a refusal; 3 the database cannot be had; 130 interrupted by Ctrl-C, 141
its reader went away, 143 told to stop by SIGTERM.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from replay.ending import run
from replay.options import (
    CHECK_FAILED,
    AsJson,
    AsOf,
    DatabaseUrl,
    DataDir,
    EffectiveAt,
    PrintRoles,
)

app = typer.Typer(
    name="ssp",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,  # a quarter of a second that every call would pay
    help="Sharing Seoul: record, replay and prove selections of partner-city projects.",
)
replays = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Decide again, or look back."
)
app.add_typer(replays, name="replay")


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
def demo(*, database_url: DatabaseUrl = None, data_dir: DataDir = None) -> None:
    """Play the 2024 round into an empty log. Its scores are simulated, and say so."""
    from replay.demo.playing import play_demo
    from replay.demo.round_2024 import may_play
    from replay.opening import ledger_of, stop

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
    from replay.opening import stop
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
    _end(good=good)


@replays.command()
def decision(
    decision_id: Annotated[
        str,
        typer.Argument(help="call:stage, or call:stage@position for an earlier approval."),
    ],
    *,
    as_json: AsJson = False,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Decide a selection again from the log alone, and compare."""
    from core.ledger.codec import to_json
    from replay.decisions import replay_decision
    from replay.opening import ledger_of
    from replay.terminal import show_decision

    with ledger_of(database_url, data_dir) as ledger:
        replayed = replay_decision(ledger, decision_id)
    if as_json:
        _print({"identical": replayed.identical, **json.loads(to_json(replayed))})
    else:
        show_decision(replayed)
    _end(good=replayed.identical)


@replays.command()
def view(
    name: Annotated[str, typer.Argument(help="A view, such as partner_pools or ranking.")],
    *,
    as_of: AsOf = None,
    key: Annotated[str, typer.Option(help="Only rows whose key begins with this.")] = "",
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Fold a view as of any moment. From the records alone; one JSON line a row."""
    from core.ledger.codec import to_json
    from replay.looking import rows_of
    from replay.opening import ledger_of

    with ledger_of(database_url, data_dir) as ledger:
        position, rows = rows_of(ledger, name, as_of)
    for row_key, row in rows.items():
        if row_key.startswith(key):
            _print({"key": row_key, "as_of_position": position, "row": json.loads(to_json(row))})


@app.command()
def consistency(  # noqa: PLR0913  # as `serve`
    call_id: Annotated[str, typer.Argument(help="A call's id.")],
    stage: Annotated[str, typer.Argument(help="One of its stages.")],
    *,
    as_of: AsOf = None,
    effective_at: EffectiveAt = None,
    as_json: AsJson = False,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Report how far evaluators agree. Folded from the records alone."""
    from core.ledger.codec import to_json
    from replay.looking import consistency_of
    from replay.opening import ledger_of
    from replay.terminal import show_consistency

    with ledger_of(database_url, data_dir) as ledger:
        position, report = consistency_of(ledger, call_id, stage, as_of, effective_at)
    if as_json:
        _print({"as_of_position": position, **json.loads(to_json(report))})
    else:
        show_consistency(report, position)


@app.command()
def verify(
    *,
    views: Annotated[bool, typer.Option(help="Also compare every view with a rebuild.")] = True,
    as_json: AsJson = False,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Prove the log and views whole. Recomputes all of it, and names the first fault."""
    from replay.looking import verified
    from replay.opening import ledger_of

    with ledger_of(database_url, data_dir) as ledger:
        good = verified(ledger, views=views, as_json=as_json)
    _end(good=good)


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
            _print(asdict(found))
        else:
            typer.echo(f"{'ok  ' if found.good else 'BAD '} {found.about}: {found.said}")
    _end(good=all(found.good for found in findings))


def _print(document: object) -> None:
    typer.echo(json.dumps(document, ensure_ascii=False))


def _end(*, good: bool) -> None:
    if not good:
        raise typer.Exit(CHECK_FAILED)


def main() -> None:
    """Run `ssp`."""
    run(_command_line)


def _command_line() -> None:
    *words, last = sys.argv[1:] or [""]
    if last != "--help" or not _explained(words):
        app()


def _explained(words: list[str]) -> bool:
    """Print a command's help, if the words are one: Typer loads pydantic even for that."""
    command: Any = get_command(app)
    context = typer.Context(command, info_name="ssp")
    for word in words:
        if not isinstance(command, TyperGroup) or word not in command.commands:
            return False
        command = command.commands[word]
        context = typer.Context(command, info_name=word, parent=context)
    typer.echo(command.get_help(context))
    return True
