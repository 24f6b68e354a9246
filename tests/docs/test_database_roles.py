"""What an administrator is told about roles is what there is."""

from __future__ import annotations

import re
from pathlib import Path

from core.ledger.roles import DatabaseRole

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "database-roles.md").read_text(encoding="utf-8")


def test_every_role_has_its_line() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == {str(r) for r in DatabaseRole}


def test_the_users_of_the_page_are_those_of_compose() -> None:
    logins = (ROOT / "docker" / "logins.sql").read_text(encoding="utf-8")
    for statement in ("grant", "create role"):
        lines = rf"^{statement} \w+(?: to \w+| login noinherit)"
        assert re.findall(lines, PAGE, re.MULTILINE) == re.findall(lines, logins, re.MULTILINE)
