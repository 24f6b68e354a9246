"""docs/refusals.md says of every code what it means and how to mend it, and of no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.refusals import STATUS
from tests.docs.refusal_codes import CODE, refusal_codes

DOCUMENT = Path(__file__).parents[2] / "docs" / "refusals.md"
ROW = re.compile(r"\| `(?P<code>[^`]*)` \| (?P<text>[^|]*) \|")

Rows = list[tuple[str, str]]


def section(title: str) -> Rows:
    text = DOCUMENT.read_text(encoding="utf-8")
    found = re.search(rf"^## {title}$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    lines = [line for line in found[1].splitlines() if line.startswith("| `")]
    rows = [ROW.fullmatch(line) for line in lines]
    return [(row["code"], row["text"]) for row in rows if row is not None]


@pytest.mark.parametrize(
    ("title", "codes"),
    [
        ("By the rules", refusal_codes()),
        ("By the server", STATUS.keys() - refusal_codes()),
    ],
    ids=["rules", "server"],
)
def test_every_code_that_can_be_raised_is_documented_and_no_other(
    title: str, codes: set[str]
) -> None:
    documented = [code for code, _ in section(title)]
    assert set(documented) == set(codes)
    assert documented == sorted(codes), "once each, in the order of the alphabet"


def test_each_explanation_says_in_one_sentence_what_it_means_and_how_to_mend_it() -> None:
    for code, text in (*section("By the rules"), *section("By the server")):
        assert CODE.fullmatch(code), code
        assert re.fullmatch(r"[A-Z].*; .*[^.]\.", text), f"{code}: {text}"
        assert ". " not in text, f"{code}: {text}"


def test_codes_that_are_told_by_functions_are_found_too() -> None:
    assert {"recused", "conflicted", "not-advanced", "application-ineligible"} <= refusal_codes()
