"""FOR DEVELOPMENT ONLY: an issuer that gives anyone a token for any role.

It exists only where PostgreSQL runs embedded and no key for tokens is set, and says so
in every answer. Its key lies in the data folder, for the folder's owner alone.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from joserfc import jwt
from joserfc.jwk import OctKey
from pydantic import BaseModel, ConfigDict, Field

from api.bodies import parsed, raw_body
from api.openapi import problems, request_body
from api.problems import Problem
from api.tokens import Verifier
from core.errors import require
from core.ledger.key_files import KeyRefused, kept
from core.vocabulary import Role, slug

WARNING = (
    "DEVELOPMENT ONLY: this server gives anyone a token for any role. Never expose it; set "
    "SSP_DATABASE_URL and a key for tokens instead."
)
ISSUER = AUDIENCE = "ssp-development"
KEY_FILE = "development-issuer.key"
_ALGORITHM = "HS256"
_KEY_BYTES = 32
_LONGEST_S = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class DevelopmentIssuer:
    """Issues tokens that this server accepts, and no other does."""

    key: OctKey
    clock: Callable[[], datetime]

    def issue(
        self, role: Role, actor: str, cities: Sequence[str] = (), valid_s: int = 8 * 3600
    ) -> str:
        """Return a token for an actor in a role, valid for `valid_s` seconds.

        Raises `DomainError` where an id is malformed or a focal point has no city.
        """
        slug(actor, "actor")
        require(
            role is not Role.SYSTEM,
            "malformed-value",
            "no token speaks for the system",
            field="role",
            value=role,
        )
        require(
            role is not Role.CITY or cities,
            "missing-field",
            "a token for the role city names its cities",
            field="cities",
        )
        now = self.clock()
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": actor,
            "role": role.value,
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(seconds=valid_s)).timestamp()),
        }
        if cities:
            claims["city"] = [slug(city, f"cities.{i}") for i, city in enumerate(cities)]
        return jwt.encode({"alg": _ALGORITHM}, claims, self.key)

    def verifier(self, leeway_s: int) -> Verifier:
        """Return what verifies the tokens of this issuer."""
        return Verifier(self.key, _ALGORITHM, ISSUER, AUDIENCE, leeway_s, self.clock)


def open_issuer(data_dir: Path, clock: Callable[[], datetime]) -> DevelopmentIssuer:
    """Return the issuer of a data folder; its key is made on first use (mode 600).

    Raises `KeyRefused` where others can read the key, `OSError` where it cannot be made.
    """
    path = data_dir / KEY_FILE
    secret = kept(path, lambda: secrets.token_bytes(_KEY_BYTES))
    if len(secret) != _KEY_BYTES:
        raise KeyRefused(f"{path} does not hold a key; delete it, and a new one is made")
    return DevelopmentIssuer(OctKey.import_key(secret), clock)


class TokenRequest(BaseModel):
    """For whom a development token is wanted."""

    model_config = ConfigDict(extra="forbid", strict=True)

    role: Role = Field(description="The role to act in.", examples=["officer"])
    actor: str = Field(description="The pseudonymous actor id.", examples=["officer-1"])
    cities: list[str] = Field(
        default_factory=list, description="For the role city: the ids of its cities."
    )
    valid_s: int = Field(3600, ge=1, le=_LONGEST_S, description="For how many seconds.")


class DevelopmentToken(BaseModel):
    """A token for development."""

    token: str = Field(description="The bearer token.")
    development: bool = Field(description="Always true: no other server accepts this token.")
    warning: str = Field(description="What to know before this is used.")


router = APIRouter(tags=["development"])


@router.post(
    "/dev/token",
    operation_id="issue_development_token",
    summary="Issue a token (DEVELOPMENT ONLY)",
    description=f"**{WARNING}**",
    responses=problems("malformed-id", "body-too-large", "unsupported-media-type", "missing-field"),
    openapi_extra=request_body(TokenRequest),
)
def issue_token(request: Request, raw: Annotated[bytes, Depends(raw_body)]) -> DevelopmentToken:
    """Give a token to whoever asks."""
    _refuse_foreign_names(request)
    wanted = parsed(TokenRequest, raw)
    issuer: DevelopmentIssuer = request.app.state.wiring.issuer
    token = issuer.issue(wanted.role, wanted.actor, wanted.cities, wanted.valid_s)
    return DevelopmentToken(token=token, development=True, warning=WARNING)


def _refuse_foreign_names(request: Request) -> None:
    """Refuse any host name but localhost: a web page could let its own name point here."""
    host = request.url.hostname or ""
    if host == "localhost":
        return
    try:
        ip_address(host)
    except ValueError as error:
        raise Problem(
            "malformed-header",
            "development tokens are issued under localhost or an IP address only",
            field="Host",
            value=host,
        ) from error
