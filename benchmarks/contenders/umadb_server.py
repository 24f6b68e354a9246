"""UmaDB: a server in Rust with a file of its own, spoken to by its client in Rust."""

from __future__ import annotations

import json
from importlib import import_module
from threading import Event, Thread
from typing import Any

from benchmarks.contender import Append, Seen, filler


class UmaDb:
    """A client; the server is started by whoever runs the benchmark."""

    def __init__(self, url: str, clients: int) -> None:
        """Connect; the package is there in the peers' environment only."""
        del clients
        self._umadb: Any = import_module("umadb")
        self._client: Any = self._umadb.Client(url)

    def prepare(self) -> None:
        """Do nothing: an empty file is an empty store."""

    def appender(self, stream: str, batch: int) -> Append:
        """Append on the condition that nothing with the stream's tag came after what was read."""
        version, position = 0, None
        here = self._stream(stream)
        text = filler(len(_data(1, "")))

        def append() -> None:
            nonlocal version, position
            events = [
                self._umadb.Event("Written", _data(version + n, text), [stream])
                for n in range(1, batch + 1)
            ]
            condition = self._umadb.AppendCondition(here, position)
            position = self._client.append(events, condition)
            version += batch

        return append

    def read_all(self) -> int:
        """Read everything and decode it."""
        return self._decoded(self._client.read())

    def read_stream(self, stream: str) -> int:
        """Read what has the stream's tag, and decode it."""
        return self._decoded(self._client.read(self._stream(stream)))

    def tail(self, seen: Seen, stop: Event) -> None:
        """Subscribe."""
        subscription = self._client.subscribe()
        Thread(target=lambda: stop.wait() and subscription.cancel(), daemon=True).start()
        try:
            for found in subscription:
                (stream,) = found.event.tags
                seen(stream, json.loads(found.event.data)["version"])
        except self._umadb.CancelledByUserError:
            return

    def close(self) -> None:
        """Disconnect."""
        self._client.close()

    def _stream(self, stream: str) -> Any:  # noqa: ANN401  # its own type, not there to name
        return self._umadb.Query([self._umadb.QueryItem(tags=[stream])])

    def _decoded(self, found: Any) -> int:  # noqa: ANN401  # as _stream
        return sum(1 for _ in (json.loads(each.event.data) for each in found))


def _data(version: int, text: str) -> bytes:
    return json.dumps({"version": version, "text": text}).encode()
