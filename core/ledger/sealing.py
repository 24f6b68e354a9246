"""Seals a command's personal text before the command is decided on, and opens it for readers.

A command is sealed once, so its body, the reason in its events' metadata and the events
themselves hold one and the same ciphertext: a replay gives the same bytes without a key.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import structlog

from core.errors import refuse
from core.ledger.data_keys import DataKey, Unreadable, fresh
from core.ledger.tokens import MARK, replaced, tokens_of
from core.personal import Erased, Sealed, Unopened, rewritten

if TYPE_CHECKING:
    # What seals nothing, such as the replay of a bundle, loads no driver of a database.
    from core.ledger.keyring import Keyring

C = TypeVar("C")
_log = structlog.get_logger()


def subjects_of(command: object, actor: str) -> dict[str, str]:
    """Return whom a command holds personal text about, each with the path of one such text."""
    found: dict[str, str] = {}

    def note(path: str, subject: str, text: str) -> str:
        found.setdefault(subject, path)
        return text

    rewritten(command, note, actor)
    return found


def refuse_erased(path: str, subject: str) -> NoReturn:
    """Refuse personal text about someone who was erased."""
    refuse(
        "subject-erased",
        "nothing is recorded about a person who was erased",
        field=path,
        value=subject,
    )


@dataclass(slots=True)
class Sealing:
    """Seals with the keys on record, and with `new` ones, which are to be kept first."""

    keys: Keyring
    new: dict[str, DataKey] = field(default_factory=dict[str, DataKey])

    def sealed(self, command: C, actor: str, command_id: str) -> C:
        """Return a command with its personal text sealed; raises `DomainError` for the erased."""
        return rewritten(
            command,
            lambda path, subject, text: self._key(path, subject).seal(text, command_id, path),
            actor,
        )

    def digested(self, command: C, actor: str) -> C:
        """Return a command with what stands for its personal text in its digest."""
        return rewritten(
            command, lambda path, subject, text: self._key(path, subject).digest(text, path), actor
        )

    def named(self, command: object, actor: str, name: str) -> str:
        """Return a name made of a command's content so that nobody can guess at text from it.

        As it is where the command has no personal text; raises `DomainError` for the erased.
        """
        for subject, path in subjects_of(command, actor).items():
            name = self._key(path, subject).digest(name, "name")
        return name

    def _key(self, path: str, subject: str) -> DataKey:
        if subject in self.new:
            return self.new[subject]
        key = self.keys.for_sealing(subject)
        if isinstance(key, Erased):
            refuse_erased(path, subject)
        if key is None:
            key = self.new[subject] = fresh(subject)
        return key


def reveal(document: Any, keys: Keyring) -> Any:  # noqa: ANN401  # any JSON document
    """Return a JSON document with its sealed text opened, or what is known of why it isn't.

    Of the erased an `Erased` is shown. Text that should open and doesn't is shown as an
    `Unopened`, and logged; raises `KeyRefused` where no key can be unwrapped.
    """
    tokens = [token for _, token in tokens_of(document)]
    if not tokens:
        return document
    found = keys.for_opening(token.subject for token in tokens)

    def opened(token: Sealed) -> Any:  # noqa: ANN401  # text, or a JSON object
        shown = _shown(token, found.get(token.subject))
        if isinstance(shown, Unopened):
            _log.error("text.unreadable", subject=token.subject, command=token.command)
        return shown if isinstance(shown, str) else asdict(shown)

    return replaced(document, opened)


def _shown(token: Sealed, key: DataKey | Erased | None) -> str | Erased | Unopened:
    if isinstance(key, Erased):
        return key
    if key is None:
        return Unopened(token.subject, "no key of this person is on record: the keys were lost")
    try:
        return key.open(token)
    except Unreadable as error:
        return Unopened(token.subject, str(error))


def revealed(text: bytes, keys: Keyring) -> bytes:
    """Return JSON as `reveal` does; what holds no sealed text is returned as it is."""
    if MARK not in text:
        return text
    return json.dumps(reveal(json.loads(text), keys), ensure_ascii=False).encode()
