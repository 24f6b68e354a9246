"""What a server acknowledged is stored once, though it is killed with work in its hands."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import pytest

from core.ledger import embedded
from core.ledger.ledger import Ledger
from core.ledger.migrate import migrate
from replay.verify import verify, verify_views
from tests.faults.files import EVENTS, announce, write_files
from tests.processes import Server, assert_nothing_runs_in, needs_proc, serving, started, until

pytestmark = pytest.mark.uncounted

CLIENTS, RECEIPTS = 3, 30
Receipt = dict[str, Any]


@dataclass
class Client:
    """Registers one city after the other until it is cut off, and notes every receipt."""

    server: Server
    name: str
    sent: list[str] = field(default_factory=list[str])
    receipts: dict[str, Receipt] = field(default_factory=dict[str, Receipt])
    cut_off: Event = field(default_factory=Event)

    def work(self) -> None:
        headers = self.server.token("officer", self.name)
        while not self.cut_off.is_set():
            city = f"{self.name}-{len(self.sent)}"
            self.sent.append(city)
            try:
                answer = register(self.server, city, headers)
            except httpx.TransportError:
                self.cut_off.set()
            else:
                assert answer.status_code == 201, answer.text
                self.receipts[city] = answer.json()


def register(server: Server, city: str, headers: dict[str, str]) -> httpx.Response:
    body = {"name": {"en": city}, "country": "KE"}
    return server.http.post(
        f"/cities/{city}/register", json=body, headers=headers | {"Idempotency-Key": city}
    )


@needs_proc
def test_what_a_killed_server_acknowledged_is_stored_and_the_rest_can_be_sent_again(
    short_folder: Path, tmp_path: Path
) -> None:
    folder = short_folder / "data"
    mapping, data = write_files(tmp_path)
    with embedded.start(folder) as database:
        migrate(database.url)
        with Ledger(database.url) as ledger:
            announce(ledger)
    with serving(tmp_path, SSP_DATA_DIR=folder) as server:
        clients = [Client(server, f"officer-{number}") for number in range(CLIENTS)]
        threads = [Thread(target=client.work) for client in clients]
        with started(tmp_path, "import", mapping, data, SSP_DATA_DIR=folder) as importing:
            until(lambda: importing.said("large.csv: deciding"))
            for thread in threads:
                thread.start()
            until(lambda: sum(len(client.receipts) for client in clients) >= RECEIPTS)
            assert server.running.stop(signal.SIGKILL) == -signal.SIGKILL
            for thread in threads:
                thread.join()
            # The import has the database for itself now, and is not disturbed.
            assert importing.process.wait() == 0, importing.errors.read_text()

    with serving(tmp_path, SSP_DATA_DIR=folder) as server:
        for client in clients:
            headers = server.token("officer", client.name)
            for city in client.sent:
                again = register(server, city, headers)
                assert again.status_code in {200, 201}
                if city in client.receipts:
                    assert again.json()["events"] == client.receipts[city]["events"]
        until(server.caught_up)
        size = server.ready()["size"]
        assert size == 3 + EVENTS + sum(len(client.sent) for client in clients)
        with embedded.start(folder) as database, Ledger(database.url) as ledger:
            assert verify(ledger.store).fault is None
            assert {v.finding for v in verify_views(ledger)} == {""}
            stored = {r.position: r for r in ledger.read()}
            for client in clients:
                for city, receipt in client.receipts.items():
                    (event,) = receipt["events"]
                    record = stored[event["position"]]
                    assert record.meta.subject == f"city-{city}"
                    assert (record.meta.id, record.leaf.hex()) == (event["id"], event["leaf"])
        assert server.running.stop(signal.SIGTERM) == 0
    assert_nothing_runs_in(folder)
