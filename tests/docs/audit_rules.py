"""Writes docs/audit-rules.md from the rules themselves: `python -m tests.docs.audit_rules`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from projections.audit_findings.sentences import kinds, rules

PAGE = Path(__file__).resolve().parents[2] / "docs" / "audit-rules.md"

HEAD = """\
# Audit rules

Commands refuse most of what these rules look for. The rules run all the same, over every fact
that is recorded, because imported history, waived rules and bugs are what audits are for.
`ssp findings` and `GET /findings` show what was found, in Korean and in English, as of any
position; each finding names the positions of the events that prove it. Why it is made so is told
in [decision 23](decisions/0023-audit-rules-are-folds.md).

A finding is *high* where a decision may not stand, *medium* where a duty was missed, *low* where
somebody should look. It says what is on record and accuses nobody.

`ssp findings` also proves the log and its views, as `ssp verify` does (rule 27), unless it is told
`--no-verify`; that is always about the log as it lies now. `GET /findings` without `as_of` shows
the views that have stopped. `ssp findings` exits with 1 where something was found.

This page is written from the code by `python -m tests.docs.audit_rules`.
"""


def page() -> str:
    """Return the page."""
    return "\n".join((HEAD, *_rules())).rstrip() + "\n"


def _rules() -> Iterator[str]:
    for rule in rules().values():
        yield f"## {rule.number}. {rule.title.en}\n"
        yield f"{rule.title.ko}\n"
        yield f"{rule.why}\n"
        yield f"Source: {rule.source}\n"
        if rule.refused:
            codes = ", ".join(f"`{code}`" for code in rule.refused)
            yield f"As a command it is refused with {codes}.\n"
        yield "| Finding | Severity | What it says | Events that prove it |\n|---|---|---|---|"
        for kind in kinds().values():
            if kind.rule == rule.number:
                said = f"{kind.sentence.en}<br>{kind.sentence.ko}"
                yield f"| `{kind.code}` | {kind.severity} | {said} | {kind.proof} |"
        yield ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
