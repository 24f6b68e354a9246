"""A server on a free port over a database of its own, and people who talk to it."""

from __future__ import annotations

import socket
import sys
from collections import defaultdict
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import OctKey

from api.app import create_app, wire
from api.settings import Settings
from core.ledger.ledger import Ledger
from core.ledger.log_keys import LogKeys
from core.ledger.notary import Notary

SECRET = "a secret of at least thirty-two bytes"  # noqa: S105  # signs tokens of tests only
START = datetime(2024, 3, 1, tzinfo=UTC)


@dataclass
class Clock:
    """The one clock of a test: the server's, the ledger's and the issuer's."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def move_to(self, now: datetime) -> None:
        self.now = now


@dataclass
class Api:
    """A running server, its ledger, and who speaks to it: `officer-1`, `evaluator-2`, `city-lima`.

    A name's first word is its role; a city's focal point speaks for the city that is named.
    """

    http: httpx.Client
    ledger: Ledger
    clock: Clock

    def token(self, who: str, **claims: object) -> str:
        role, _, rest = who.partition("-")
        content: dict[str, object] = {
            "iss": "sharing-seoul",
            "aud": "sharing-seoul",
            "sub": who,
            "role": role,
            "exp": int((self.clock.now + timedelta(hours=1)).timestamp()),
            **({"city": rest} if role == "city" else {}),
            **claims,
        }
        content = {name: value for name, value in content.items() if value is not None}
        return jwt.encode({"alg": "HS256"}, content, OctKey.import_key(SECRET))

    def headers(self, who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(who)}"}

    def get(
        self, path: str, who: str, headers: Mapping[str, str] | None = None, **query: str
    ) -> httpx.Response:
        return self.http.get(path, params=query, headers=self.headers(who) | dict(headers or {}))

    def post(  # noqa: PLR0913  # one for each part of a command's request
        self,
        path: str,
        who: str,
        body: object = None,
        *,
        match: str | None = None,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        sent = self.headers(who) | dict(headers or {})
        if match is not None:
            sent["If-Match"] = match
        if key is not None:
            sent["Idempotency-Key"] = key
        return self.http.post(path, json={} if body is None else body, headers=sent)

    def do(self, path: str, who: str, body: object = None, *, on: str = "") -> dict[str, Any]:
        """Send a command that must be recorded, on the stream that it is about."""
        match = self.get(f"/streams/{on}", "auditor-1").headers["ETag"] if on else None
        answer = self.post(path, who, body, match=match)
        assert answer.status_code == 201, answer.text
        receipt: dict[str, Any] = answer.json()
        return receipt


def code(answer: httpx.Response) -> tuple[int, str]:
    """What an answer refuses, after checking that it is a whole problem document."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"/problems/{problem['code']}"
    assert problem["correlation_id"] == answer.headers["X-Correlation-Id"]
    assert problem["errors"]
    return answer.status_code, problem["code"]


def faults(answer: httpx.Response) -> dict[str, str]:
    """Each field that a problem names, and the code of what is wrong with it."""
    return {error["field"]: error["code"] for error in answer.json()["errors"]}


def refused(  # noqa: PLR0913  # as `Api.post`
    api: Api,
    path: str,
    who: str,
    body: object,
    *,
    match: str | None = None,
    key: str | None = None,
) -> tuple[str, dict[str, str]]:
    """Send what must be refused, and return the code and each field at fault with its own."""
    before = api.ledger.store.head()
    answer = api.post(path, who, body, match=match, key=key)
    assert api.ledger.store.head() == before, "nothing was recorded"
    assert all(error["rule"] for error in answer.json()["errors"])
    return code(answer)[1], faults(answer)


def settings(url: str, **changed: object) -> Settings:
    given = {"database_url": url, "jwt_secret": SECRET, "feed_poll_s": 0.05, **changed}
    return Settings.model_validate(given)


@contextmanager
def served(app: FastAPI) -> Generator[str]:
    """Serve over real HTTP, and give the address."""
    config = uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    # Named as TCP, or asyncio leaves Nagle's algorithm on, and every answer takes 40 ms.
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)


class Servers:
    """Servers, those of the embedded mode apart, kept from one test to the next.

    Routes take half a second to make and a server a tenth to stop, and both are the same for
    every test: what differs is the wiring, which each test has of its own.
    """

    def __init__(self) -> None:
        self._running = ExitStack()
        self._free: defaultdict[tuple[bool, bool], list[tuple[FastAPI, str]]] = defaultdict(list)

    @contextmanager
    def wired(
        self,
        settings: Settings,
        ledger: Ledger,
        clock: Clock | None = None,
        notary: Notary | None = None,
    ) -> Generator[str]:
        """Lend a server over a ledger, and give its address."""
        # Coverage follows a thread from its beginning, or never.
        counted = sys.gettrace() is not None
        free = self._free[settings.embedded, counted]
        if free:
            app, address = free.pop()
            app.state.wiring = wire(settings, ledger, clock=clock, notary=notary)
        else:
            app = create_app(settings, ledger, clock=clock, notary=notary)
            address = self._running.enter_context(served(app))
        try:
            yield address
        finally:
            free.append((app, address))

    def stop(self) -> None:
        """Stop what runs; servers that are asked for afterwards are new ones."""
        self._free.clear()
        self._running.close()


SERVERS = Servers()


@contextmanager
def running(url: str, keys: LogKeys | None = None, /, **changed: object) -> Generator[Api]:
    """Serve a database, whose checkpoints are signed when they are asked for, if it has keys."""
    clock = Clock()
    with (
        Ledger(url, clock=clock) as ledger,
        SERVERS.wired(settings(url, **changed), ledger, clock, Notary(ledger, keys)) as address,
        httpx.Client(base_url=address, timeout=20) as http,
    ):
        yield Api(http, ledger, clock)
