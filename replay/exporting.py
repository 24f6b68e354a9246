"""What `ssp export` writes for analysts and donors: views, and projects as they are published."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import typer

from core.ledger.ledger import Ledger
from projections.documents import NotFolded
from projections.views import VIEWS
from replay.exports.view_file import Format, Wanted, export_view
from replay.iati.activity import Publisher
from replay.iati.file import write_activities
from replay.options import stop
from replay.terminal import progress_bar
from replay.written import written


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asked for."""

    view: str
    format: str | None
    as_of: str | None
    kinds: Collection[str]
    personal: bool
    out: Path | None


def write_view(ledger: Ledger, asked: Asked) -> None:
    """Write a view to a file, and say where it is and what it is of."""
    views = {view.name: view for view in VIEWS}
    if asked.view not in views:
        stop(f"there is no view {asked.view!r}; there are {', '.join(views)}")
    if asked.personal and not ledger.keyring.opens:
        stop("personal text cannot be opened: no key-encryption key is set, see `ssp doctor`")
    form = _format(asked)
    path = asked.out or Path(f"{asked.view}.{form}")
    wanted = Wanted(views[asked.view], form, asked.as_of, asked.kinds, asked.personal)
    try:
        with written(path) as file, progress_bar(f"exporting {asked.view}") as tell:
            done = export_view(ledger, wanted, file, tell)
    except NotFolded as error:
        stop(f"{error}: `ssp project` or `ssp serve` folds it")
    of = done.provenance
    typer.echo(
        f"{path}: {done.rows} rows of {of.view}, version {of.view_version}, "
        f"as of position {of.as_of_position}"
    )


def write_iati(ledger: Ledger, by: Publisher, as_of: str | None, out: Path | None) -> None:
    """Write projects as activities, and say which were left out and why."""
    path = out or Path("activities.xml")
    with written(path) as file:
        done = write_activities(ledger, by, as_of, file)
    for project, why in done.left_out.items():
        typer.echo(f"{project} is left out: {why}", err=True)
    typer.echo(f"{path}: {done.activities} activities, as of position {done.position}")


def _format(asked: Asked) -> Format:
    suffix = asked.out.suffix.removeprefix(".").lower() if asked.out else ""
    said = asked.format or suffix
    if said not in list(Format):
        stop(f"--format is one of {', '.join(Format)}; no file's name says which")
    return Format(said)
