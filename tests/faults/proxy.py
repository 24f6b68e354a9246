"""A way to PostgreSQL that loses what is sent over it, before it arrives or after it was done."""

from __future__ import annotations

import random
import socket
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread

from tests.faults.clusters import SOCKET, url_in

_AT_ONCE = 65_536


class Proxy:
    """Listens on a socket in `folder`, and passes everything on to the one in `target`.

    `losing` is how likely a piece is lost with its connection: of the requests (not passed
    on, or only half) and of the answers (the server did what it was asked, and nobody learns).
    """

    def __init__(self, folder: Path, target: Path, seed: str) -> None:
        """Begin to listen."""
        self.url = url_in(folder)
        self.losing = {"requests": 0.0, "answers": 0.0}
        self.lost = 0
        self._target = str(target / SOCKET)
        self._random = random.Random(seed)
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._lock = Lock()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / SOCKET))
        self._listener.listen(128)
        Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """End all connections, whatever is under way."""
        with self._lock:
            pairs = list(self._pairs)
        for pair in pairs:
            self.lost += 1
            _hang_up(*pair)

    def close(self) -> None:
        """Listen no more."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self._listener.accept()
                Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        with client, server:
            try:
                server.connect(self._target)
            except OSError:
                return
            with self._lock:
                self._pairs.add((client, server))
            answers = Thread(target=self._pass, args=(server, client, "answers"), daemon=True)
            answers.start()
            self._pass(client, server, "requests")
            answers.join()
            with self._lock:
                self._pairs.discard((client, server))

    def _pass(self, source: socket.socket, sink: socket.socket, kind: str) -> None:
        with suppress(OSError):
            while piece := source.recv(_AT_ONCE):
                if self._random.random() < self.losing[kind]:
                    self.lost += 1
                    if kind == "requests" and self._random.random() < 0.5:
                        sink.sendall(piece[: len(piece) // 2])
                    break
                sink.sendall(piece)
        _hang_up(source, sink)


def _hang_up(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
