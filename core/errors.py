"""What a refusal is: a rule that was broken, said so that the person can mend it.

A refusal knows nothing of HTTP or of the terminal; the outer layers map its code
once. Every violation names the field, the value and the rule.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn, ParamSpec

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule.

    `code` is a kebab-case name that never changes and is documented in
    docs/refusals.md; `rule` is a sentence for a person; `field` is the path of the
    input at fault ("" where the input as a whole is refused); `value` is what was
    given, as text.
    """

    code: str
    rule: str
    field: str = ""
    value: str = ""

    def __str__(self) -> str:
        """Say what was given, where, and which rule it breaks."""
        given = f"{self.field} = {self.value!r}: " if self.field else ""
        return f"{given}{self.rule} [{self.code}]"


class DomainError(Exception):
    """A command was refused; nothing was recorded.

    The first violation gives the refusal its code.
    """

    def __init__(self, *violations: Violation) -> None:
        """Take one violation or more."""
        if not violations:
            msg = "a refusal names at least one violation"
            raise ValueError(msg)
        super().__init__("; ".join(map(str, violations)))
        self.violations = violations

    @property
    def code(self) -> str:
        """The code of the first violation."""
        return self.violations[0].code


def refuse(code: str, rule: str, *, field: str = "", value: object = "") -> NoReturn:
    """Raise a `DomainError` with one violation."""
    raise DomainError(Violation(code, rule, field, str(value)))


def require(holds: object, code: str, rule: str, *, field: str = "", value: object = "") -> None:
    """Refuse unless `holds`."""
    if not holds:
        refuse(code, rule, field=field, value=value)


def broken(check: Callable[P, object], *given: P.args, **named: P.kwargs) -> tuple[Violation, ...]:
    """Return what a check refuses, so that all faults of a large input are named at once."""
    try:
        check(*given, **named)
    except DomainError as refusal:
        return refusal.violations
    return ()
