"""The development issuer: there in the embedded mode, loudly, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.dev_issuer import KEY_FILE, open_issuer
from api.settings import Settings
from core.errors import DomainError
from core.ledger.key_files import KeyRefused
from core.ledger.ledger import Ledger
from core.vocabulary import Role
from tests.api.harness import SERVERS, START, Api, code

WANTED = {"role": "officer", "actor": "officer-1"}


@pytest.fixture
def embedded(database_url: str, tmp_path: Path) -> Iterator[httpx.Client]:
    """A server that believes its database to be embedded."""
    settings = Settings(data_dir=tmp_path)
    with (
        Ledger(database_url) as ledger,
        SERVERS.wired(settings, ledger) as address,
        httpx.Client(base_url=address) as http,
    ):
        yield http


def test_anyone_gets_a_token_that_says_what_it_is(embedded: httpx.Client) -> None:
    answer = embedded.post("/dev/token", json=WANTED)
    assert answer.status_code == 200
    assert answer.headers["X-SSP-Development"] == "true"
    assert answer.json()["development"] is True
    assert answer.json()["warning"].startswith("DEVELOPMENT ONLY")
    headers = {"Authorization": f"Bearer {answer.json()['token']}"}
    body = {"name": {"en": "Lima"}, "country": "PE"}
    registered = embedded.post("/cities/lima/register", json=body, headers=headers)
    assert registered.status_code == 201
    assert registered.headers["X-SSP-Development"] == "true"


def test_the_documentation_warns_as_well(embedded: httpx.Client) -> None:
    document = embedded.get("/openapi.json").json()
    assert "DEVELOPMENT ONLY" in document["info"]["description"]
    assert "DEVELOPMENT ONLY" in document["paths"]["/dev/token"]["post"]["description"]


@pytest.mark.parametrize(
    "changed",
    [{"role": "king"}, {"actor": "a b"}, {"role": "city"}, {"role": "system"}, {"valid_s": 0},
     {"scope": "all"}],
)  # fmt: skip
def test_a_token_for_nobody_is_refused(embedded: httpx.Client, changed: dict[str, object]) -> None:
    assert code(embedded.post("/dev/token", json=WANTED | changed))[0] in {400, 422}


def test_a_page_under_another_name_gets_no_token(embedded: httpx.Client) -> None:
    answer = embedded.post("/dev/token", json=WANTED, headers={"Host": "evil.example"})
    assert code(answer) == (400, "malformed-header")
    answer = embedded.post("/dev/token", json=WANTED, headers={"Host": "localhost:8000"})
    assert answer.status_code == 200


def test_a_form_of_another_site_gets_no_token(embedded: httpx.Client) -> None:
    answer = embedded.post("/dev/token", data=WANTED)
    assert code(answer) == (415, "unsupported-media-type")


def test_with_a_database_of_its_own_a_server_has_no_issuer(idle: Api) -> None:
    answer = idle.http.post("/dev/token", json=WANTED)
    assert code(answer) == (404, "not-found")
    assert "X-SSP-Development" not in answer.headers
    assert "/dev/token" not in idle.http.get("/openapi.json").json()["paths"]


@pytest.mark.parametrize("given", [{"jwt_secret": "s" * 32}, {"development_issuer": False}])
def test_a_key_or_a_no_turns_the_issuer_off(
    database_url: str, tmp_path: Path, given: dict[str, object]
) -> None:
    settings = Settings.model_validate({"data_dir": tmp_path, "jwt_secret": "s" * 32, **given})
    with Ledger(database_url) as ledger:
        app = create_app(settings, ledger)
    assert "/dev/token" not in app.openapi()["paths"]
    assert not (tmp_path / KEY_FILE).exists()


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    token = open_issuer(tmp_path, lambda: START).issue(Role.CITY, "focal-1", ["lima"])
    found = open_issuer(tmp_path, lambda: START).verifier(0).principal(token)
    assert (str(found.actor), found.role) == ("focal-1", Role.CITY)
    assert found.cities == {"lima"}
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


def test_a_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    open_issuer(tmp_path, lambda: START)
    (tmp_path / KEY_FILE).chmod(0o644)
    with pytest.raises(KeyRefused, match="read by others"):
        open_issuer(tmp_path, lambda: START)


def test_a_file_that_is_no_key_is_not_used(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).touch(mode=0o600)
    with pytest.raises(KeyRefused, match="does not hold a key"):
        open_issuer(tmp_path, lambda: START)


def test_a_link_is_not_followed_to_a_key(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"k" * 32)
    (tmp_path / KEY_FILE).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        open_issuer(tmp_path, lambda: START)


def test_the_issuer_knows_no_token_for_the_system(tmp_path: Path) -> None:
    with pytest.raises(DomainError):
        open_issuer(tmp_path, lambda: START).issue(Role.SYSTEM, "system")
