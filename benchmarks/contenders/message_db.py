"""Message DB: a message store made of SQL functions, called as its own documentation does."""

from __future__ import annotations

import json
from threading import Event
from typing import Any
from uuid import uuid4

from psycopg import Connection

from benchmarks.connections import Connections
from benchmarks.contender import Append, Seen, filler
from benchmarks.places import NODE

_SQL = NODE / "node_modules/@eventide/message-db/database"
# In the order of its own install.sh, but for pgcrypto: since version 13, PostgreSQL has by itself
# the one function of it that is used, and our embedded one comes without extensions.
_FILES = (
    "schema/message-store.sql",
    "tables/messages.sql",
    "types/message.sql",
    *(
        f"functions/{name}.sql"
        for name in (
            "message-store-version",
            "hash-64",
            "acquire-lock",
            "category",
            "is-category",
            "id",
            "cardinal-id",
            "stream-version",
            "write-message",
            "get-stream-messages",
            "get-category-messages",
            "get-last-stream-message",
        )
    ),
    "indexes/messages-id.sql",
    "indexes/messages-stream.sql",
    "indexes/messages-category.sql",
)
_WRITE = (
    "select message_store.write_message(%s::varchar, %s::varchar, 'Written'::varchar, "
    "%s::jsonb, null::jsonb, %s::bigint)"
)
_PAGE = 1_000
_PAUSE_S = 0.02


class MessageDb:
    """A connection for each client; every stream is of one category, `city`."""

    def __init__(self, url: str, clients: int) -> None:
        """Connect when there is something to do."""
        self._connections = Connections(url, clients, "-c search_path=message_store,public")

    def prepare(self) -> None:
        """Install its schema."""
        connection = self._connections.next()
        for name in _FILES:
            connection.execute((_SQL / name).read_bytes())

    def appender(self, stream: str, batch: int) -> Append:
        """Write messages, expecting the version that was read; its versions count from -1."""
        connection = self._connections.next()
        version = 0
        text = filler(len(json.dumps({"text": ""})))
        data = json.dumps({"text": text})

        def append() -> None:
            nonlocal version
            calls = [(str(uuid4()), stream, data, version + n - 1) for n in range(batch)]
            if batch == 1:
                connection.execute(_WRITE, calls[0], prepare=True)
            else:
                with connection.transaction(), connection.cursor() as cursor:
                    cursor.executemany(_WRITE, calls)
            version += batch

        return append

    def read_all(self) -> int:
        """Read the category page by page."""
        found, position = 0, 1
        connection = self._connections.next()
        while rows := self._page(connection, position):
            for _, _, data, _ in rows:
                json.loads(data)
            found += len(rows)
            position = rows[-1][3] + 1
        return found

    def read_stream(self, stream: str) -> int:
        """Get a stream's messages, and decode them."""
        rows = self._connections.next().execute(
            "select position, data from message_store.get_stream_messages(%s, 0, -1)", (stream,)
        )
        version = 0
        for position, data in rows:
            json.loads(data)
            version = position + 1
        return version

    def tail(self, seen: Seen, stop: Event) -> None:
        """Follow the category by global position, as its consumers do."""
        position = 1
        connection = self._connections.next()
        while not stop.is_set():
            rows = self._page(connection, position)
            for stream, version, _, place in rows:
                seen(stream, version + 1)
                position = place + 1
            if not rows:
                stop.wait(_PAUSE_S)

    def close(self) -> None:
        """Disconnect."""
        self._connections.close()

    def _page(self, connection: Connection[Any], position: int) -> list[tuple[Any, ...]]:
        return connection.execute(
            "select stream_name, position, data, global_position "
            "from message_store.get_category_messages('city', %s, %s)",
            (position, _PAGE),
            prepare=True,
        ).fetchall()
