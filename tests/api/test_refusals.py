"""Every refusal that the code can make has a status, and no other has."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from api.refusals import STATUS

ROOT = Path(__file__).parents[2]
# In a call of these, the argument at this place is a code.
_AT = {"refuse": 0, "Violation": 0, "Problem": 0, "require": 1, "_refused": 0, "_later": 0}
# Codes that reach their call by a variable: why an application or an evaluator is out.
_BY_NAME = {
    "application-ineligible", "application-withdrawn", "conflicted", "eligibility-undetermined",
    "missing-field", "unknown-field", "malformed-json", "malformed-value", "malformed-parameter",
    "malformed-id", "not-advanced", "not-found", "not-own-city", "not-own-evaluation", "recused",
    "role-not-allowed", "method-not-allowed", "unknown-application", "internal-error",
}  # fmt: skip


def codes_in(folder: str) -> Iterator[str]:
    """Every literal code that is raised somewhere under a folder."""
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                at = _AT.get(node.func.id)
                if at is not None and len(node.args) > at:
                    code = node.args[at]
                    if isinstance(code, ast.Constant) and isinstance(code.value, str):
                        yield code.value


# What the api asks of replay may be refused there.
_FOLDERS = ("core", "api", "replay/what_if")


def raised() -> set[str]:
    return {*_BY_NAME, *(code for folder in _FOLDERS for code in codes_in(folder))}


def test_every_code_of_the_domain_and_of_the_server_has_a_status() -> None:
    assert raised() - set(STATUS) == set()


def test_no_status_is_kept_for_a_code_that_nothing_raises() -> None:
    assert set(STATUS) - raised() == set()
