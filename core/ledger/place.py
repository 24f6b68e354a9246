"""Where the ledger lies: a database that was named, or the embedded one that needs no naming."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import psycopg
from psycopg.conninfo import conninfo_to_dict

from core.ledger import embedded
from core.ledger.key_encryption import KeyEncryption, from_environment, made_in
from core.ledger.migrate import KEYS, LEDGER, NotPermitted, Part, TooOld, migrate, missing
from core.ledger.roles import DatabaseRole

Schema = Literal["current", "migrate", "any"]
"""What is asked of a named database: to be current, to become so, or nothing."""


@dataclass(frozen=True, slots=True)
class Place:
    """A database; `data_dir` is set where it is the embedded one.

    `applied` names the migrations that were applied on the way. `keys_url` is set where the
    keys of persons lie elsewhere; `encryption` wraps them, None where no key for it is known.
    """

    url: str
    data_dir: Path | None
    applied: tuple[str, ...] = ()
    keys_url: str | None = None
    encryption: KeyEncryption | None = None

    @property
    def parts(self) -> tuple[tuple[str, Part], ...]:
        """Each part of the schema with the database that holds it."""
        return (self.url, LEDGER), (self.keys_url or self.url, KEYS)

    def missing(self) -> list[str]:
        """Return the names of the schema's files that are missing; raises `TooOld`."""
        return [name for url, part in self.parts for name in missing(url, part)]

    def migrate(self, *, logins: bool = False) -> tuple[str, ...]:
        """Apply what is missing as `migrate` does, and return the names."""
        return tuple(n for url, part in self.parts for n in migrate(url, part, logins=logins))


class NotMigrated(Exception):
    """The database lacks schema that this version needs."""


class Unreachable(Exception):
    """The database that was named does not answer, or is too old."""


class MalformedUrl(ValueError):
    """What was given as a database's URL is none."""


@contextmanager
def opened(
    database_url: str | None,
    data_dir: Path | None,
    *,
    schema: Schema = "current",
    keys_url: str | None = None,
) -> Generator[Place]:
    """Give the database at `database_url`, or start the embedded one in `data_dir`.

    The embedded one is migrated on the way; a named one only if `schema` says so, so that
    production changes when it is told to. Raises `MalformedUrl`, `NotMigrated`,
    `Unreachable`, `KeyRefused` or `EmbeddedRefused`.
    """
    if keys_url is not None:
        _well_formed(keys_url)
    if database_url is None:
        with embedded.start(data_dir) as server:
            encryption = from_environment() or made_in(server.data_dir)
            made = Place(server.url, server.data_dir, (), keys_url, encryption)
            done = made.migrate(logins=True)
            # From here on nobody is a superuser: each connection logs in as the role it needs.
            yield replace(made, url=server.url_of(DatabaseRole.READER), applied=done)
        return
    _well_formed(database_url)
    place = Place(database_url, None, (), keys_url, from_environment())
    try:
        if schema == "migrate":
            place = replace(place, applied=place.migrate())
        elif schema == "current" and (lacking := place.missing()):
            raise NotMigrated(f"the database lacks {', '.join(lacking)}: run `ssp migrate`")
        elif schema == "any":
            place.missing()
    except NotPermitted as error:
        raise NotMigrated(str(error)) from error
    except (psycopg.OperationalError, TooOld) as error:
        raise Unreachable(str(error).strip()) from error
    yield place


def _well_formed(url: str) -> None:
    try:
        conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # Its own message repeats the URL, which may hold a password.
        raise MalformedUrl(
            "the database's URL is none that libpq can read; it looks like "
            "postgresql://user@host:5432/database"
        ) from None
