"""The command line, `ssp`: one program for operators, auditors and analysts.

Exit codes: 0 done; 1 the check failed (a log that does not verify, a decision that
does not replay, an import with bad rows); 2 a mistake in the call or a refusal; 3 the
database cannot be had.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from core.errors import DomainError

if TYPE_CHECKING:
    from core.ledger.ledger import Ledger
    from core.ledger.place import Place

app = typer.Typer(
    name="ssp",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Sharing Seoul: record, replay and prove selections of partner-city projects.",
)
replays = typer.Typer(no_args_is_help=True, help="Decide again, or look back.")
app.add_typer(replays, name="replay")

DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        envvar="SSP_DATABASE_URL",
        help="A PostgreSQL 15 or newer; without one, the embedded is used.",
    ),
]
DataDir = Annotated[
    Path | None, typer.Option(envvar="SSP_DATA_DIR", help="Where the embedded database lies.")
]
AsOf = Annotated[
    str | None,
    typer.Option(help="A position, or a recorded instant with its offset: what was known then."),
]
EffectiveAt = Annotated[
    str | None, typer.Option(help="An instant in the world, with its offset: what was true then.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]

CHECK_FAILED, MISTAKE, NO_DATABASE = 1, 2, 3


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on; 0 takes a free one.")] = 8000,
    projector: Annotated[bool, typer.Option(help="Keep the views up in this process.")] = True,
    demo_if_empty: Annotated[bool, typer.Option(help="Play the demo into an empty log.")] = False,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Serve the API, and print where it is."""
    from replay.serving import serve as run

    with _place(database_url, data_dir) as place:
        run(place, host, port, with_projector=projector, demo_if_empty=demo_if_empty)


@app.command()
def project(database_url: DatabaseUrl = None, data_dir: DataDir = None) -> None:
    """Keep the views up with the log, until stopped."""
    from replay.serving import follow

    with _place(database_url, data_dir) as place:
        follow(place)


@app.command()
def demo(database_url: DatabaseUrl = None, data_dir: DataDir = None) -> None:
    """Play the 2024 round into an empty log; its scores are simulated, and say so."""
    from replay.serving import play_demo

    with _ledger(database_url, data_dir) as ledger:
        if ledger.store.size():
            _stop("the log is not empty: the demo is only played into an empty one")
        play_demo(ledger)


@app.command()
def migrate(database_url: DatabaseUrl = None, data_dir: DataDir = None) -> None:
    """Bring the database's schema up to this version, and make the views' tables."""
    from projections.projector import set_up_views
    from projections.views import VIEWS

    with _place(database_url, data_dir, migrating=True) as place:
        made = set_up_views(place.url, VIEWS)
        typer.echo(f"the schema is current; views to be filled: {', '.join(made) or 'none'}")


@app.command()
def token(
    role: Annotated[
        str, typer.Argument(help="officer, manager, chair, evaluator, auditor, analyst or city.")
    ],
    actor: Annotated[str, typer.Argument(help="A pseudonymous id, such as officer-1.")],
    city: Annotated[list[str] | None, typer.Option(help="For the role city: its city id.")] = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Print a bearer token of the development issuer (embedded mode only)."""
    from replay.serving import development_token

    with _place(database_url, data_dir) as place:
        if place.data_dir is None:
            _stop(
                "tokens for a named database come from its own issuer; the development issuer "
                "exists in the embedded mode only"
            )
        typer.echo(development_token(place.data_dir, role, actor, city or []))


@app.command(name="import")
def import_(
    mapping: Annotated[Path, typer.Argument(help="A TOML file that says what the columns mean.")],
    file: Annotated[Path, typer.Argument(help="A CSV or XLSX file.")],
    dry_run: Annotated[bool, typer.Option(help="List every bad row; record nothing.")] = False,
    as_history: Annotated[
        bool, typer.Option(help="Record facts as they were, unjudged and marked as imported.")
    ] = False,
    actor: Annotated[str, typer.Option(help="Who imports.")] = "importer",
    only: Annotated[
        list[str] | None, typer.Option(help="Only this section of the mapping (repeatable).")
    ] = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Import a file: all of it, or nothing."""
    from replay.importing import run_import

    with _ledger(database_url, data_dir) as ledger:
        good = run_import(
            ledger, mapping, file, actor, dry_run=dry_run, as_history=as_history, only=only or ()
        )
    if not good:
        raise typer.Exit(CHECK_FAILED)


@replays.command()
def decision(
    decision_id: Annotated[
        str, typer.Argument(help="call:stage, or call:stage@position for an earlier approval.")
    ],
    as_json: AsJson = False,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Decide a selection again from the log alone, and compare."""
    from core.ledger.codec import to_json
    from replay.decisions import replay_decision
    from replay.terminal import show_decision

    with _ledger(database_url, data_dir) as ledger:
        replayed = replay_decision(ledger, decision_id)
    if as_json:
        typer.echo(json.dumps({"identical": replayed.identical, **json.loads(to_json(replayed))}))
    else:
        show_decision(replayed)
    if not replayed.identical:
        raise typer.Exit(CHECK_FAILED)


@replays.command()
def view(
    name: Annotated[str, typer.Argument(help="A view, such as partner_pools or ranking.")],
    as_of: AsOf = None,
    key: Annotated[str, typer.Option(help="Only rows whose key begins with this.")] = "",
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Fold a view from the records alone, as of any moment; one JSON line a row."""
    from core.ledger.codec import to_json
    from projections.time_travel import fold, position_of
    from projections.views import VIEWS

    found = {v.name: v for v in VIEWS}
    if name not in found:
        _stop(f"there is no view {name!r}; there are {', '.join(found)}")
    with _ledger(database_url, data_dir) as ledger:
        position = position_of(ledger.store, as_of)
        rows = fold(found[name], ledger.read(0, position + 1))
    for row_key, row in rows.items():
        if row_key.startswith(key):
            typer.echo(
                json.dumps(
                    {"key": row_key, "as_of_position": position, "row": json.loads(to_json(row))},
                    ensure_ascii=False,
                )
            )


@app.command()
def consistency(
    call_id: str,
    stage: str,
    as_of: AsOf = None,
    effective_at: EffectiveAt = None,
    as_json: AsJson = False,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Report how far a stage's evaluators agree, folded from the records alone."""
    from core.ledger.codec import to_json
    from projections.evaluation_consistency.queries import report_from
    from projections.evaluation_consistency.fold import VIEW
    from projections.time_travel import fold, instant_of, position_of
    from replay.terminal import show_consistency

    at = instant_of(effective_at, "effective_at") if effective_at else None
    with _ledger(database_url, data_dir) as ledger:
        position = position_of(ledger.store, as_of)
        rows = fold(VIEW, ledger.read(0, position + 1))
    report = report_from(rows.values(), call_id, stage, at)
    if report is None:
        _stop(f"call {call_id!r} has no stage {stage!r} as of position {position}")
    if as_json:
        typer.echo(to_json(report).decode())
    else:
        show_consistency(report, position)


@app.command()
def verify(
    views: Annotated[bool, typer.Option(help="Also compare every view with a rebuild.")] = True,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Recompute leaves, root, versions, time order and views; name the first fault."""
    from replay.terminal import progress_bar
    from replay.verify import verify as check
    from replay.verify import verify_views

    failed = False
    with _ledger(database_url, data_dir) as ledger:
        with progress_bar("verifying records") as advance:
            result = check(ledger.store, advance)
        if result.fault is None:
            typer.echo(f"the log verifies: {result.size} events, root {result.root}")
        else:
            typer.echo(
                f"the log does NOT verify, at position {result.fault.position}: "
                f"{result.fault.finding}"
            )
            raise typer.Exit(CHECK_FAILED)
        for name, finding in verify_views(ledger).items() if views else ():
            said = "equal to a rebuild" if finding is None else finding or "never filled yet"
            typer.echo(f"view {name}: {said}")
            failed = failed or bool(finding)
    if failed:
        raise typer.Exit(CHECK_FAILED)


@app.command()
def doctor(database_url: DatabaseUrl = None, data_dir: DataDir = None) -> None:
    """Look at everything that the programme needs, and say what is wrong."""
    from replay.doctor import examine

    with _place(database_url, data_dir) as place:
        healthy = True
        for finding in examine(place):
            healthy = healthy and finding.good
            typer.echo(f"{'ok  ' if finding.good else 'BAD '} {finding.about}: {finding.said}")
    if not healthy:
        raise typer.Exit(CHECK_FAILED)


@contextmanager
def _place(
    database_url: str | None, data_dir: Path | None, *, migrating: bool = False
) -> Iterator[Place]:
    from core.ledger.embedded import EmbeddedRefused
    from core.ledger.place import NotMigrated, Unreachable, opened

    try:
        with opened(database_url, data_dir, migrating=migrating) as place:
            yield place
    except (EmbeddedRefused, NotMigrated, Unreachable) as error:
        typer.echo(f"ssp: {error}", err=True)
        raise typer.Exit(NO_DATABASE) from error


@contextmanager
def _ledger(database_url: str | None, data_dir: Path | None) -> Iterator[Ledger]:
    from core.ledger.ledger import Ledger

    with _place(database_url, data_dir) as place, Ledger(place.url) as ledger:
        yield ledger


def _stop(message: str) -> NoReturn:
    typer.echo(f"ssp: {message}", err=True)
    raise typer.Exit(MISTAKE)


def main() -> None:
    """Run `ssp`; a refusal is a message and an exit code, never a stack trace."""
    try:
        app()
    except DomainError as refusal:
        for violation in refusal.violations:
            typer.echo(f"ssp: {violation}", err=True)
        sys.exit(MISTAKE)
