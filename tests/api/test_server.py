"""The server itself: is it alive and ready, and what it says when it fails."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql
from structlog.testing import capture_logs
from structlog.typing import EventDict

from api.app import create_app
from core.ledger.draft import Envelope
from core.ledger.ledger import Contended, Ledger, Receipt
from core.ledger.records import Recorded
from core.ledger.writer import OutcomeUnknown
from projections.projector import Followed, Projector, followed
from projections.view import Rows
from projections.views import VIEWS
from tests.api.harness import Api, code, running, served, settings

LIMA = {"name": {"en": "Lima"}, "country": "PE"}
PATH = "/cities/lima/register"


def test_a_live_server_says_so_to_anyone(idle: Api) -> None:
    answer = idle.http.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "live"})


def test_a_ready_server_says_how_large_the_log_is(api: Api) -> None:
    api.do(PATH, "officer-1", LIMA)
    assert api.http.get("/ready").json() == {
        "status": "ready", "size": 1, "views_position": None, "views_lag": None, "signed": None,
    }  # fmt: skip


def test_a_ready_server_says_how_far_its_views_are_behind(database_url: str) -> None:
    def state() -> Followed:
        return Followed(-1, ())

    with (
        Ledger(database_url) as ledger,
        served(create_app(settings(database_url), ledger, views_state=state)) as address,
    ):
        found = httpx.get(f"{address}/ready").json()
    assert (found["views_position"], found["views_lag"]) == (-1, 0)


def test_a_server_whose_views_have_stopped_is_not_ready_and_names_them(api: Api) -> None:
    """It would answer with the past; it lives all the same, since a restart mends no record."""
    api.do(PATH, "officer-1", LIMA)

    def state() -> Followed:
        with api.ledger.connection() as connection:
            return followed(connection, VIEWS)

    broken = replace(VIEWS[0], fold=defect, folds=None)
    projector = Projector(api.ledger.url, (broken, *VIEWS[1:]))
    projector.catch_up()
    projector.stop()
    app = create_app(settings(api.ledger.url), api.ledger, views_state=state)
    with served(app) as address:
        answer = httpx.get(f"{address}/ready")
        assert code(answer) == (503, "not-ready")
        assert f"have stopped: {broken.name};" in answer.json()["detail"]
        assert "a secret of the record" not in answer.text
        assert httpx.get(f"{address}/health").status_code == 200

        mended = Projector(api.ledger.url, VIEWS)
        mended.catch_up()
        mended.stop()
        assert httpx.get(f"{address}/ready").json()["views_lag"] == 0


def defect(record: Recorded, rows: Rows[Any]) -> None:
    del record, rows
    raise ValueError("a secret of the record")


def test_a_database_without_the_schema_is_not_ready(empty_database_url: str) -> None:
    with running(empty_database_url) as api:
        answer = api.http.get("/ready")
        assert code(answer) == (503, "not-ready")
        assert "ssp migrate" in answer.json()["detail"]
        assert api.http.get("/health").status_code == 200


def test_a_database_that_went_away_is_not_ready(database_url: str, postgres_url: str) -> None:
    with running(database_url, ready_timeout_s=1) as api:
        name = database_url.rpartition("/")[2].partition("?")[0]
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            shut = sql.SQL("alter database {} allow_connections false").format(sql.Identifier(name))
            connection.execute(shut)
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,)
            )
        assert code(api.http.get("/ready")) == (503, "not-ready")


def test_every_answer_carries_the_correlation_id_that_came(api: Api) -> None:
    answer = api.post(PATH, "officer-1", LIMA, headers={"X-Correlation-Id": "import-7"})
    assert answer.headers["X-Correlation-Id"] == "import-7"
    assert next(iter(api.ledger.read())).meta.correlation_id == "import-7"


def test_the_correlation_id_can_be_the_trace(idle: Api) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    answer = idle.http.get("/health", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
    assert answer.headers["X-Correlation-Id"] == trace


@pytest.mark.parametrize("given", ["two words", "x" * 65, "<script>"])
def test_a_correlation_id_of_another_form_is_replaced(idle: Api, given: str) -> None:
    answer = idle.http.get("/health", headers={"X-Correlation-Id": given})
    assert len(answer.headers["X-Correlation-Id"]) == 32


def answered(lines: Sequence[EventDict]) -> None:
    """Wait for the line about an answer: it is written after the answer has left."""
    deadline = time.monotonic() + 10
    while not any(line["event"] == "request.answered" for line in lines):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_log_says_what_was_asked_but_not_by_whom_nor_what_was_sent(api: Api) -> None:
    with capture_logs() as lines:
        api.post(PATH, "officer-1", LIMA, headers={"X-Correlation-Id": "c1"}, key="a-key")
        answered(lines)
    (line,) = [line for line in lines if line["event"] == "request.answered"]
    assert (line["method"], line["status"]) == ("POST", 201)
    assert line["route"] == "/cities/{city_id}/register"
    shown = json.dumps(lines)
    assert not any(word in shown for word in ("officer-1", "Lima", "lima", "a-key", "Bearer"))


@pytest.mark.parametrize(
    ("raised", "expected", "says"),
    [
        (Contended(), (503, "contended"), "try again"),
        (OutcomeUnknown(), (503, "outcome-unknown"), "same Idempotency-Key"),
        (psycopg.OperationalError("gone"), (503, "database-unavailable"), "does not answer"),
    ],
)
def test_what_passes_by_itself_is_503_and_says_when_to_retry(
    idle: Api,
    monkeypatch: pytest.MonkeyPatch,
    raised: Exception,
    expected: tuple[int, str],
    says: str,
) -> None:
    def fail(_ledger: Ledger, _envelope: Envelope) -> Receipt:
        raise raised

    monkeypatch.setattr(Ledger, "handle", fail)
    answer = idle.post(PATH, "officer-1", LIMA)
    assert code(answer) == expected
    assert says in answer.json()["detail"]
    assert answer.headers["Retry-After"] == "1"


def test_a_defect_is_500_without_a_word_about_its_inside(
    idle: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_ledger: Ledger, _envelope: Envelope) -> Receipt:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(Ledger, "handle", fail)
    with capture_logs() as lines:
        answer = idle.post(PATH, "officer-1", LIMA)
        answered(lines)
    assert code(answer) == (500, "internal-error")
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert {line["event"] for line in lines} == {"request.failed", "request.answered"}


def test_the_type_of_a_problem_leads_to_its_explanation(idle: Api) -> None:
    problem = idle.post("/cities/lima/leave-pool", "officer-1").json()
    found = idle.http.get(problem["type"]).json()
    assert (found["code"], found["status"]) == ("precondition-required", 428)
    assert found["title"] == "Precondition required"
    assert "ETag" in found["explanation"]


def test_a_code_that_does_not_exist_has_no_explanation(idle: Api) -> None:
    assert code(idle.http.get("/problems/no-such-code")) == (404, "not-found")
