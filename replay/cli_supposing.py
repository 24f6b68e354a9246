"""The command that supposes: what a decision would have been, had its facts been otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from replay.options import AsJson, DatabaseUrl, DataDir

app = typer.Typer()


@app.command("what-if")
def what_if(  # noqa: PLR0913  # one option for each thing that may be supposed
    decision_id: Annotated[
        str, typer.Argument(help="call:stage, or call:stage@position for an earlier approval.")
    ],
    *,
    drop_evaluator: Annotated[
        list[str] | None, typer.Option(help="Leave all scores of an evaluator out (repeatable).")
    ] = None,
    conflict: Annotated[
        list[str] | None,
        typer.Option(
            metavar="EVALUATOR=APPLICATION",
            help="Leave an evaluator's scores of one application out (repeatable).",
        ),
    ] = None,
    ignore_revision: Annotated[
        list[int] | None,
        typer.Option(
            metavar="POSITION", help="Ignore the revision at a position of the log (repeatable)."
        ),
    ] = None,
    weight: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CRITERION=40",
            help="Weigh a criterion otherwise, in percent; weights that are not named share the "
            "rest in proportion (repeatable). VARIANT/CRITERION=40 is for one variant.",
        ),
    ] = None,
    floor: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CRITERION=3",
            help="Set a criterion's floor, or that of the `total`; `none` takes it away "
            "(repeatable).",
        ),
    ] = None,
    trim: Annotated[str | None, typer.Option(help="none or drop-high-low.")] = None,
    trim_ties: Annotated[str | None, typer.Option(help="drop-one or drop-all.")] = None,
    trim_from: Annotated[
        int | None, typer.Option(help="The least number of evaluators to trim from.")
    ] = None,
    quorum: Annotated[
        int | None, typer.Option(help="How many evaluations an application needs.")
    ] = None,
    slots: Annotated[int | None, typer.Option(help="How many are let through.")] = None,
    budget: Annotated[int | None, typer.Option(metavar="KRW", help="What they may cost.")] = None,
    grid: Annotated[
        int, typer.Option(help="Try this many weightings around the weights; 0 tries none.")
    ] = 0,
    spread: Annotated[
        str, typer.Option(help="By how many percent of itself the grid moves a weight.")
    ] = "25",
    out: Annotated[Path | None, typer.Option(help="Save the answer to a file, as JSON.")] = None,
    as_json: AsJson = False,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Suppose that a decision's facts had been otherwise. In memory: nothing is recorded."""
    from core.ledger.codec import to_json
    from core.rubric import Trim, TrimTies
    from replay.opening import ledger_of
    from replay.what_if import asked
    from replay.what_if.answer import what_if as answer
    from replay.what_if.question import Question
    from replay.what_if.telling import show_what_if
    from replay.written import written

    question = Question(
        drop_evaluators=asked.evaluators(drop_evaluator),
        conflicts=asked.conflicts(conflict),
        ignore_revisions=tuple(ignore_revision or ()),
        weights=asked.weights(weight),
        floors=asked.floors(floor),
        trim=asked.one_of(Trim, trim, "--trim"),
        trim_ties=asked.one_of(TrimTies, trim_ties, "--trim-ties"),
        trim_from=trim_from,
        quorum=quorum,
        slots=slots,
        budget_krw=budget,
        grid=grid,
        spread=asked.spread(spread),
    )
    with ledger_of(database_url, data_dir) as ledger:
        found = answer(ledger.store, decision_id, question)
    document = to_json(found)
    if out is not None:
        with written(out) as file:
            file.write(document + b"\n")
    if as_json:
        typer.echo(document.decode())
    else:
        show_what_if(found)
        if out is not None:
            typer.echo(f"saved as {out}")
