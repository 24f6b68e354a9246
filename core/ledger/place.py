"""Where the ledger lies: a database that was named, or the embedded one that needs no naming."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psycopg
from psycopg.conninfo import conninfo_to_dict

from core.ledger import embedded
from core.ledger.migrate import NotPermitted, TooOld, migrate, missing
from core.ledger.roles import DatabaseRole

Schema = Literal["current", "migrate", "any"]
"""What is asked of a named database: to be current, to become so, or nothing."""


@dataclass(frozen=True, slots=True)
class Place:
    """A database; `data_dir` is set where it is the embedded one.

    `applied` names the migrations that were applied on the way.
    """

    url: str
    data_dir: Path | None
    applied: tuple[str, ...] = ()


class NotMigrated(Exception):
    """The database lacks schema that this version needs."""


class Unreachable(Exception):
    """The database that was named does not answer, or is too old."""


class MalformedUrl(ValueError):
    """What was given as a database's URL is none."""


@contextmanager
def opened(
    database_url: str | None, data_dir: Path | None, *, schema: Schema = "current"
) -> Generator[Place]:
    """Give the database at `database_url`, or start the embedded one in `data_dir`.

    The embedded one is migrated on the way; a named one only if `schema` says so, so that
    production changes when it is told to. Raises `MalformedUrl`, `NotMigrated`,
    `Unreachable` or `EmbeddedRefused`.
    """
    if database_url is None:
        with embedded.start(data_dir) as server:
            done = tuple(migrate(server.url, logins=True))
            # From here on nobody is a superuser: each connection logs in as the role it needs.
            yield Place(server.url_of(DatabaseRole.READER), server.data_dir, done)
        return
    try:
        conninfo_to_dict(database_url)
    except psycopg.ProgrammingError:
        # Its own message repeats the URL, which may hold a password.
        raise MalformedUrl(
            "the database's URL is none that libpq can read; it looks like "
            "postgresql://user@host:5432/database"
        ) from None
    applied: list[str] = []
    try:
        if schema == "migrate":
            applied = migrate(database_url)
        elif (lacking := missing(database_url)) and schema == "current":
            raise NotMigrated(f"the database lacks {', '.join(lacking)}: run `ssp migrate`")
    except NotPermitted as error:
        raise NotMigrated(str(error)) from error
    except (psycopg.OperationalError, TooOld) as error:
        raise Unreachable(str(error).strip()) from error
    yield Place(database_url, None, tuple(applied))
