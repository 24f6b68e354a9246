"""Commands of auditors and analysts: what leaves the house, and how it is checked elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from replay.options import AsJson, AsOf, DatabaseUrl, DataDir, ends, stop

app = typer.Typer()
bundles = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Write what a decision rests on to a file."
)


class _Exports(TyperGroup):
    """`ssp export partner_pools` is short for `ssp export view partner_pools`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401  # Typer shows no type of it
        """Put the word in that was left out."""
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            args = ["view", *args]
        return super().parse_args(ctx, args)


exports = typer.Typer(
    cls=_Exports,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Write to files: the log, a view (`view` may be left out), or projects for donors.",
)
app.add_typer(bundles, name="bundle")
app.add_typer(exports, name="export")

Key = Annotated[
    list[str] | None,
    typer.Option(
        "--key", metavar="NAME+ID+KEY", help="The log's verifier key, which you trust (repeatable)."
    ),
]
Out = Annotated[Path | None, typer.Option(help="Where to; by default, a name that says what.")]


@bundles.command()
def decision(
    decision_id: Annotated[
        str, typer.Argument(help="call:stage, or call:stage@position for an earlier approval.")
    ],
    *,
    out: Out = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Write a decision's bundle. Anyone with the log's key can check it, without us."""
    from replay.auditing import write_bundle
    from replay.opening import ledger_and_place

    with ledger_and_place(database_url, data_dir) as (ledger, place):
        write_bundle(place, ledger, decision_id, out)


@exports.command()
def log(
    *,
    upto: Annotated[
        int | None, typer.Option(min=0, help="The last position; by default, the last signed.")
    ] = None,
    views: Annotated[bool, typer.Option(help="Also write every view's rows.")] = True,
    out: Out = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Write the whole log. Signed, with every view as it is at that position."""
    from replay.auditing import write_log
    from replay.opening import ledger_and_place

    with ledger_and_place(database_url, data_dir) as (ledger, place):
        write_log(place, ledger, upto, out, views=views)


@exports.command()
def view(  # noqa: PLR0913  # a command's options are its parameters
    name: Annotated[str, typer.Argument(help="A view, such as partner_pools or ranking.")],
    *,
    as_of: AsOf = None,
    form: Annotated[
        Literal["csv", "jsonl", "xlsx", "parquet"] | None,
        typer.Option("--format", help="By default, the one that the file's name ends with."),
    ] = None,
    kind: Annotated[
        list[str] | None, typer.Option(help="Only rows of this kind (repeatable).")
    ] = None,
    personal: Annotated[
        bool,
        typer.Option("--personal", help="Open personal text: no erasure reaches it in a file."),
    ] = False,
    out: Out = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Write a view as of any moment. The file says what it is of."""
    from replay.exporting import Asked, write_view
    from replay.opening import ledger_of

    asked = Asked(name, form, as_of, tuple(kind or ()), personal, out)
    with ledger_of(database_url, data_dir) as ledger:
        write_view(ledger, asked)


@exports.command()
def iati(  # noqa: PLR0913  # a command's options are its parameters
    *,
    org: Annotated[
        str,
        typer.Option(
            metavar="REF", help="Who publishes: the organisation's identifier in IATI's register."
        ),
    ],
    org_name: Annotated[
        str, typer.Option(help="Its name in English.")
    ] = "Seoul Metropolitan Government",
    org_name_ko: Annotated[str, typer.Option(help="Its name in Korean.")] = "서울특별시",
    as_of: AsOf = None,
    out: Out = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Write projects as IATI 2.03 activities. With baselines, targets and what was observed."""
    from replay.exporting import write_iati
    from replay.iati.file import publisher
    from replay.opening import ledger_of

    by = publisher(org, org_name, org_name_ko)
    with ledger_of(database_url, data_dir) as ledger:
        write_iati(ledger, by, as_of, out)


@app.command()
def verify(  # noqa: PLR0913  # a command's options are its parameters
    file: Annotated[
        Path | None,
        typer.Argument(help="A bundle or an exported log; without one, the log in the database."),
    ] = None,
    *,
    key: Key = None,
    since: Annotated[
        list[Path] | None,
        typer.Option(help="A checkpoint that was signed earlier: the log goes on from it."),
    ] = None,
    views: Annotated[bool, typer.Option(help="Also compare every view with a rebuild.")] = True,
    as_json: AsJson = False,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Prove a log or a bundle whole. Recomputes all of it, and names the first fault."""
    from replay.trusting import earlier_of, keys_of

    keys = keys_of(key or [])
    if (file or since) and not keys:
        stop("--key names the log's verifier key: without it, nothing that was signed is believed")
    earlier = earlier_of(since or [], keys)
    if file is not None:
        # Nothing that opens a database is even loaded.
        from replay.checked import verified_file

        ends(good=verified_file(file, keys, earlier, views=views, as_json=as_json))
        return
    from replay.looking import verified
    from replay.opening import ledger_of

    with ledger_of(database_url, data_dir) as ledger:
        good = verified(ledger, keys, earlier, views=views, as_json=as_json)
    ends(good=good)
