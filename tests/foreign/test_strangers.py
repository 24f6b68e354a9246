"""Software that we did not write accepts our checkpoints, tiles and proofs, over real HTTP."""

from __future__ import annotations

import base64
import json
import random
import re
import subprocess
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest

from core.ledger.checkpoints import Checkpoint, open_checkpoint, sign_checkpoint
from core.ledger.log_keys import LogKeys
from tests.api.harness import Api, running
from tests.ledger.test_tree import new_tree
from tests.logs import NAME, grow, log_keys, verifiers

pytestmark = pytest.mark.uncounted

SCRIPT = Path(__file__).with_name("read_log.py")
EDGES = (511, 512, 513, 65_535, 65_536, 65_537)


@pytest.fixture(scope="module")
def keys() -> LogKeys:
    return log_keys()


@pytest.fixture
def api(database_url: str, keys: LogKeys) -> Iterator[Api]:
    with running(database_url, keys) as api:
        yield api


def signed_at(api: Api, *sizes: int) -> dict[int, str]:
    """Grow a log to each size in turn, and have each signed."""
    notes: dict[int, str] = {}
    with psycopg.connect(api.ledger.url, autocommit=True) as connection:
        for size in sizes:
            grow(connection, size - api.ledger.store.size())
            answer = api.http.get("/log/checkpoint", params={"at_least": size})
            assert answer.status_code == 200, answer.text
            notes[size] = answer.text
    return notes


def run(*line: str | Path, stdin: str | None = None) -> str:
    done = subprocess.run(line, check=False, capture_output=True, text=True, input=stdin)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_aics_tlog_reads_logs_of_every_small_size_and_around_the_edges_of_tiles(
    api: Api, keys: LogKeys, strangers: Path
) -> None:
    random_sizes = random.Random(6962).sample(range(514, 65_535), 5)
    sizes = sorted({*range(301), *EDGES, *random_sizes})
    signed_at(api, *sizes)
    (verifier,) = verifiers(keys)
    said = json.loads(
        run(
            strangers / "python",
            SCRIPT,
            str(api.http.base_url).rstrip("/"),
            str(verifier),
            *map(str, sizes),
        )
    )
    assert said["trees"] == len(sizes)
    # 780 positions in the trees below 40, 41 pairs with each of them at most.
    assert said["included"] > 780 + 2 * (len(sizes) - 40)
    assert said["grown"] >= 40 * 41 // 2 + len(sizes) - 40


def test_aics_tlog_refuses_a_log_that_was_changed(api: Api, keys: LogKeys, strangers: Path) -> None:
    """Or the test above would show nothing."""
    signed_at(api, 300)
    with psycopg.connect(api.ledger.url, autocommit=True) as connection:
        connection.execute("alter table ledger.event disable trigger all")
        connection.execute("update ledger.event set leaf = sha256('x') where position = 299")
    done = subprocess.run(
        [
            strangers / "python",
            SCRIPT,
            str(api.http.base_url).rstrip("/"),
            str(verifiers(keys)[0]),
            "300",
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode
    assert "TileVerificationError" in done.stderr


def test_both_signatures_of_an_overlap_are_accepted_each_by_itself(
    api: Api, strangers: Path, tmp_path: Path
) -> None:
    old, new = log_keys(), log_keys()
    both = [*old.signers(), *new.signers()]
    note = tmp_path / "note"
    note.write_bytes(sign_checkpoint(Checkpoint(NAME, 0, api.ledger.store.head().root), both))
    for verifier in (*verifiers(old), *verifiers(new)):
        said = run(
            strangers / "aics-tlog",
            *("verify-checkpoint", "--note", note, "--origin", NAME, "--log-key", str(verifier)),
        )
        assert json.loads(said)["ok"]


def test_pymerkle_finds_the_signed_root_in_the_records_and_gives_our_paths(
    api: Api, keys: LogKeys
) -> None:
    notes = signed_at(api, 300)
    entries = [
        base64.b64decode(entry["record"])
        for start in (0, 256)
        for entry in api.get("/log/entries", "auditor-1", start=str(start)).json()["entries"]
    ]
    tree = new_tree()
    tree.append_entries(entries)
    checkpoint, _ = open_checkpoint(notes[300].encode(), verifiers(keys))
    assert tree.get_root() == checkpoint.root
    for position in (0, 1, 17, 255, 256, 299):
        query = {"position": position, "size": 300}
        ours = api.http.get("/log/proof/inclusion", params=query).json()
        path = tree.prove_inclusion(position + 1, 300).serialize()["path"]
        assert path == [ours["leaf"], *ours["proof"]]  # theirs begins with the leaf


@dataclass
class Witness:
    """A witness: it cosigns a log's checkpoints as long as each extends the last."""

    http: httpx.Client
    key: str

    def add(self, old: int, proof: list[str], note: str) -> httpx.Response:
        lines = [base64.b64encode(bytes.fromhex(node)).decode() for node in proof]
        body = "".join(f"{line}\n" for line in (f"old {old}", *lines, "")) + note
        return self.http.post("/add-checkpoint", content=body.encode())


@contextmanager
def witness(programs: Path, folder: Path, log: str) -> Generator[Witness]:
    """Start the witness of aics-witness, and have it know the log by its public key."""
    config = ("--config", folder / "witness.json")
    program = programs / "aics-witness"
    said = run(program, "init", *config, "--name", "witness.example/w1")
    found = re.search(r"witness\.example/w1\+[0-9a-f]{8}\+\S+?(?=[\"\s]|$)", said)
    assert found is not None, said
    run(program, "add-log", *config, "--origin", NAME, "--vkey", log)
    errors = folder / "stderr"
    with errors.open("w") as stderr:
        process = subprocess.Popen(
            [program, "serve", *config, "--listen", "127.0.0.1:0"], stderr=stderr, stdout=stderr
        )
    try:
        address = None
        while address is None:
            assert process.poll() is None, errors.read_text()
            address = re.search(r"127\.0\.0\.1:([1-9][0-9]*)", errors.read_text())
        with httpx.Client(base_url=f"http://{address[0]}") as http:
            yield Witness(http, found[0])
    finally:
        process.terminate()
        process.wait()


def test_a_witness_cosigns_the_log_as_it_grows_and_no_other_branch(
    api: Api, keys: LogKeys, strangers: Path, tmp_path: Path
) -> None:
    sizes = (0, 1, 2, 40, 256, 300, 600)
    notes = signed_at(api, *sizes)
    (verifier,) = verifiers(keys)
    with witness(strangers, tmp_path, str(verifier)) as stranger:
        old = 0
        cosigned = ""
        for new in sizes:
            query = {"from": old, "to": new}
            proof = api.http.get("/log/proof/consistency", params=query).json()["proof"]
            answer = stranger.add(old, proof, notes[new])
            assert answer.status_code == 200, answer.text
            cosigned = notes[new] + answer.text
            old = new
        # A cosignature is one more line, which those who trust the log alone pass over.
        assert open_checkpoint(cosigned.encode(), [verifier])[0].size == 600
        note = tmp_path / "note"
        note.write_text(cosigned)
        run(
            strangers / "aics-tlog",
            *("verify-checkpoint", "--note", note, "--log-key", str(verifier)),
            *("--witness-key", stranger.key, "--quorum", "1"),
        )
        branch = Checkpoint(NAME, 601, bytes(32))
        forged = sign_checkpoint(branch, keys.signers()).decode()
        assert stranger.add(600, proof_of(api, 300, 600), forged).status_code == 422


def proof_of(api: Api, old: int, new: int) -> list[str]:
    answer = api.http.get("/log/proof/consistency", params={"from": old, "to": new})
    proof: list[str] = answer.json()["proof"]
    return proof
