"""Decisions replayed over HTTP: a verdict for auditors, as JSON or as a page to print."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest

from core.ledger.codec import to_json
from core.vocabulary import Role
from replay.decision_page import decision_page
from replay.decisions import replay_decision
from tests.api import rounds
from tests.api.harness import Api, code
from tests.api.rounds import CALL, SELECTED, SELECTION, STAGE

DECISION = f"{CALL}:{STAGE}"
REPLAY = f"/decisions/{DECISION}/replay"


@pytest.fixture(scope="module")
def decided(open_round: Api) -> Api:
    """A round that was ranked, proposed out of order for a reason that is markup, and approved."""
    rounds.ranked(open_round)
    choices = [
        {"application_id": f"{CALL}:lima", "outcome": "pool"},
        {
            "application_id": f"{CALL}:phnom-penh",
            "outcome": "selected",
            "override": {"reason": "<script>alert(1)</script>", "authority": "committee & mayor"},
        },
    ]
    open_round.do(f"{SELECTION}/propose", "chair-1", {"choices": choices}, on=SELECTED)
    open_round.do(f"{SELECTION}/approve", "manager-1", on=SELECTED)
    return open_round


def test_a_decision_is_decided_again_as_an_auditor_would(decided: Api) -> None:
    answer = decided.get(REPLAY, "auditor-1")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert (found["identical"], found["because"]) == (True, [])
    assert found["recorded_digest"] == found["replayed_digest"]
    assert answer.content == to_json(replay_decision(decided.ledger.store, DECISION))
    again = decided.get(f"/decisions/{DECISION}@{found['position']}/replay", "analyst-1")
    assert again.content == answer.content


@pytest.mark.parametrize(
    ("accept", "query", "kind"),
    [
        ("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", {}, "text/html; charset=utf-8"),
        ("application/json", {"format": "html"}, "text/html; charset=utf-8"),
        ("text/html", {"format": "json"}, "application/json"),
        ("application/json, text/html;q=0.5", {}, "application/json"),
        ("*/*", {}, "application/json"),
    ],
)
def test_a_reader_gets_the_form_that_they_ask_for(
    decided: Api, accept: str, query: dict[str, str], kind: str
) -> None:
    answer = decided.get(REPLAY, "manager-1", {"Accept": accept}, **query)
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    assert answer.headers["vary"] == "Accept"


class Page(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_says_all_and_runs_nothing_that_anybody_wrote(decided: Api) -> None:
    page = Page(decided.get(REPLAY, "auditor-1", format="html").text)
    assert page.open == []
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "link", "img", "iframe", "object", "form"}
    assert "<script>alert(1)</script> (committee & mayor)" in page.text
    assert "Identical." in page.text
    for who in ("evaluator-2", "chair-1 (chair)", "manager-1 (manager)"):
        assert who in page.text
    assert ("html", {"lang": "en"}) in page.elements
    assert ("span", {"lang": "ko"}) in page.elements
    assert "서면평가" in page.text
    allowed = {a["content"] for t, a in page.elements if "http-equiv" in a and t == "meta"}
    assert all(policy and policy.startswith("default-src 'none'") for policy in allowed)
    assert allowed
    again = replay_decision(decided.ledger.store, DECISION)
    assert decision_page(again) == decision_page(again)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_a_replay_is_for_managers_auditors_and_analysts_alone(decided: Api, role: Role) -> None:
    who = "city-lima" if role is Role.CITY else f"{role}-1"
    answer = decided.get(REPLAY, who)
    if role in {Role.MANAGER, Role.AUDITOR, Role.ANALYST}:
        assert answer.status_code == 200
    else:
        assert code(answer) == (403, "role-not-allowed")
        assert code(decided.get("/decisions/never:made/replay", who)) == (403, "role-not-allowed")


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("never:made", (404, "unknown-decision")),
        (f"{DECISION}@1", (404, "unknown-decision")),
        (DECISION + "@" + "9" * 18, (404, "unknown-decision")),
        (DECISION + "@" + "9" * 19, (400, "malformed-id")),
        (f"{DECISION}@²", (400, "malformed-id")),
        ("nonsense", (400, "malformed-id")),
    ],
)
def test_a_decision_that_was_never_made_is_refused_by_name(
    decided: Api, name: str, refusal: tuple[int, str]
) -> None:
    assert code(decided.get(f"/decisions/{name}/replay", "auditor-1")) == refusal


def test_a_form_that_there_is_not_is_refused(decided: Api) -> None:
    assert code(decided.get(REPLAY, "auditor-1", format="pdf")) == (400, "malformed-parameter")


def test_without_a_token_there_is_no_replay(decided: Api) -> None:
    assert code(decided.http.get(REPLAY)) == (401, "not-authenticated")
