"""The keys of persons: made when first needed, kept wrapped, destroyed when a person is erased.

Opening text asks the database for its keys each time, so what was erased is unreadable
everywhere at once. Only sealing keeps keys in memory, for a minute at most: a command that
was sealed with one that is destroyed meanwhile is refused by its read-set.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Any, LiteralString

from psycopg import Connection
from psycopg_pool import ConnectionPool

from core.ledger.data_keys import DataKey
from core.ledger.key_encryption import KeyEncryption
from core.ledger.key_files import KeyRefused
from core.personal import Erased

_REMEMBERED_S = 60.0
_READ: LiteralString = (
    "select subject, wrapped, kek_id, erased_position from keys.subject_key "
    "where subject = any(%b::text[])"
)
_KEEP: LiteralString = (
    "insert into keys.subject_key (subject, wrapped, kek_id, commitment) "
    "select * from unnest(%b::text[], %b::bytea[], %b::text[], %b::text[]) "
    "on conflict (subject) do nothing"
)
_DESTROY: LiteralString = (
    "insert into keys.subject_key as k (subject, erased_at, erased_position) "
    "select subject, clock_timestamp(), position "
    "from unnest(%b::text[], %b::bigint[]) as e (subject, position) "
    "on conflict (subject) do update set wrapped = null, erased_at = excluded.erased_at, "
    "erased_position = excluded.erased_position where k.wrapped is not null returning 1"
)


class Keyring:
    """All keys of one log's persons. Safe to share between threads."""

    def __init__(
        self, pool: ConnectionPool[Connection[Any]], encryption: KeyEncryption | None
    ) -> None:
        """Take a pool to the keys' database; without `encryption` nothing can be sealed or read."""
        self._pool = pool
        self._encryption = encryption
        self._known: dict[str, tuple[DataKey, float]] = {}
        self._lock = Lock()

    @property
    def opens(self) -> bool:
        """Whether there is a key-encryption key at all."""
        return self._encryption is not None

    def for_sealing(self, subject: str) -> DataKey | Erased | None:
        """Return a person's key, None where there is none yet; it may be a minute old.

        Raises `KeyRefused` where there is nothing to wrap or unwrap it with.
        """
        self._at_hand()
        now = time.monotonic()
        with self._lock:
            known, until = self._known.get(subject, (None, now))
            if known is not None and now < until:
                return known
        found = self._read([subject]).get(subject)
        with self._lock:
            self._known.pop(subject, None)
            if isinstance(found, DataKey):
                self._known[subject] = found, now + _REMEMBERED_S
        return found

    def keep(self, keys: Mapping[str, DataKey]) -> bool:
        """Put fresh keys on record; False where a person has got another one meanwhile.

        What was sealed with that one is then to be sealed anew: nothing opens it.
        """
        if not keys:
            return True
        encryption = self._at_hand()
        with self._pool.connection() as connection:
            connection.execute(
                _KEEP,
                (
                    list(keys),
                    [encryption.wrap(key.secret, subject) for subject, key in keys.items()],
                    [encryption.present] * len(keys),
                    [key.commitment for key in keys.values()],
                ),
            )
        if self._read(list(keys)) != keys:
            return False
        until = time.monotonic() + _REMEMBERED_S
        with self._lock:
            self._known |= {subject: (key, until) for subject, key in keys.items()}
        return True

    def for_opening(self, subjects: Iterable[str]) -> Mapping[str, DataKey | Erased]:
        """Return each person's key as it is on record now, or where the log says it is no more.

        Nothing for whom no key is on record. Raises `KeyRefused` where one can't be unwrapped.
        """
        return self._read(sorted(set(subjects)))

    def destroy(self, erased: Mapping[str, int]) -> int:
        """Destroy the keys of persons, given where the log says so; return how many there were.

        The rows are written anew without the keys. What the database keeps of old pages,
        in its write-ahead log and in backups, docs/personal-data.md says.
        """
        with self._pool.connection() as connection:
            done = connection.execute(
                "select count(*) from keys.subject_key "
                "where subject = any(%b::text[]) and wrapped is not null",
                (list(erased),),
            ).fetchone()
            connection.execute(_DESTROY, (list(erased), list(erased.values())))
            count = int(done[0]) if done else 0
            if count:
                connection.execute("select keys.write_anew()")
        with self._lock:
            for subject in erased:
                self._known.pop(subject, None)
        return count

    def rewrap(self) -> int:
        """Wrap with the present key what another wraps; return how many that were."""
        encryption = self._at_hand()
        with self._pool.connection() as connection, connection.transaction():
            rows = connection.execute(
                "select subject, wrapped, kek_id from keys.subject_key "
                "where wrapped is not null and kek_id <> %s for update",
                (encryption.present,),
            ).fetchall()
            for subject, wrapped, kek_id in rows:
                secret = encryption.unwrap(wrapped, kek_id, subject)
                connection.execute(
                    "update keys.subject_key set wrapped = %b, kek_id = %s where subject = %s",
                    (encryption.wrap(secret, subject), encryption.present, subject),
                )
        return len(rows)

    def check(self) -> int:
        """Return how many keys are on record; raises `KeyRefused` where one can't be unwrapped.

        So does it where there is nothing to wrap with the next one.
        """
        known = self._at_hand().ids
        with self._pool.connection() as connection:
            rows = connection.execute(
                "select kek_id, count(*) from keys.subject_key where wrapped is not null "
                "group by kek_id"
            ).fetchall()
        if lacking := sorted(kek_id for kek_id, _ in rows if kek_id not in known):
            raise KeyRefused(
                f"data keys are wrapped with {', '.join(lacking)}, which is not at hand: "
                "SSP_KEK_FILE or SSP_KEK must hold it"
            )
        return sum(count for _, count in rows)

    def _read(self, subjects: list[str]) -> dict[str, DataKey | Erased]:
        with self._pool.connection() as connection:
            rows = connection.execute(_READ, (subjects,), prepare=True).fetchall()
        return {
            subject: Erased(subject, position)
            if wrapped is None
            else DataKey(subject, self._at_hand().unwrap(wrapped, kek_id, subject))
            for subject, wrapped, kek_id, position in rows
        }

    def _at_hand(self) -> KeyEncryption:
        if self._encryption is None:
            raise KeyRefused(
                "personal data needs a key-encryption key: set SSP_KEK_FILE or SSP_KEK"
            )
        return self._encryption
