"""As many connections as there are clients, each lent to as many streams as need be."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import Connection


class Connections:
    """Opened as they are asked for; once all are open, they are lent again in turn."""

    def __init__(self, url: str, clients: int, options: str = "") -> None:
        """Open none yet; `options` are set on each."""
        self._url = url
        self._clients = clients
        self._options = options
        self._open: list[Connection[Any]] = []
        self._lent = 0

    def next(self) -> Connection[Any]:
        """Lend the next one, in autocommit mode."""
        if len(self._open) < self._clients:
            self._open.append(psycopg.connect(self._url, autocommit=True, options=self._options))
        self._lent += 1
        return self._open[(self._lent - 1) % self._clients]

    def close(self) -> None:
        """Disconnect them all."""
        for connection in self._open:
            connection.close()
