"""The log over HTTP: checkpoints and proofs for everybody, records for those who may read all."""

from __future__ import annotations

import base64
import gzip
import struct
from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise

import httpx
import psycopg
import pytest

from core.ledger.checkpoints import open_checkpoint
from core.ledger.log_keys import LogKeys
from core.ledger.merkle import EMPTY, Frontier, extends, includes, leaf_hash
from core.ledger.tiles import LONGEST
from tests.api.harness import Api, code, running
from tests.logs import grow, log_keys, verifiers

EVER = "public, max-age=31536000, immutable"


@pytest.fixture(scope="module")
def keys() -> LogKeys:
    return log_keys()


@pytest.fixture
def api(database_url: str, keys: LogKeys) -> Iterator[Api]:
    with running(database_url, keys, after_timeout_s=0.3) as api:
        yield api


def grown(api: Api, count: int, *bodies: bytes) -> None:
    with psycopg.connect(api.ledger.url, autocommit=True) as connection:
        grow(connection, count, bodies)


def signed(api: Api, size: int) -> None:
    grown(api, size - api.ledger.store.size())
    assert api.http.get("/log/checkpoint", params={"at_least": size}).is_success


def hashes(answer: httpx.Response, *fields: str) -> list[bytes]:
    return [bytes.fromhex(answer.json()[field]) for field in fields]


def test_a_receipt_can_be_proved_by_whoever_holds_it(api: Api, keys: LogKeys) -> None:
    """No token: the city that applied proves it from its receipt and the public key alone."""
    city = {"name": {"en": "Lima"}, "country": "PE"}
    (event,) = api.do("/cities/lima/register", "officer-1", city)["events"]
    note = api.http.get("/log/checkpoint", params={"at_least": event["position"] + 1})
    checkpoint, _ = open_checkpoint(note.content, verifiers(keys))
    given = {"position": event["position"], "size": checkpoint.size}
    proof = api.http.get("/log/proof/inclusion", params=given).json()
    path = [bytes.fromhex(node) for node in proof["proof"]]
    leaf = bytes.fromhex(event["leaf"])
    assert includes(checkpoint.root, checkpoint.size, event["position"], leaf, path)
    assert proof["leaf"] == event["leaf"]
    assert proof["checkpoint"] == note.text


def test_a_checkpoint_is_text_that_is_hardly_kept(api: Api) -> None:
    api.http.get("/log/checkpoint", params={"at_least": 0})
    answer = api.http.get("/log/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "max-age=1"
    assert answer.text.startswith("log.example/ssp\n0\n")


def test_earlier_checkpoints_are_there_for_ever(api: Api) -> None:
    notes: dict[int, bytes] = {}
    for size in (0, 1, 3):
        grown(api, size - api.ledger.store.size())
        notes[size] = api.http.get("/log/checkpoint", params={"at_least": size}).content
    for size, note in notes.items():
        answer = api.http.get(f"/log/checkpoints/{size}")
        assert answer.content == note
        assert answer.headers["cache-control"] == EVER
    assert code(api.http.get("/log/checkpoints/2")) == (404, "not-covered")
    assert code(api.http.get("/log/checkpoints/x")) == (400, "malformed-id")


def test_a_checkpoint_beyond_the_log_is_waited_for_and_then_refused(api: Api) -> None:
    answer = api.http.get("/log/checkpoint", params={"at_least": 1})
    assert code(answer) == (503, "not-visible-yet")
    assert answer.headers["retry-after"] == "1"


def test_a_server_without_a_key_serves_what_others_signed(database_url: str, keys: LogKeys) -> None:
    with running(database_url, after_timeout_s=0.1) as without:
        assert code(without.http.get("/log/checkpoint")) == (404, "not-covered")
        grown(without, 2)
        assert without.http.get("/log/proof/inclusion", params={"position": 1}).json()["size"] == 2
        with running(database_url, keys) as other:
            note = other.http.get("/log/checkpoint", params={"at_least": 2}).text
        assert without.http.get("/log/checkpoint").text == note
        answer = without.http.get("/log/checkpoint", params={"at_least": 3})
        assert code(answer) == (503, "not-visible-yet")


def test_a_log_that_contradicts_its_checkpoints_says_so_and_shows_the_last_good_one(
    api: Api,
) -> None:
    grown(api, 2)
    note = api.http.get("/log/checkpoint", params={"at_least": 2}).text
    with psycopg.connect(api.ledger.url, autocommit=True) as connection:
        connection.execute("alter table ledger.event disable trigger all")
        connection.execute("alter table ledger.head disable trigger all")
        connection.execute("update ledger.head set frontier[1] = sha256('x')")
    grown(api, 1)
    answer = api.http.get("/log/checkpoint", params={"at_least": 3})
    assert code(answer) == (500, "log-forked")
    assert api.http.get("/log/checkpoint").text == note


@pytest.mark.parametrize("size", [1, 2, 3, 255, 256, 257])
def test_every_record_s_proof_holds_and_no_other_position_s(api: Api, size: int) -> None:
    signed(api, size)
    for position in {0, size // 2, size - 1}:
        given = {"position": position, "size": size}
        answer = api.http.get("/log/proof/inclusion", params=given)
        assert answer.headers["cache-control"] == EVER
        root, leaf = hashes(answer, "root", "leaf")
        path = [bytes.fromhex(node) for node in answer.json()["proof"]]
        assert root == api.ledger.store.head().root
        assert includes(root, size, position, leaf, path)
        assert not includes(root, size, (position + 1) % size, leaf, path) or size == 1


def test_every_growth_is_proved(api: Api) -> None:
    sizes = [0, 1, 2, 3, 255, 256, 257]
    for size in sizes:
        signed(api, size)
    for old, new in [*pairwise(sizes), (0, 257), (3, 257), (255, 257), (2, 2), (257, 257)]:
        answer = api.http.get("/log/proof/consistency", params={"from": old, "to": new})
        assert answer.headers["cache-control"] == EVER
        from_root, to_root = hashes(answer, "from_root", "to_root")
        path = [bytes.fromhex(node) for node in answer.json()["proof"]]
        assert extends(from_root, old, to_root, new, path)
    assert hashes(api.http.get("/log/proof/consistency?from=0"), "from_root") == [EMPTY]


def test_what_no_checkpoint_covers_yet_is_hardly_kept(api: Api) -> None:
    """The answer names no checkpoint, and some day it may."""
    grown(api, 2)
    for path in ("/log/proof/inclusion?position=0&size=2", "/log/proof/consistency?from=1&to=2"):
        answer = api.http.get(path)
        assert answer.json()["checkpoint"] is None
        assert answer.headers["cache-control"] == "max-age=1"


@pytest.mark.parametrize(
    ("path", "refused"),
    [
        ("/log/proof/inclusion?position=3&size=3", (404, "not-covered")),
        ("/log/proof/inclusion?position=0&size=4", (404, "not-covered")),
        ("/log/proof/inclusion?position=0&size=0", (404, "not-covered")),
        ("/log/proof/inclusion?position=-1", (400, "malformed-parameter")),
        ("/log/proof/inclusion?position=9999999999999999999999", (400, "malformed-parameter")),
        ("/log/proof/inclusion", (400, "malformed-parameter")),
        ("/log/proof/consistency?from=3&to=2", (404, "not-covered")),
        ("/log/proof/consistency?from=1&to=4", (404, "not-covered")),
        ("/log/proof/consistency?from=x", (400, "malformed-parameter")),
        ("/log/checkpoint?at_least=-1", (400, "malformed-parameter")),
        ("/log/tile/0/000", (404, "not-covered")),
        ("/log/tile/0/000.p/4", (404, "not-covered")),
        ("/log/tile/0/000.p/0", (404, "not-covered")),
        ("/log/tile/0/000.p/03", (404, "not-covered")),
        ("/log/tile/0/001", (404, "not-covered")),
        ("/log/tile/0/0", (404, "not-covered")),
        ("/log/tile/0/x000/000.p/3", (404, "not-covered")),
        ("/log/tile/00/000.p/3", (404, "not-covered")),
        ("/log/tile/1/000.p/1", (404, "not-covered")),
        ("/log/tile/8/000.p/1", (404, "not-covered")),
        ("/log/tile/64/000.p/1", (404, "not-covered")),
        ("/log/tile/63/x999/x999/x999/x999/x999/999", (404, "not-covered")),
        ("/log/tile/data/000", (404, "not-covered")),
    ],
)
def test_what_is_not_there_is_not_answered(api: Api, path: str, refused: tuple[int, str]) -> None:
    grown(api, 3)
    assert code(api.http.get(path)) == refused


def test_tiles_are_the_tree(api: Api) -> None:
    grown(api, 515)
    rows = list(api.ledger.store.scan())
    first = api.http.get("/log/tile/0/000")
    assert first.headers["content-type"] == "application/octet-stream"
    assert first.headers["cache-control"] == EVER
    assert first.content == b"".join(row.leaf for row in rows[:256])
    partial = api.http.get("/log/tile/0/002.p/3").content
    assert partial == b"".join(row.leaf for row in rows[512:])
    assert api.http.get("/log/tile/0/002.p/2").content == partial[:64]
    above = api.http.get("/log/tile/1/000.p/2").content
    # Two full tiles: their hashes' parent is the root over both, found here leaf by leaf.
    frontier = Frontier()
    for row in rows[:512]:
        frontier.add(row.leaf)
    assert sha256(b"\x01" + above).digest() == frontier.root()


def test_records_come_as_the_bytes_that_are_hashed(api: Api) -> None:
    grown(api, 300)
    answer = api.get("/log/entries", "auditor-1", start="250", count="50").json()
    assert answer["size"] == 300
    assert [entry["position"] for entry in answer["entries"]] == list(range(250, 300))
    for entry in answer["entries"]:
        assert leaf_hash(base64.b64decode(entry["record"])).hex() == entry["leaf"]
    assert api.get("/log/entries", "auditor-1", start="300").json()["entries"] == []


@pytest.mark.parametrize("compressed", [False, True])
def test_bundles_hold_the_records_of_a_tile(api: Api, compressed: bool) -> None:  # noqa: FBT001
    grown(api, 258)
    encoding = "gzip" if compressed else "identity"
    with api.http.stream(
        "GET",
        "/log/tile/entries/001.p/2",
        headers=api.headers("analyst-1") | {"Accept-Encoding": encoding},
    ) as answer:
        raw = b"".join(answer.iter_raw())
        assert answer.headers.get("content-encoding", "identity") == encoding
        assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    content = gzip.decompress(raw) if compressed else raw
    records: list[bytes] = []
    while content:
        (length,) = struct.unpack(">H", content[:2])
        records.append(content[2 : 2 + length])
        content = content[2 + length :]
    assert records == [row.record for row in api.ledger.store.scan(256)]


def test_a_record_longer_than_a_bundle_can_say_is_read_as_an_entry(api: Api) -> None:
    opening = len(b'{"recorded_at":"2024-03-01T00:00:00.000000Z",')
    fits = b'"x":"%s"}' % (b"x" * (LONGEST - opening - 7))
    grown(api, 3, fits, fits.replace(b"x}", b"xx}").replace(b'"x":"', b'"x":"y'))
    sizes = [len(row.record) for row in api.ledger.store.scan()]
    assert sizes[:2] == [LONGEST, LONGEST + 1]
    assert api.get("/log/tile/entries/000.p/1", "auditor-1").status_code == 200
    answer = api.get("/log/tile/entries/000.p/3", "auditor-1")
    assert code(answer) == (404, "not-covered")
    assert "position 1 is longer" in answer.json()["detail"]
    entries = api.get("/log/entries", "auditor-1", start="1", count="1").json()["entries"]
    assert len(base64.b64decode(entries[0]["record"])) == LONGEST + 1


def test_everybody_reads_hashes_and_only_who_may_follow_the_feed_reads_records(api: Api) -> None:
    grown(api, 257)
    api.http.get("/log/checkpoint", params={"at_least": 257})
    public = (
        "/log/checkpoint",
        "/log/checkpoints/257",
        "/log/proof/inclusion?position=3",
        "/log/proof/consistency?from=3",
        "/log/tile/0/000",
        "/log/tile/1/000.p/1",
    )
    for path in public:
        assert api.http.get(path).status_code == 200
    for path in ("/log/entries", "/log/tile/entries/000", "/log/tile/entries/999"):
        assert code(api.http.get(path)) == (401, "not-authenticated")
        for who in ("evaluator-1", "city-lima", "chair-1"):
            assert code(api.get(path, who)) == (403, "role-not-allowed")
        for who in ("officer-1", "manager-1", "auditor-1", "analyst-1"):
            assert api.get(path, who).status_code in {200, 404}
