"""Where the ledger lies: a database that was named, or the embedded one that needs no naming."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from core.ledger import embedded
from core.ledger.migrate import migrate, missing


@dataclass(frozen=True, slots=True)
class Place:
    """A migrated database; `data_dir` is set where it is the embedded one."""

    url: str
    data_dir: Path | None


class NotMigrated(Exception):
    """The database lacks schema that this version needs."""


class Unreachable(Exception):
    """The database that was named does not answer."""


@contextmanager
def opened(
    database_url: str | None, data_dir: Path | None, *, migrating: bool = False
) -> Iterator[Place]:
    """Give the database at `database_url`, or start the embedded one in `data_dir`.

    The embedded one is migrated on the way; a named one only if `migrating`, so that
    production changes when it is told to. Raises `NotMigrated`, `Unreachable` or
    `EmbeddedRefused`.
    """
    if database_url is None:
        folder = data_dir or embedded.default_data_dir()
        with embedded.start(folder) as server:
            migrate(server.url)
            yield Place(server.url, folder)
        return
    try:
        if migrating:
            migrate(database_url)
        elif lacking := missing(database_url):
            msg = f"the database lacks {', '.join(lacking)}: run `ssp migrate`"
            raise NotMigrated(msg)
    except psycopg.OperationalError as error:
        raise Unreachable(str(error).strip()) from error
    yield Place(database_url, None)


