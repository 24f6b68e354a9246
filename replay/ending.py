"""How `ssp` ends: with a message and an exit code whatever happens, never with a stack trace."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

import typer

from core.errors import DomainError
from replay.options import INTERRUPTED, MISTAKE, PIPE_CLOSED, TERMINATED, Terminated


def run(command_line: Callable[[], object]) -> NoReturn:
    """Run the command line and exit with its code."""
    # Left to itself, SIGTERM would leave the embedded server running without a user.
    signal.signal(signal.SIGTERM, _terminated)
    code: str | int | None = 0
    try:
        command_line()
    except DomainError as refusal:
        for violation in refusal.violations:
            typer.echo(f"ssp: {violation}", err=True)
        code = MISTAKE
    except KeyboardInterrupt:
        code = INTERRUPTED
    except SystemExit as end:
        # Typer catches a closed pipe itself, and calls it 1: our code for a failed check.
        code = PIPE_CLOSED if isinstance(end.__context__, BrokenPipeError) else end.code
    if code == INTERRUPTED:
        typer.echo("ssp: interrupted; what was under way is recorded whole or not at all", err=True)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        code = PIPE_CLOSED
        # What is left in the buffer has nowhere to go, and Python would complain at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(code)


def _terminated(_number: int, _frame: object) -> NoReturn:
    raise Terminated(TERMINATED)
