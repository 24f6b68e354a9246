"""Every code that a command can be refused with, found in the source itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

CORE = Path(__file__).parents[2] / "core"

# Where in a call the code stands, by the name of what is called.
ARGUMENT = {"refuse": 0, "require": 1, "Violation": 0}
# These say by a code why something may not be, and the rules refuse with it.
TELLERS = {"outside", "barred"}
# How the rules pass on such a code, and how `require` hands over to `refuse`.
PASSED_ON = {"facts.outside", "facts.barred", "code"}
CODE = re.compile(r"[a-z]+(-[a-z0-9]+)*")


class NoCode(Exception):
    """A refusal whose code cannot be told by reading."""


def refusal_codes() -> set[str]:
    """Return every code of core/; raises `NoCode` where one is not written out."""
    found: set[str] = set()
    for path in sorted(CORE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=name)) if name in ARGUMENT:
                    found |= set(_of_call(node, name, path))
                case ast.FunctionDef(name=name) if name in TELLERS:
                    found |= set(_returned(node))
                case _:
                    pass
    return found


def _of_call(call: ast.Call, name: str, path: Path) -> Iterator[str]:
    given = {k.arg: k.value for k in call.keywords}
    index = ARGUMENT[name]
    code = call.args[index] if index < len(call.args) else given["code"]
    if isinstance(code, ast.Constant) and isinstance(code.value, str):
        yield code.value
    elif ast.unparse(code) not in PASSED_ON:
        where = f"{path.relative_to(CORE.parent)}:{call.lineno}"
        raise NoCode(f"{where}: {ast.unparse(code)}")


def _returned(function: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None:
            for leaf in _values(node.value):
                if isinstance(leaf, ast.Constant) and leaf.value:
                    yield str(leaf.value)


def _values(value: ast.expr) -> Iterator[ast.expr]:
    """Yield what an expression may give, not what it is decided by."""
    if isinstance(value, ast.IfExp):
        yield from _values(value.body)
        yield from _values(value.orelse)
    else:
        yield value
