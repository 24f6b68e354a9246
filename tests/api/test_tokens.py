"""Tokens: whom they speak for, and every way in which one can be forged or stale."""

from __future__ import annotations

import base64
import json
import re
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from api.settings import Settings
from api.tokens import NoKey, verifier_of
from tests.api.harness import SECRET, START, Api, code, running

PATH = "/cities/lima/register"


def send(api: Api, token: str) -> tuple[int, str]:
    answer = api.http.post(PATH, json={}, headers={"Authorization": f"Bearer {token}"})
    challenge = answer.headers.get("WWW-Authenticate", "")
    assert (answer.status_code == 401) == challenge.startswith('Bearer realm="ssp"')
    return code(answer)


def part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def test_without_a_token_the_answer_says_what_is_needed(idle: Api) -> None:
    answer = idle.http.post(PATH, json={})
    assert code(answer) == (401, "not-authenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="ssp"'


def test_another_scheme_is_no_token(idle: Api) -> None:
    answer = idle.http.post(PATH, json={}, headers={"Authorization": "Basic b2ZmaWNlcjp4"})
    assert code(answer) == (401, "not-authenticated")


def test_a_token_without_a_signature_is_refused(idle: Api) -> None:
    claims = part({"iss": "sharing-seoul", "aud": "sharing-seoul", "sub": "officer-1",
                   "role": "officer", "exp": 2**33})  # fmt: skip
    assert send(idle, f"{part({'alg': 'none'})}.{claims}.") == (401, "token-refused")


def test_a_token_under_another_key_is_refused(idle: Api) -> None:
    header, claims, _ = idle.token("officer-1").split(".")
    other = OctKey.import_key("another secret of thirty-two bytes")
    forged = jwt.encode({"alg": "HS256"}, {"sub": "officer-1"}, other).split(".")[2]
    assert send(idle, f"{header}.{claims}.{forged}") == (401, "token-refused")


def test_a_token_whose_claims_were_changed_is_refused(idle: Api) -> None:
    header, claims, signature = idle.token("analyst-1").split(".")
    content = json.loads(base64.urlsafe_b64decode(claims + "=="))
    changed = part({**content, "role": "manager"})
    assert send(idle, f"{header}.{changed}.{signature}") == (401, "token-refused")


def test_a_token_under_another_algorithm_of_the_same_key_is_refused(idle: Api) -> None:
    claims = {"iss": "sharing-seoul", "aud": "sharing-seoul", "sub": "officer-1",
              "role": "officer", "exp": 2**33}  # fmt: skip
    key = OctKey.import_key(SECRET * 2)
    token = jwt.encode({"alg": "HS512"}, claims, key, algorithms=["HS512"])
    assert send(idle, token) == (401, "token-refused")


@pytest.mark.parametrize("token", ["x", "a.b", "a.b.c", "a.b.c.d", "....", "é.é.é"])
def test_what_is_not_a_token_is_refused(idle: Api, token: str) -> None:
    sent = f"Bearer {token}".encode("latin-1")
    answer = idle.http.post(PATH, json={}, headers={b"Authorization": sent})
    assert answer.status_code == 401


def test_an_expired_token_is_refused_as_such(idle: Api) -> None:
    token = idle.token("officer-1", exp=int((START - timedelta(seconds=60)).timestamp()))
    assert send(idle, token) == (401, "token-expired")


def test_clocks_may_differ_a_little(idle: Api) -> None:
    token = idle.token("officer-1", exp=int((START - timedelta(seconds=10)).timestamp()))
    assert send(idle, token) == (422, "missing-field")


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another-service"},
        {"aud": ["another-service"]},
        {"aud": None},
        {"iss": "someone"},
        {"iss": None},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": 10**30},
        {"nbf": 2**33},
        {"sub": None},
        {"sub": "two words"},
        {"sub": "a:b"},
        {"role": None},
        {"role": "king"},
        {"role": "system"},
        {"role": ["officer"]},
        {"role": "city"},
        {"role": "city", "city": []},
        {"role": "city", "city": "li:ma"},
        {"role": "city", "city": 7},
    ],
    ids=str,
)
def test_a_token_with_these_claims_is_refused(idle: Api, claims: dict[str, object]) -> None:
    assert send(idle, idle.token("officer-1", **claims)) == (401, "token-refused")


def test_a_token_may_be_for_several_audiences_and_cities(idle: Api) -> None:
    token = idle.token("city-lima", aud=["other", "sharing-seoul"], city=["cusco", "lima"])
    path = "/cities/lima/identify-need"
    answer = idle.http.post(path, json={}, headers={"Authorization": f"Bearer {token}"})
    assert code(answer) == (428, "precondition-required")


def test_authentication_goes_before_the_body(idle: Api) -> None:
    headers = {"Content-Type": "application/json"}
    assert code(idle.http.post(PATH, content=b"{", headers=headers))[0] == 401


def test_an_issuer_may_sign_with_a_private_key(database_url: str) -> None:
    key = OKPKey.import_key(Ed25519PrivateKey.generate())
    public = key.as_pem(private=False).decode()
    changed = {"jwt_secret": None, "jwt_algorithm": "Ed25519", "jwt_public_key": public}
    with running(database_url, **changed) as api:
        claims = {"iss": "sharing-seoul", "aud": "sharing-seoul", "sub": "officer-1",
                  "role": "officer", "exp": int(START.timestamp()) + 60}  # fmt: skip
        token = jwt.encode({"alg": "Ed25519"}, claims, key, algorithms=["Ed25519"])
        assert send(api, token) == (422, "missing-field")
        # The public key is no secret: it must not pass for an HMAC key.
        header = {"alg": "HS256", "typ": "JWT"}
        assert send(api, f"{part(header)}.{part(claims)}.{part('x')}") == (401, "token-refused")


@pytest.mark.parametrize(
    ("given", "lacking"),
    [
        ({}, "SSP_JWT_SECRET"),
        ({"jwt_secret": "short"}, "32 bytes"),
        ({"jwt_algorithm": "RS256"}, "SSP_JWT_PUBLIC_KEY"),
    ],
)
def test_a_server_without_a_sound_key_does_not_start(given: dict[str, str], lacking: str) -> None:
    settings = Settings.model_validate({"database_url": "postgresql:///x", **given})
    with pytest.raises(NoKey, match=re.escape(lacking)):
        verifier_of(settings, lambda: START)
