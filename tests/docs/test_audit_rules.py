"""docs/audit-rules.md has all 28 rules, as the code has them."""

from __future__ import annotations

import re

from projections.audit_findings.sentences import kinds, rules
from tests.docs.audit_rules import PAGE, page
from tests.docs.refusal_codes import refusal_codes


def test_the_page_of_audit_rules_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: make docs"


def test_all_28_rules_are_documented_each_with_what_it_finds() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"^## (\d+)\.", written, re.MULTILINE) == [str(n) for n in range(1, 29)]
    assert list(rules()) == list(range(1, 29))
    assert {kind.rule for kind in kinds().values()} == set(rules())
    for rule in rules().values():
        assert all((rule.title.en, rule.title.ko, rule.why, rule.source)), rule.number
    assert all(f"| `{code}` |" in written for code in kinds())


def test_refusals_that_a_rule_names_are_refusals_that_there_are() -> None:
    named = {code for rule in rules().values() for code in rule.refused}
    assert named <= refusal_codes()
