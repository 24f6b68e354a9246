"""The container image is built from what its Dockerfile copies: all that the package needs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).resolve().parents[2]


def test_the_package_is_built_from_what_the_dockerfile_copies_and_holds_all_of_it(
    tmp_path: Path,
) -> None:
    allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    source, built = tmp_path / "src", tmp_path / "dist"
    for line in (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines():
        words = line.split()
        if words[:1] != ["COPY"] or words[1].startswith("--"):
            continue
        for name in words[1:-1]:
            assert f"!{name}" in allowed, name
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, source / name)
            else:
                (source / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, source / name)

    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet"),
            *("--no-deps", "--no-build-isolation", "--wheel-dir", built, source),
        ],
        check=True,
    )

    (wheel,) = built.iterdir()
    held = set(ZipFile(wheel).namelist())
    assert "api/refusals.md" in held
    for folder in ("core", "projections", "api", "replay"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert path.relative_to(ROOT).as_posix() in held
