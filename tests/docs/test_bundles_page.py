"""Every command that the page on bundles gives an auditor does what it says, one after another."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from replay.demo.round_2024 import EVENTS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "bundles.md").read_text(encoding="utf-8")
COMMANDS = "\n".join(re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
VERDICTS = ("VERIFIES: 475 records", "VERIFIES: decision", f"VERIFIES: {EVENTS} records")


def test_the_page_s_commands_run_as_they_stand_on_the_demonstration(
    short_folder: Path, tmp_path: Path
) -> None:
    environment = {
        **os.environ,
        "SSP_DATA_DIR": str(short_folder / "pg"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    environment.pop("SSP_DATABASE_URL", None)
    # The page says that something keeps the views up meanwhile.
    folded = (
        "ssp project 2>project.log & P=$!\n"
        "until ssp export log --out early.zip 2>early.log; do sleep 0.2; done\n"
        "kill $P; wait $P || true\n"
    )
    lines = COMMANDS.replace("ssp export log", f"{folded}ssp export log")
    done = subprocess.run(
        ["/bin/bash", "-eu", "-c", lines],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for verdict in (*VERDICTS, f"the log verifies: {EVENTS} events", "view ranking: equal"):
        assert verdict in done.stdout, verdict
