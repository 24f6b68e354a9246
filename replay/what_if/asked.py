"""A question in the words of the command line: `criterion=40`, `evaluator=call:city`."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeVar

from core.errors import refuse
from core.vocabulary import ActorId, ApplicationId, EvaluatorId
from replay.what_if.question import Conflict, NewFloor, NewWeight

E = TypeVar("E", bound=StrEnum)


def evaluators(names: Iterable[str] | None) -> tuple[EvaluatorId, ...]:
    """Return evaluators by their ids."""
    return tuple(EvaluatorId(ActorId(name)) for name in names or ())


def weights(words: Iterable[str] | None) -> tuple[NewWeight, ...]:
    """Read `criterion=40`, `variant/criterion=40` and, of the rubric's own, `/criterion=40`."""
    found: list[NewWeight] = []
    for word in words or ():
        name, value = _pair(word, "--weight", "criterion=40 or variant/criterion=40")
        variant, slash, criterion = name.rpartition("/")
        weight = _number(value, "--weight", word)
        found.append(NewWeight(criterion, weight, variant if slash else None))
    return tuple(found)


def floors(words: Iterable[str] | None) -> tuple[NewFloor, ...]:
    """Read `criterion=3`, `total=85`, and `criterion=none`, which takes a floor away."""
    found: list[NewFloor] = []
    for word in words or ():
        name, value = _pair(word, "--floor", "criterion=3, total=85 or criterion=none")
        found.append(NewFloor(name, None if value == "none" else _number(value, "--floor", word)))
    return tuple(found)


def conflicts(words: Iterable[str] | None) -> tuple[Conflict, ...]:
    """Read `evaluator=call:city`."""
    pairs = [_pair(word, "--conflict", "evaluator=call:city") for word in words or ()]
    return tuple(Conflict(EvaluatorId(ActorId(who)), ApplicationId(what)) for who, what in pairs)


def spread(word: str) -> Decimal:
    """Read a number of percent."""
    return _number(word, "--spread", word)


def _pair(word: str, option: str, form: str) -> tuple[str, str]:
    name, sign, value = word.rpartition("=")
    if not (name and sign and value):
        refuse("malformed-value", f"it is written {form}", field=option, value=word)
    return name, value


def _number(text: str, option: str, word: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        refuse("malformed-value", "what follows the = is a number", field=option, value=word)


def one_of(kind: type[E], word: str | None, option: str) -> E | None:
    """Read one of a few words."""
    if word is None:
        return None
    if word not in list(kind):
        refuse("malformed-value", f"it is one of {', '.join(kind)}", field=option, value=word)
    return kind(word)
