"""What the commands of `ssp` have in common: options, and the codes that they exit with.

Loaded before every command, `--help` included: so it imports nothing that takes time.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, NoReturn

import typer

CHECK_FAILED, MISTAKE, NO_DATABASE = 1, 2, 3
# As a shell counts programs that a signal ended: 128 and the signal's number.
INTERRUPTED, PIPE_CLOSED, TERMINATED = 130, 141, 143


class Terminated(SystemExit):
    """SIGTERM has come: what was opened is closed on the way out."""


DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        envvar="SSP_DATABASE_URL",
        metavar="URL",
        help="A PostgreSQL 15 or newer, such as postgresql://user@host/database; without one, "
        "the embedded is used.",
    ),
]
DataDir = Annotated[
    Path | None,
    typer.Option(
        envvar="SSP_DATA_DIR",
        metavar="FOLDER",
        help="Where the embedded database lies; by default, the system's or the user's state "
        "folder.",
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        metavar="MOMENT",
        help="A position, or a recorded instant with its offset: what was known then.",
    ),
]
EffectiveAt = Annotated[
    str | None,
    typer.Option(
        metavar="INSTANT", help="An instant in the world, with its offset: what was true then."
    ),
]
ByOperator = Annotated[str, typer.Option("--actor", help="Who does it: a pseudonymous id.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
PrintRoles = Annotated[
    bool,
    typer.Option("--print-roles", help="Print what makes the database's roles; change nothing."),
]


def prints(document: object) -> None:
    """Print a document on a line of its own, for programs."""
    typer.echo(json.dumps(document, ensure_ascii=False))


def ends(*, good: bool) -> None:
    """Exit with the code of a failed check, unless it went well."""
    if not good:
        raise typer.Exit(CHECK_FAILED)


def stop(message: str, code: int = MISTAKE) -> NoReturn:
    """End the command with a message."""
    typer.echo(f"ssp: {message}", err=True)
    raise typer.Exit(code)
