"""`ssp import`: lists a file's bad rows, or records the file whole with a bar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import typer

from core.decider import Act
from core.ledger.ledger import Ledger
from core.vocabulary import ActorId, Role
from replay.imports.findings import Plan
from replay.imports.run import Import, plan, run
from replay.terminal import progress_bar

_MOST_BAD = 1_000


def run_import(  # noqa: PLR0913  # what the command line takes
    ledger: Ledger, mapping: Path, file: Path, actor: str, *, dry_run: bool, as_history: bool,
    only: Sequence[str] = (),
) -> bool:
    """Import a file, or say what is wrong with it; return whether nothing was."""
    act = Act(ActorId(actor), Role.OFFICER, datetime.now(UTC))
    wanted = Import(mapping, file, act, as_history, only)
    with progress_bar(f"importing {file.name}") as advance:
        done = (plan if dry_run else run)(
            ledger, wanted, progress=lambda _phase, at, of: advance(at, of))
    _tell(done, dry_run=dry_run)
    return not done.bad


def _tell(done: Plan, *, dry_run: bool) -> None:
    for bad in done.bad[:_MOST_BAD]:
        typer.echo(str(bad), err=True)
    if len(done.bad) > _MOST_BAD:
        typer.echo(f"… and {len(done.bad) - _MOST_BAD} more", err=True)
    for section, count in done.counts.items():
        typer.echo(f"{section}: {count.new} new, {count.known} on record already, "
                   f"{count.repeated} repeated in the file")
    if done.bad:
        typer.echo(f"{len(done.bad)} things are wrong; nothing was recorded")
    elif dry_run:
        typer.echo(f"{done.rows} rows are good: {done.events} events would be recorded")
    elif done.recorded is None:
        typer.echo("everything was on record already; nothing was recorded")
    else:
        last = done.recorded.first_position + done.recorded.count - 1
        typer.echo(f"recorded {done.recorded.count} events at positions "
                   f"{done.recorded.first_position} to {last}")
