"""Findings in words: every template has the facts that it needs, in both languages."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from projections.audit_findings.queries import (
    Finding,
    log_unverified,
    said,
    view_differs,
    view_stopped,
)
from projections.audit_findings.rows import Fact
from projections.audit_findings.sentences import kinds, sentence
from tests.projections.audit_findings.looking import found
from tests.projections.audit_findings.making import Plant
from tests.projections.audit_findings.plants.table import PLANTS

HANGUL = re.compile("[가-힣]")


def names(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.says)
def test_a_finding_has_the_facts_of_its_sentence_and_no_others(plant: Plant) -> None:
    (finding,) = found(plant.edit(plant.start()))
    check(said(finding))


@pytest.mark.parametrize(
    "finding",
    [
        log_unverified(5, "the leaf is not the hash of the record"),
        log_unverified(None, "the head's root is not the root of the records"),
        view_differs("ranking", 7, "1 rows differ, first 'x'"),
        view_stopped("ranking", 7, "ValueError: x"),
    ],
)
def test_what_no_fold_can_find_is_told_in_the_same_way(finding: Finding) -> None:
    check(finding)


def check(finding: Finding) -> None:
    kind = kinds()[finding.code]
    given = {fact.name for fact in finding.facts}
    assert names(kind.sentence.en) == names(kind.sentence.ko) == given
    assert HANGUL.search(finding.sentence.ko)
    assert not HANGUL.search(finding.sentence.en)
    assert finding.sentence.en.endswith(".")
    assert finding.sentence.ko.endswith(".")


def test_words_of_ours_are_translated_and_names_are_not() -> None:
    facts = [Fact("framework", "weights"), Fact("version", "1"), Fact("parts", "weights, rounding")]
    words = sentence("rubric-changed", facts)
    assert "changed: weights, rounding." in words.en
    assert "평가 기준 weights 버전 1" in words.ko
    assert "가중치, 반올림." in words.ko
