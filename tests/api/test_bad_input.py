"""Whatever is wrong with a request is said by code and field, and the log stays as it was."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Any

import pytest

from tests.api import rounds
from tests.api.harness import Api, refused, running
from tests.api.rounds import (
    ANNOUNCEMENT,
    CALL,
    CITIES,
    DEADLINE,
    OPENS,
    PROJECT,
    RUBRIC,
    SELECTED,
    SELECTION,
    evaluation,
    marks,
)

Fresh = Callable[[], AbstractContextManager[str]]
ELIGIBLE = {"version": "dac-2024", "countries": sorted(CITIES.values())}
CHECKED = {
    "list_version": "dac-2024",
    "checks": [{"rule": "country on the list", "holds": True}],
}
SCORER, CONFLICTED, SILENT, IDLE = (f"evaluator-{n}" for n in range(1, 5))


def application(city: str, **changed: object) -> tuple[str, str, dict[str, Any]]:
    body: dict[str, Any] = {"channel": "open-call", "project": PROJECT | changed}
    return f"/applications/{CALL}:{city}/submit", f"city-{city}", body


@contextmanager
def received(fresh_database: Fresh) -> Generator[Api]:
    """Two cities have applied while the call is open; two others are registered."""
    with fresh_database() as url, running(url) as api:
        rounds.announce(api, ANNOUNCEMENT | {"eligibility": ELIGIBLE})
        for city, country in (CITIES | {"tokyo": "JP"}).items():
            body = {"name": {"en": city}, "country": country}
            api.do(f"/cities/{city}/register", "officer-1", body)
        api.clock.move_to(OPENS + timedelta(days=1))
        for city in ("lima", "phnom-penh"):
            api.do(*application(city))
            stream = f"application-{CALL}:{city}"
            path = f"/applications/{CALL}:{city}/determine-eligibility"
            api.do(path, "officer-1", CHECKED, on=stream)
        yield api


@pytest.fixture(scope="module")
def receiving(fresh_database: Fresh) -> Iterator[Api]:
    with received(fresh_database) as api:
        yield api


@pytest.mark.parametrize(
    ("city", "changed", "wrong"),
    [
        ("lima", {}, ("one-project-per-city", "city_id")),
        ("tokyo", {}, ("ineligible-country", "city_id")),
        ("colombo", {"amount_krw": 300_000_001}, ("amount-over-cap", "project.amount_krw")),
    ],
)
def test_an_application_that_breaks_a_rule(
    receiving: Api, city: str, changed: dict[str, object], wrong: tuple[str, str]
) -> None:
    found, where = refused(receiving, *application(city, **changed))
    assert (found, list(where)) == (wrong[0], [wrong[1]])


def test_an_application_that_comes_late(receiving: Api) -> None:
    before = receiving.clock.now
    receiving.clock.move_to(DEADLINE)
    assert refused(receiving, *application("colombo"))[0] == "not-in-time"
    receiving.clock.move_to(before)


def test_a_rubric_whose_weights_do_not_sum_to_a_hundred(receiving: Api) -> None:
    first, second = RUBRIC["criteria"]
    rubric = RUBRIC | {"criteria": [first, second | {"weight": "39.9"}]}
    found = refused(receiving, "/frameworks/other/draft", "officer-1", {"rubric": rubric})
    assert found[0] == "weights-not-100"


@pytest.fixture(scope="module")
def scoring(fresh_database: Fresh) -> Iterator[Api]:
    """The stage is open: one may score Lima, three others may not, each for a reason."""
    with received(fresh_database) as api:
        rounds.open_stage(api)
        invite(api)
        yield api


def invite(api: Api) -> None:
    for evaluator in (SCORER, CONFLICTED, IDLE):
        rounds.appoint(api, evaluator)
    api.do(f"/evaluators/{SILENT}/appoint", "officer-1", {"call_id": CALL})
    for evaluator in (SCORER, CONFLICTED, SILENT):
        api.do(f"{evaluation('lima', evaluator)}/assign", "chair-1")
    interest = {"call_id": CALL, "kind": "family", "application_id": f"{CALL}:lima"}
    path = f"/evaluators/{CONFLICTED}/declare-conflict"
    api.do(path, CONFLICTED, interest, on=f"evaluator-{CONFLICTED}")


def sheet(need: str | None, **more: str) -> dict[str, Any]:
    given = {"need": need, "fit": "75", **more}
    return {"marks": [{"criterion": c, "value": mark} for c, mark in given.items()]}


@pytest.mark.parametrize(
    ("who", "body", "wrong"),
    [
        (SCORER, sheet("90", charm="90"), ("unknown-criterion", "marks.2.criterion")),
        (SCORER, sheet("90.5"), ("off-scale", "marks.0.value")),
        (SCORER, sheet("101"), ("off-scale", "marks.0.value")),
        (SCORER, sheet(None), ("na-not-allowed", "marks.0.value")),
        (IDLE, marks(90), ("not-assigned", "evaluator_id")),
        (CONFLICTED, marks(90), ("conflicted", "evaluator_id")),
        (SILENT, marks(90), ("no-declaration", "evaluator_id")),
    ],
    ids=[
        "unknown criterion",
        "between two steps",
        "beyond the best",
        "N/A where it is not allowed",
        "not assigned",
        "conflicted",
        "no declaration",
    ],
)
def test_scores_that_break_a_rule(
    scoring: Api, who: str, body: dict[str, Any], wrong: tuple[str, str]
) -> None:
    path = f"{evaluation('lima', who)}/submit-scores"
    found, where = refused(scoring, path, who, body, match="*" if who != IDLE else '"0"')
    assert (found, list(where)) == (wrong[0], [wrong[1]])


@pytest.fixture(scope="module")
def ranked(fresh_database: Fresh) -> Iterator[Api]:
    """Lima is first, Phnom Penh second; the stage lets one of them through."""
    with fresh_database() as url, running(url) as api:
        rounds.scored(api)
        rounds.ranked(api)
        yield api


def select(*cities: str) -> dict[str, Any]:
    return {"choices": [{"application_id": f"{CALL}:{c}", "outcome": "selected"} for c in cities]}


@pytest.mark.parametrize(
    ("chosen", "found"),
    [(("lima", "phnom-penh"), "over-slots"), (("phnom-penh",), "out-of-rank-order")],
)
def test_a_proposal_that_breaks_a_rule(ranked: Api, chosen: tuple[str, ...], found: str) -> None:
    path = f"{SELECTION}/propose"
    assert refused(ranked, path, "officer-1", select(*chosen), match="*")[0] == found


def test_an_approval_of_ones_own_proposal(ranked: Api) -> None:
    ranked.do(f"{SELECTION}/propose", "manager-1", select("lima"), on=SELECTED)
    found = refused(ranked, f"{SELECTION}/approve", "manager-1", None, match="*")
    assert found[0] == "same-person"


def test_a_version_that_others_have_passed(ranked: Api) -> None:
    path = f"{evaluation('lima', 'evaluator-1')}/lock"
    found = refused(ranked, path, "chair-1", None, match='"1"')
    assert found == ("stale-version", {"If-Match": "stale-version"})


def test_a_key_that_was_used_for_another_body(ranked: Api) -> None:
    lima, cusco = ({"name": {"en": name}, "country": "PE"} for name in ("Arequipa", "Cusco"))
    path = "/cities/arequipa/register"
    assert ranked.post(path, "officer-1", lima, key="once").status_code == 201
    found = refused(ranked, path, "officer-1", cusco, key="once")
    assert found[0] == "idempotency-key-reused"


def test_a_stage_is_named_as_it_was_announced(ranked: Api) -> None:
    path = f"/calls/{CALL}/stages/interview/selection/rank"
    assert refused(ranked, path, "chair-1", None, match='"0"')[0] == "unknown-stage"
