"""Every command of docs/proofs.md does what it says, with software that we did not write."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import environment, serving

pytestmark = pytest.mark.uncounted

PAGE = Path(__file__).parents[2] / "docs" / "proofs.md"
BLOCKS = re.findall(
    r"^```sh\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)


def test_every_command_of_the_page_holds_on_a_running_server(
    strangers: Path, short_folder: Path, tmp_path: Path
) -> None:
    shell = shutil.which("bash")
    if shell is None or shutil.which("curl") is None:
        pytest.skip("the page's commands are for bash and curl, and one of them is not here")
    folder = short_folder / "data"
    with serving(tmp_path, "--no-projector", SSP_DATA_DIR=folder) as server:
        headers = server.token("officer", "officer-1")

        def register(city: str) -> dict[str, object]:
            body = {"name": {"en": city.title()}, "country": "PE"}
            answer = server.http.post(f"/cities/{city}/register", json=body, headers=headers)
            assert answer.is_success, answer.text
            (event,) = answer.json()["events"]
            server.http.get("/log/checkpoint", params={"at_least": event["position"] + 1})
            found: dict[str, object] = event
            return found

        event = register("lima")
        places = [str(Path(sys.executable).parent), str(strangers), os.environ["PATH"]]
        given = environment(
            SSP_DATA_DIR=folder,
            PATH=os.pathsep.join(places),
            LOG=f"{str(server.http.base_url).rstrip('/')}/log",
            TOKEN=headers["Authorization"].removeprefix("Bearer "),
            POSITION=str(event["position"]),
            LEAF=str(event["leaf"]),
        )
        said: list[str] = []
        for number, block in enumerate(BLOCKS):
            done = subprocess.run(
                [shell, "-euc", block],
                check=False,
                cwd=tmp_path,
                env=given,
                capture_output=True,
                text=True,
                timeout=120,
            )
            assert done.returncode == 0, (block, done.stdout, done.stderr)
            said.append(done.stdout)
            register(f"city-{number}")
    answers = [json.loads(line) for line in "".join(said).splitlines() if line.startswith("{")]
    assert [answer["ok"] for answer in answers] == [True] * 4
    old, new = ((tmp_path / name).read_text().split() for name in ("log.vkey", "new.vkey"))
    assert len(new) == 1
    assert old != new
