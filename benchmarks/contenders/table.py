"""The contenders by name: where each one's code is, and whose packages it runs on."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Literal

from benchmarks.contender import Contender

Home = Literal["ours", "peers", "node"]
"""Our own environment, that of the peers, or Node's."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A contender before it is opened; `package` is the distribution that gives its version."""

    label: str
    code: str
    home: Home
    package: str
    settings: str


CONTENDERS: dict[str, Entry] = {
    "ours": Entry(
        "Sharing Seoul",
        "ours:Ours",
        "ours",
        "sharing-seoul",
        "tree, keys and read-set checks on; one writer a process",
    ),
    "ready": Entry(
        "Sharing Seoul, records ready",
        "ours:Ready",
        "ours",
        "sharing-seoul",
        "the same, without encoding typed events: what plain inserts are compared with",
    ),
    "unaudited": Entry(
        "Sharing Seoul without its tree",
        "ours:Unaudited",
        "ours",
        "sharing-seoul",
        "records ready; the leaf hash and the tree are cut out of the append",
    ),
    "plain": Entry(
        "plain inserts",
        "plain:Plain",
        "ours",
        "psycopg",
        "prepared insert into a copy of the table and its indexes; unnest for batches; "
        "COPY out and json.loads; a plain select",
    ),
    "copy": Entry(
        "plain COPY", "plain:Copied", "ours", "psycopg", "batches by COPY into the same table"
    ),
    "eventsourcing": Entry(
        "eventsourcing",
        "stock:Stock",
        "ours",
        "eventsourcing",
        "PostgreSQL recorder as it comes, a connection for each client",
    ),
    "eventsourcing-functions": Entry(
        "eventsourcing, DB functions",
        "stock:WithFunctions",
        "ours",
        "eventsourcing",
        "POSTGRES_ENABLE_DB_FUNCTIONS=y",
    ),
    "eventsource-py": Entry(
        "eventsource-py",
        "eventsource_py:EventsourcePy",
        "peers",
        "eventsource-py",
        "asyncpg, its own schema and engine, a connection for each client",
    ),
    "umadb": Entry(
        "UmaDB",
        "umadb_server:UmaDb",
        "peers",
        "umadb",
        "its own server and file, append conditions by tag",
    ),
    "message-db": Entry(
        "Message DB",
        "message_db:MessageDb",
        "ours",
        "@eventide/message-db",
        "its SQL functions, one category; batches as one transaction of pipelined calls",
    ),
    "emmett": Entry(
        "Emmett",
        "emmett.mjs",
        "node",
        "@event-driven-io/emmett-postgresql",
        "PostgreSQL store, a pool of as many connections as clients",
    ),
}


def open_contender(name: str, url: str, clients: int) -> Contender:
    """Open one that is written in Python, for a number of clients."""
    module, _, kind = CONTENDERS[name].code.partition(":")
    made: Contender = getattr(import_module(f"benchmarks.contenders.{module}"), kind)(url, clients)
    return made
