"""`ssp erase`: records that a person is erased, and destroys the key."""

from __future__ import annotations

from datetime import UTC, datetime

from core.decider import Act
from core.errors import DomainError
from core.ledger.draft import Envelope
from core.ledger.ledger import Ledger
from core.personal import Erased
from core.subjects.commands import EraseSubject
from core.vocabulary import ActorId, Role, slug


def erase_subject(ledger: Ledger, subject: str, reason: str, actor: str) -> dict[str, object]:
    """Erase a person, and return who, and where the log says so.

    One who was erased before is none to complain of: what a killed process left is finished.
    Raises `DomainError` where the rules refuse.
    """
    act = Act(ActorId(slug(actor, "actor")), Role.MANAGER, datetime.now(UTC))
    try:
        ledger.handle(Envelope(EraseSubject(ActorId(subject), reason), act, policy="ssp erase"))
    except DomainError as refused:
        if refused.code != "already-erased":
            raise
        ledger.finish_erasures()
    gone = ledger.keyring.for_opening([subject])[subject]
    if not isinstance(gone, Erased):
        raise TypeError(f"the key of {subject!r} is still on record")
    return {"subject": gone.subject, "at_position": gone.at_position}
