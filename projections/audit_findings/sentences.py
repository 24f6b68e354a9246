"""A finding in words: a template of each language, filled with the finding's facts.

Findings keep facts and no sentences, so a better wording needs no rebuild, and nobody's
own words ever come into one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from core.vocabulary import Text
from projections.audit_findings.rows import Fact


class Severity(StrEnum):
    """How bad a finding is: a decision may not stand, a duty was missed, or look at this."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Rule:
    """An audit rule: what it forbids, why, and where that comes from.

    `refused` are the codes by which commands refuse what would break it.
    """

    number: int
    title: Text
    why: str
    source: str
    refused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """One way in which a rule is broken, and the sentence that says so.

    `proof` says which events a finding of this kind names.
    """

    code: str
    rule: int
    severity: Severity
    sentence: Text
    proof: str


@cache
def rules() -> Mapping[int, Rule]:
    """Return every rule by its number."""
    return {
        int(number): Rule(
            int(number),
            Text(own["en"], own["ko"]),
            own["why"],
            own["source"],
            tuple(own["refused"]),
        )
        for number, own in _file("rules.toml").items()
    }


@cache
def kinds() -> Mapping[str, Kind]:
    """Return every kind of finding by its code."""
    return {
        code: Kind(
            code, own["rule"], Severity(own["severity"]), Text(own["en"], own["ko"]), own["proof"]
        )
        for code, own in _file("sentences.toml").items()
        if code != "words"
    }


def rule_of(code: str) -> int:
    """Return the number of the rule that a kind of finding belongs to."""
    return kinds()[code].rule


def sentence(code: str, facts: Iterable[Fact]) -> Text:
    """Say in English and in Korean what was found."""
    template, given = kinds()[code].sentence, {fact.name: fact.value for fact in facts}
    in_korean = {name: _korean(name, value) for name, value in given.items()}
    return Text(template.en.format(**given), template.ko.format(**in_korean))


def _korean(name: str, value: str) -> str:
    """Translate words of ours; ids, numbers and dates stay what they are."""
    words: Mapping[str, str] = _file("sentences.toml")["words"].get(name, {})
    return ", ".join(words.get(word, word) for word in value.split(", ")) if words else value


@cache
def _file(name: str) -> Mapping[str, Mapping[str, Any]]:
    text = (files("projections.audit_findings") / name).read_text(encoding="utf-8")
    return tomllib.loads(text)
