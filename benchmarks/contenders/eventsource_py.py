"""eventsource-py: asynchronous, on asyncpg, with a schema and an engine of its own."""

from __future__ import annotations

import asyncio
from importlib import import_module
from threading import Event
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from benchmarks.contender import Append, Seen, filler

_PAGE = 1_000
_PAUSE_S = 0.02
_CATEGORY = "benchmark"


class EventsourcePy:
    """Its PostgreSQL store, over an engine with a connection for each client.

    The package is there in the peers' environment only, so it is imported by name.
    """

    def __init__(self, url: str, clients: int) -> None:
        """Connect when there is something to do."""
        package: Any = import_module("eventsource")
        stores: Any = import_module("eventsource.adapters.postgresql.store")
        self._ports: Any = import_module("eventsource.ports")
        self._domain: Any = import_module("eventsource.domain")
        registry = import_module("eventsource.domain.event_registry").EventRegistry()
        self._kind: Any = type(
            "Written",
            (package.DomainEvent,),
            {
                "__module__": __name__,
                "__annotations__": {"aggregate_type": str, "stream": str, "text": str},
                "aggregate_type": _CATEGORY,
            },
        )
        registry.register(self._kind)
        target = urlsplit(url)._replace(scheme="postgresql+asyncpg").geturl()

        def store(*, create_schema: bool) -> Any:  # noqa: ANN401  # its own types, not there to name
            engine = package.create_async_engine(target, pool_size=clients, max_overflow=4)
            return stores.PostgreSQLEventStore(
                engine, registry, create_schema=create_schema, owns_engine=True
            )

        self._open = store
        self._store: Any = store(create_schema=False)

    def prepare(self) -> None:
        """Make the tables by asking for something."""
        asyncio.run(self._ask())

    def appender(self, stream: str, batch: int) -> Append:
        """Append events, expecting the version that was read."""
        version = 0
        where = self._id(stream)
        text = filler(len(self._event(where, stream, "").model_dump_json()))

        async def append() -> None:
            nonlocal version
            events = [self._event(where, stream, text) for _ in range(batch)]
            expected = self._ports.ExpectedVersion.exact(version)
            await self._store.append(where, events, expected)
            version += batch

        return append

    async def read_all(self) -> int:
        """Read the feed page by page."""
        found, position = 0, None
        while True:
            before = found
            async for envelope in self._page(position):
                position = envelope.position
                found += 1
            if found == before:
                return found

    async def read_stream(self, stream: str) -> int:
        """Read a stream, and fold it to its last version."""
        version = 0
        async for envelope in self._store.read_stream(self._id(stream)):
            version = envelope.stream_version
        return version

    async def tail(self, seen: Seen, stop: Event) -> None:
        """Follow the feed by its positions, as its subscriptions do."""
        position = None
        while not stop.is_set():
            before = position
            async for envelope in self._page(position):
                position = envelope.position
                seen(envelope.event.stream, envelope.stream_version)
            if position == before:
                await asyncio.sleep(_PAUSE_S)

    async def close(self) -> None:
        """Dispose of the engine."""
        await self._store.close()

    async def _ask(self) -> None:
        store = self._open(create_schema=True)
        await store.current_position()
        await store.close()

    def _page(self, position: Any) -> Any:  # noqa: ANN401  # as above
        options = self._ports.FeedReadOptions(limit=_PAGE)
        return self._store.read_all(position, options)

    def _id(self, stream: str) -> Any:  # noqa: ANN401  # as above
        return self._domain.StreamId(uuid5(NAMESPACE_URL, stream), _CATEGORY)

    def _event(self, where: Any, stream: str, text: str) -> Any:  # noqa: ANN401  # as above
        return self._kind(aggregate_id=where.aggregate_id, stream=stream, text=text)
