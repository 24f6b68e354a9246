"""`ssp import`: lists a file's bad rows, or records the file whole with a bar."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer

from core.decider import Act
from core.ledger.ledger import Ledger
from core.vocabulary import ActorId, Role, slug
from replay.imports.findings import Plan
from replay.imports.run import Import, plan, run
from replay.terminal import progress_bar

_MOST_BAD = 1_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asked for."""

    mapping: Path
    file: Path
    actor: str
    only: Sequence[str]
    dry_run: bool
    as_history: bool
    as_json: bool


def run_import(ledger: Ledger, wanted: Wanted) -> bool:
    """Import a file, or say what is wrong with it; return whether nothing was."""
    act = Act(ActorId(slug(wanted.actor, "actor")), Role.OFFICER, datetime.now(UTC))
    job = Import(wanted.mapping, wanted.file, act, wanted.as_history, wanted.only)
    with progress_bar(f"importing {wanted.file.name}") as tell:
        done = (plan if wanted.dry_run else run)(
            ledger, job, progress=lambda phase, at, of: tell(at, of, phase)
        )
    if wanted.as_json:
        typer.echo(json.dumps(asdict(done), default=str, ensure_ascii=False))
    else:
        _tell(done, dry_run=wanted.dry_run)
    return not done.bad


def _tell(done: Plan, *, dry_run: bool) -> None:
    for bad in done.bad[:_MOST_BAD]:
        typer.echo(str(bad), err=True)
    if len(done.bad) > _MOST_BAD:
        typer.echo(f"… and {len(done.bad) - _MOST_BAD} more (all of them with --json)", err=True)
    for section, count in done.counts.items():
        typer.echo(
            f"{section}: {count.new} new, {count.known} on record already, "
            f"{count.repeated} repeated in the file"
        )
    typer.echo(_verdict(done, dry_run=dry_run))


def _verdict(done: Plan, *, dry_run: bool) -> str:
    if done.bad:
        return f"wrong in {len(done.bad)} places; nothing was recorded"
    if dry_run:
        return f"{done.rows} rows are good: {done.events} events would be recorded"
    if done.recorded is None:
        return "everything was on record already; nothing was recorded"
    first, count = done.recorded.first_position, done.recorded.count
    return f"recorded {count} events at positions {first} to {first + count - 1}"
