"""Opens the database that a command is about, and says in a sentence what stands in the way."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from core.ledger.codec import UnknownWireName, ValidationError
from core.ledger.embedded import EmbeddedRefused
from core.ledger.ledger import Contended, Ledger
from core.ledger.place import MalformedUrl, NotMigrated, Place, Schema, Unreachable, opened
from core.ledger.writer import OutcomeUnknown
from projections.reading import MalformedRecord
from replay.logs import log_as_json
from replay.options import CHECK_FAILED, NO_DATABASE, stop


@contextmanager
def place_of(
    database_url: str | None, data_dir: Path | None, schema: Schema = "current"
) -> Generator[Place]:
    """Give the database, and end the command with a message where it cannot be had."""
    log_as_json()
    if database_url is not None and data_dir is not None:
        # Whichever of them won, a command could be played into a database that was not meant.
        stop(
            "both a database (--database-url, SSP_DATABASE_URL) and a data folder (--data-dir, "
            "SSP_DATA_DIR) are given: name one of them"
        )
    try:
        with opened(database_url, data_dir, schema=schema) as place:
            yield place
    except MalformedUrl as error:
        stop(str(error))
    except Contended:
        stop("others kept changing what this depends on; nothing was recorded: try again")
    except OutcomeUnknown as error:
        stop(
            f"the database went away before it said whether this was recorded: {_line(error)}. "
            "Run it again: what is on record is not recorded twice",
            NO_DATABASE,
        )
    except (EmbeddedRefused, NotMigrated, Unreachable) as error:
        stop(_line(error), NO_DATABASE)
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        stop(f"the database does not answer: {_line(error)}", NO_DATABASE)
    except psycopg.errors.InsufficientPrivilege as error:
        stop(f"the database refuses: {_line(error)}", NO_DATABASE)


@contextmanager
def ledger_of(database_url: str | None, data_dir: Path | None) -> Generator[Ledger]:
    """Give the ledger, as `place_of` does the database."""
    with ledger_and_place(database_url, data_dir) as (ledger, _):
        yield ledger


@contextmanager
def ledger_and_place(
    database_url: str | None, data_dir: Path | None
) -> Generator[tuple[Ledger, Place]]:
    """Give the ledger, and the place that it lies in."""
    with place_of(database_url, data_dir) as place, Ledger(place.url) as ledger:
        try:
            yield ledger, place
        except (UnknownWireName, ValidationError, MalformedRecord) as error:
            stop(
                f"a record cannot be read: {_line(error)}. `ssp verify` tells whether the log is "
                "as it was recorded; if it is, a newer version of this programme wrote it",
                CHECK_FAILED,
            )


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
