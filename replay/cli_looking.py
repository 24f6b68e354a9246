"""Commands of whoever looks back: decide again, views of any moment, and whether all is whole."""

from __future__ import annotations

import gc
import json
from pathlib import Path
from typing import Annotated

import typer

from replay.options import AsJson, AsOf, DatabaseUrl, DataDir, EffectiveAt, ends, prints, stop

app = typer.Typer()
replays = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Decide again, or look back."
)
app.add_typer(replays, name="replay")


@replays.command()
def decision(
    decision_id: Annotated[
        str,
        typer.Argument(help="call:stage, or call:stage@position for an earlier approval."),
    ],
    *,
    as_json: AsJson = False,
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Also write all of it to a page, to be read and printed."
        ),
    ] = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Decide a selection again from the log alone, and compare."""
    from core.ledger.codec import to_json
    from replay.decisions import replay_decision
    from replay.opening import ledger_of
    from replay.terminal import show_decision

    gc.disable()  # all that is read is kept until the answer is given: there is no garbage
    with ledger_of(database_url, data_dir) as ledger:
        replayed = replay_decision(ledger.store, decision_id)
    if html is not None:
        from replay.decision_page import decision_page
        from replay.written import written

        with written(html) as file:
            file.write(decision_page(replayed).encode())
    if as_json:
        typer.echo(to_json(replayed).decode())
    else:
        show_decision(replayed)
    ends(good=replayed.identical)


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
    from replay.looking import rows_of, shown
    from replay.opening import ledger_of

    with ledger_of(database_url, data_dir) as ledger:
        position, rows = rows_of(ledger, name, as_of)
        found = {k: json.loads(to_json(row)) for k, row in rows.items() if k.startswith(key)}
        opened = shown(ledger, found)
    for row_key, row in opened.items():
        prints({"key": row_key, "as_of_position": position, "row": row})


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
    from replay.looking import consistency_of, shown
    from replay.opening import ledger_of
    from replay.terminal import show_consistency

    with ledger_of(database_url, data_dir) as ledger:
        position, report = consistency_of(ledger, call_id, stage, as_of, effective_at)
        document = shown(ledger, json.loads(to_json(report))) if as_json else None
    if document is not None:
        prints({"as_of_position": position, **document})
    else:
        show_consistency(report, position)


@app.command()
def drift(  # noqa: PLR0913  # as `serve`
    stage: Annotated[str, typer.Argument(help="A stage's id, the same in each call.")],
    *,
    as_of: AsOf = None,
    effective_at: EffectiveAt = None,
    as_json: AsJson = False,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Report how evaluators moved from call to call. Folded from the records alone."""
    from core.ledger.codec import to_json
    from replay.looking import drift_of
    from replay.opening import ledger_of
    from replay.terminal import show_drift

    with ledger_of(database_url, data_dir) as ledger:
        position, found = drift_of(ledger, stage, as_of, effective_at)
    if as_json:
        prints({"as_of_position": position, **json.loads(to_json(found))})
    else:
        show_drift(found, position)


@app.command()
def findings(  # noqa: PLR0913  # as `serve`
    *,
    rule: Annotated[
        int | None, typer.Option(min=1, max=28, metavar="N", help="Only findings of this rule.")
    ] = None,
    call: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Only those about a call, and what belongs to no call."),
    ] = None,
    severity: Annotated[
        str | None, typer.Option(metavar="LEVEL", help="Only high, medium or low ones.")
    ] = None,
    verify: Annotated[
        bool, typer.Option(help="Also prove the log and its views, as `ssp verify` does.")
    ] = True,
    as_of: AsOf = None,
    as_json: AsJson = False,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Look for violations of the audit rules. Exits with 1 where something was found."""
    from projections.audit_findings.sentences import Severity
    from replay.findings import Wanted, findings_of, show
    from replay.opening import ledger_of

    levels = [level.value for level in Severity]
    if severity is not None and severity not in levels:
        stop(f"--severity is one of {', '.join(levels)}")
    level = None if severity is None else Severity(severity)
    wanted = Wanted(rule, call, level, as_of, verified=verify)
    with ledger_of(database_url, data_dir) as ledger:
        position, report = findings_of(ledger, wanted)
    show(wanted, position, report, as_json=as_json)
    ends(good=not report.findings)
