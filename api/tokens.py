"""From a bearer token to a principal: signature, issuer, audience, expiry and role.

The algorithm is a setting and never taken from the token, so that neither `none` nor
a public key used as an HMAC secret can pass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, cast

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from api.access import Principal
from api.problems import Problem
from api.settings import Settings
from core.errors import DomainError
from core.vocabulary import ActorId, Role, slug

Key = OctKey | RSAKey | ECKey | OKPKey

_SECRET_BYTES = 32
_KEYS: dict[str, type[RSAKey | ECKey | OKPKey]] = {
    "RS256": RSAKey,
    "PS256": RSAKey,
    "ES256": ECKey,
    "EdDSA": OKPKey,
    "Ed25519": OKPKey,
}
_CHALLENGE = 'Bearer realm="ssp"'


class NoKey(ValueError):
    """No key is set that tokens could be verified with."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """Verifies tokens of one issuer, for one audience, under one algorithm."""

    key: Key
    algorithm: str
    issuer: str
    audience: str
    leeway_s: int
    clock: Callable[[], datetime]

    def principal(self, token: str) -> Principal:
        """Return whom the token speaks for, or refuse it with 401."""
        try:
            claims = jwt.decode(token, self.key, algorithms=[self.algorithm]).claims
            jwt.JWTClaimsRegistry(
                now=lambda: int(self.clock().timestamp()),
                leeway=self.leeway_s,
                iss={"essential": True, "value": self.issuer},
                aud={"essential": True, "value": self.audience},
                exp={"essential": True},
                sub={"essential": True},
                role={"essential": True},
            ).validate(claims)
            return _principal(claims)
        except ExpiredTokenError as error:
            raise _refused("token-expired", "the token has expired") from error
        except (JoseError, DomainError, ValueError, OverflowError) as error:
            raise _refused("token-refused", f"the token is not valid here: {error}") from error


def verifier_of(settings: Settings, clock: Callable[[], datetime]) -> Verifier:
    """Return the verifier that the settings describe; raises `NoKey`."""
    if settings.jwt_algorithm == "HS256":
        if settings.jwt_secret is None:
            raise NoKey("tokens under HS256 need SSP_JWT_SECRET")
        secret = settings.jwt_secret.get_secret_value()
        if len(secret.encode()) < _SECRET_BYTES:
            raise NoKey(f"SSP_JWT_SECRET must have {_SECRET_BYTES} bytes or more")
        key: Key = OctKey.import_key(secret)
    else:
        if settings.jwt_public_key is None:
            raise NoKey(f"tokens under {settings.jwt_algorithm} need SSP_JWT_PUBLIC_KEY")
        key = _KEYS[settings.jwt_algorithm].import_key(settings.jwt_public_key)
    return Verifier(
        key,
        settings.jwt_algorithm,
        settings.jwt_issuer,
        settings.jwt_audience,
        settings.jwt_leeway_s,
        clock,
    )


def _principal(claims: dict[str, Any]) -> Principal:
    role = Role(claims["role"])
    if role is Role.SYSTEM:
        raise ValueError("no token speaks for the system")
    # An actor's id becomes part of stream names and of idempotency keys.
    actor = ActorId(slug(claims["sub"], "sub"))
    city = claims.get("city", [])
    named = [city] if isinstance(city, str) else city
    if not isinstance(named, list) or (role is Role.CITY and not named):
        raise ValueError("a token for the role city names its cities in the claim city")
    cities = frozenset(slug(str(c), "city") for c in cast("list[object]", named))
    return Principal(actor, role, cities, datetime.fromtimestamp(claims["exp"], UTC))


def _refused(code: str, rule: str) -> Problem:
    challenge = f'{_CHALLENGE}, error="invalid_token", error_description="{code}"'
    return Problem(code, rule, headers={"WWW-Authenticate": challenge})


_BEARER = HTTPBearer(
    auto_error=False,
    bearerFormat="JWT",
    scheme_name="bearer",
    description="A JWT with `iss`, `aud`, `exp`, `sub` (a pseudonymous actor id), `role` and, "
    "for the role city, `city` (one city's id or a list of them).",
)


async def authenticated(
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
) -> Principal:
    """Return whom the request's token speaks for; 401 without one."""
    if bearer is None:
        raise Problem(
            "not-authenticated",
            "this needs a bearer token in the Authorization header",
            headers={"WWW-Authenticate": _CHALLENGE},
        )
    verifier: Verifier = request.app.state.wiring.verifier
    return verifier.principal(bearer.credentials)


Authenticated = Annotated[Principal, Security(authenticated)]
