"""One record that is not ours ends no command; one that is malformed is named."""

from __future__ import annotations

import json
import re

import psycopg
import pytest

from core.ledger.requests import NewEvent, Request
from core.ledger.store import append
from projections.projector import Projector
from projections.views import VIEWS
from replay.options import CHECK_FAILED
from tests.processes import called, good, refused
from tests.rounds import START, Round

QUESTIONS = (
    ("replay", "view", "partner_pools"),
    ("replay", "view", "ranking"),
    ("consistency", "c", "doc"),
)


def record(round_: Round, wire: str, data: object) -> int:
    """Append a record that no rule of ours has made, and return its position."""
    content = {"type": wire, "subject": f"raw-{wire}", "version": 1, "data": data}
    event = NewEvent(f"raw-{wire}", 1, wire, json.dumps(content)[1:].encode())
    with psycopg.connect(round_.ledger.url, autocommit=True) as connection:
        [answer] = append(connection, [Request([event])], START)
    assert answer.first_position is not None
    return answer.first_position


def follow(round_: Round) -> None:
    projector = Projector(round_.ledger.url, VIEWS)
    projector.catch_up()
    projector.stop()


def test_a_record_of_another_program_ends_no_command(round_: Round) -> None:
    round_.whole()
    before = [good(*q, SSP_DATABASE_URL=round_.ledger.url) for q in QUESTIONS]
    last = record(round_, "library:Dog.Registered", {"name": "Rex"})
    follow(round_)
    for question, said in zip(QUESTIONS, before, strict=True):
        now = good(*question, SSP_DATABASE_URL=round_.ledger.url)
        assert now == re.sub(rf'(position"?:? ){last - 1}\b', rf"\g<1>{last}", said)
    verified = json.loads(good("verify", "--json", SSP_DATABASE_URL=round_.ledger.url))
    assert verified["verifies"]
    assert {v["position"] for v in verified["views"]} == {last}
    assert {v["finding"] for v in verified["views"]} == {""}


@pytest.mark.parametrize("question", [*QUESTIONS, ("verify",)])
def test_a_malformed_record_is_named(round_: Round, question: tuple[str, ...]) -> None:
    round_.whole()
    follow(round_)
    at = record(round_, "cities.registered.2", {"city_id": "x"})
    with psycopg.connect(round_.ledger.url, autocommit=True) as connection:
        # As a version would that took it for well-formed.
        connection.execute("update views.progress set position = %s", (at,))
    said = refused(called(*question, SSP_DATABASE_URL=round_.ledger.url), CHECK_FAILED)
    assert f"position {at} (cities.registered.2) cannot be read" in said
    if question != ("verify",):
        good(*question, "--as-of", str(at - 1), SSP_DATABASE_URL=round_.ledger.url)
