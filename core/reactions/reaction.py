"""The shape of a reaction: a fact, and the commands that it calls for.

A reaction reads what it needs through the same reader as a handler and leaves judgement to
the rules: it asks for what is right as things stand, and is decided like everyone else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from core.handlers.reading import Reader
from core.handlers.table import Command
from core.vocabulary import Instant


@dataclass(frozen=True, slots=True)
class Reaction:
    """When `fact` was recorded, `then` says which commands follow.

    It is told the fact, when that was true in the world, and reads the log as it stands now.
    The name is part of the commands' idempotency keys, so it never changes.
    """

    name: str
    fact: type[Any]
    then: Callable[[Any, Instant, Reader], Iterable[Command]]
