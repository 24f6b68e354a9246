"""Who may do what: the table is pinned, and every route keeps to it over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from api.access import POLICY
from api.app import ACTIONS, COMMANDS
from api.commands import CommandRoute
from core.handlers.table import HANDLERS
from core.signing.commands import SigningCommand
from core.vocabulary import Role
from tests.api.harness import Api, code

PEOPLE = {
    Role.OFFICER: "officer-1",
    Role.MANAGER: "manager-1",
    Role.CHAIR: "chair-1",
    Role.EVALUATOR: "evaluator-1",
    Role.AUDITOR: "auditor-1",
    Role.ANALYST: "analyst-1",
    Role.CITY: "city-lima",
}
IDS = {
    "call_id": "c",
    "city_id": "lima",
    "application_id": "c:lima",
    "evaluator_id": "evaluator-1",
    "framework_id": "f",
    "stage": "s",
    "project_id": "c:lima",
    "indicator_id": "n",
    "recommendation_id": "r",
}


def address(route: CommandRoute, **changed: str) -> str:
    return route.path.format(**{**IDS, **changed})


def test_every_command_has_one_route() -> None:
    assert [route.command for route in COMMANDS] == list(
        dict.fromkeys(route.command for route in COMMANDS)
    )
    # The log's keys are exchanged where they lie: by `ssp key`, on the machine itself.
    local = set(get_args(SigningCommand))
    assert {route.command for route in COMMANDS} == set(HANDLERS) - local


def test_a_change_of_the_policy_needs_a_new_name_for_it() -> None:
    table = "".join(
        f"{action.name}: {', '.join(sorted(action.roles))}\n"
        for action in sorted(ACTIONS, key=lambda action: action.name)
    )
    pinned = Path(__file__).with_name(f"{POLICY}.txt")
    assert table == pinned.read_text(encoding="utf-8")


def test_every_route_lets_its_roles_pass_and_no_others(idle: Api) -> None:
    wrong: list[str] = []
    for route in COMMANDS:
        for role, who in PEOPLE.items():
            answer = idle.post(address(route), who)
            denied = answer.status_code == 403 and code(answer)[1] == "role-not-allowed"
            unreached = answer.status_code in {401, 405} or answer.status_code >= 500
            if denied == (role in route.roles) or unreached:
                wrong.append(f"{role} at {route.path}: {answer.text}")
    assert not wrong


def test_every_route_needs_a_token(idle: Api) -> None:
    for route in COMMANDS:
        assert code(idle.http.post(address(route), json={})) == (401, "not-authenticated")


def test_an_evaluator_acts_in_no_other_name(idle: Api) -> None:
    own = [route for route in COMMANDS if Role.EVALUATOR in route.roles]
    assert len(own) >= 7
    for route in own:
        answer = idle.post(address(route, evaluator_id="evaluator-2"), "evaluator-1", match="*")
        assert code(answer) == (403, "not-own-evaluation")


def test_a_focal_point_acts_for_no_other_city(idle: Api) -> None:
    own = [route for route in COMMANDS if Role.CITY in route.roles]
    assert len(own) >= 6
    for route in own:
        colombos = {"application_id": "c:colombo", "project_id": "c:colombo"}
        path = address(route, city_id="colombo", **colombos)
        assert code(idle.post(path, "city-lima", match="*")) == (403, "not-own-city")


def test_a_refused_role_learns_nothing_about_its_body_or_version(idle: Api) -> None:
    answer = idle.post("/calls/c/cancel", "analyst-1", {"nonsense": 1}, match="nonsense")
    assert code(answer) == (403, "role-not-allowed")
