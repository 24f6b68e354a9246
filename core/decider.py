"""The one shape of domain code: who acts, what they decide, and what follows.

`decide` turns a command into facts or refuses; `evolve` folds facts into state.
Both are pure: time, ids and randomness come in with the command. The decider
pattern is Jérémie Chassaing's, "Functional Event Sourcing Decider" (2021).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Generic, TypeVar

from core.errors import require
from core.vocabulary import ActorId, Instant, Role, utc

C = TypeVar("C")
S = TypeVar("S")
E = TypeVar("E")
F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class Act:
    """Who issued a command, in which role, and when it was true in the world.

    `at` becomes the events' `occurred_at` and may lie in the past; when the ledger
    learned of it is the ledger's to say. It is kept in UTC, and refused without an offset.
    """

    actor: ActorId
    role: Role
    at: Instant
    on_behalf_of: ActorId | None = None

    def __post_init__(self) -> None:
        """Bring `at` to UTC."""
        object.__setattr__(self, "at", utc(self.at, "occurred_at"))


def in_own_name(act: Act) -> None:
    """Refuse an act for another: where two people must differ, neither lends their name.

    Else one person could propose in their own name and approve in another's.
    """
    require(
        act.on_behalf_of in {None, act.actor},
        "not-in-own-name",
        "what needs two people is done by each in their own name, on nobody's behalf",
        field="on_behalf_of",
        value=act.on_behalf_of,
    )


@dataclass(frozen=True, slots=True)
class Decider(Generic[C, S, E, F]):
    """Commands C on state S, with facts F read from elsewhere, give events E."""

    initial: S
    decide: Callable[[C, Act, S, F], Sequence[E]]
    evolve: Callable[[S, E], S]

    def fold(self, events: Iterable[E], state: S | None = None) -> S:
        """Return the state after `events`, from `state` or from the beginning."""
        return reduce(self.evolve, events, self.initial if state is None else state)
