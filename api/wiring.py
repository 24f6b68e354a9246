"""What routes need beside the request: made once by `create_app`, typed, never global."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from api.dev_issuer import DevelopmentIssuer
from api.settings import Settings
from api.tokens import Verifier
from core.ledger.ledger import Ledger
from core.ledger.notary import Notary
from projections.projector import Followed


@dataclass(frozen=True, slots=True)
class Wiring:
    """The parts of a running application.

    `issuer` is None outside development; `views_state` tells how far the views are, and is
    None where no projector is known; `explanations` are the documentation of refusal codes;
    `notary` signs checkpoints.
    """

    settings: Settings
    ledger: Ledger
    clock: Callable[[], datetime]
    verifier: Verifier
    issuer: DevelopmentIssuer | None
    views_state: Callable[[], Followed] | None
    explanations: Mapping[str, str]
    notary: Notary


async def wiring_of(request: Request) -> Wiring:
    """Return the parts of the application that serves a request."""
    wiring: Wiring = request.app.state.wiring
    return wiring


Wired = Annotated[Wiring, Depends(wiring_of)]
