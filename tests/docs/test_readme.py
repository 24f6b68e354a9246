"""Every command that the README gives a reader does what it says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.uncounted

ROOT = Path(__file__).resolve().parents[2]
BLOCKS = re.findall(
    r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)
LINES = [line.partition("#")[0].strip() for block in BLOCKS for line in block.splitlines()]
SAID = {
    "ssp replay decision": "IDENTICAL",
    "ssp token": "eyJ",
    "ssp consistency": "need",
}


def test_the_two_commands_are_targets_of_the_makefile() -> None:
    targets = re.findall(
        r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )
    made = [line.removeprefix("make ") for line in LINES if line.startswith("make ")]
    assert made == ["run", "test"]
    assert set(made) <= set(targets)


def test_each_reader_s_command_runs_on_the_demonstration(short_folder: Path) -> None:
    environment = {**os.environ, "SSP_DATA_DIR": str(short_folder / "pg"), "COLUMNS": "160"}
    environment.pop("SSP_DATABASE_URL", None)
    ssp = str(Path(sys.executable).with_name("ssp"))

    def run(line: str) -> str:
        done = subprocess.run(
            [ssp, *shlex.split(line)[1:]],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        return done.stdout

    run("ssp demo")
    commands = [line for line in LINES if line.startswith("ssp ")]
    assert len(commands) == len(SAID)
    for line in commands:
        start = next(start for start in SAID if line.startswith(start))
        assert SAID[start] in run(line), line


@pytest.mark.parametrize(
    "path", re.findall(r"\]\((docs/[^)]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
)
def test_what_the_readme_points_to_is_there(path: str) -> None:
    assert (ROOT / path).exists()
