"""What can be set from outside: environment variables that begin with SSP_."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from core.ledger.log_keys import LogKeySettings

Algorithm = Literal["HS256", "RS256", "PS256", "ES256", "EdDSA", "Ed25519"]


class Settings(LogKeySettings):
    """Every setting of the server, with its default."""

    database_url: str | None = Field(
        default=None,
        description="PostgreSQL 15 or newer, as a libpq URI. Without it an embedded server runs "
        "over the data folder.",
    )
    data_dir: Path | None = Field(
        default=None,
        description="Folder of the embedded server, of the development issuer's key and of the "
        "log's. Without it a place under the system's (for root) or the user's state folder.",
    )
    jwt_issuer: str = Field(
        default="sharing-seoul",
        min_length=1,
        description="What the claim `iss` of a bearer token must be.",
    )
    jwt_audience: str = Field(
        default="sharing-seoul",
        min_length=1,
        description="What the claim `aud` of a bearer token must be or hold.",
    )
    jwt_algorithm: Algorithm = Field(
        default="HS256",
        description="The one algorithm that bearer tokens are signed with; a token that names "
        "another is refused. HS256 needs SSP_JWT_SECRET, the others SSP_JWT_PUBLIC_KEY.",
    )
    jwt_secret: SecretStr | None = Field(
        default=None,
        description="The key that tokens are signed with under HS256: 32 bytes or more.",
    )
    jwt_public_key: str | None = Field(
        default=None, description="The issuer's public key in PEM, for all other algorithms."
    )
    jwt_leeway_s: int = Field(
        default=30, ge=0, le=300, description="By how much the issuer's clock may differ from ours."
    )
    development_issuer: bool = Field(
        default=True,
        description="Whether the server issues tokens itself, for whoever asks. Only in the "
        "embedded mode, and only where no key for tokens is set.",
    )
    after_timeout_s: float = Field(
        default=5.0,
        ge=0,
        le=60,
        description="How long a read with `after` waits for its position before it answers 503.",
    )
    feed_poll_s: float = Field(
        default=0.25, gt=0, le=60, description="How often the feed looks for new events."
    )
    ready_timeout_s: float = Field(
        default=2.0, gt=0, le=60, description="How long /ready waits for the database."
    )
    max_body_bytes: int = Field(
        default=1 << 20, ge=1024, description="The largest body that a command may have."
    )

    @property
    def embedded(self) -> bool:
        """Whether PostgreSQL runs embedded, beside the server."""
        return self.database_url is None
