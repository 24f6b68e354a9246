"""The command line, `ssp`: one program for operators, auditors and analysts.

Results are on standard output; progress, logs and errors on standard error. Exit codes: 0 done
(a server that was told to stop, too); 1 the check failed (a log or view that does not verify, a
decision that does not replay, an import with bad rows, a finding of the audit, an ailment that
the doctor found); 2 a mistake in the call or a refusal; 3 the database cannot be had; 130
interrupted by Ctrl-C, 141 its reader went away, 143 told to stop by SIGTERM.
"""

from __future__ import annotations

import sys
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from replay import (
    cli_auditing,
    cli_frameworks,
    cli_keys,
    cli_looking,
    cli_persons,
    cli_running,
    cli_supposing,
)
from replay.ending import run

app = typer.Typer(
    name="ssp",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,  # a quarter of a second that every call would pay
    help="Sharing Seoul: record, replay and prove selections of partner-city projects.",
)
app.add_typer(cli_running.app)
app.add_typer(cli_looking.app)
app.add_typer(cli_supposing.app)
app.add_typer(cli_auditing.app)
app.add_typer(cli_frameworks.app)
app.add_typer(cli_keys.app)
app.add_typer(cli_persons.app)


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
