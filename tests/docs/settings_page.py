"""Writes docs/settings.md from the settings themselves: `python -m tests.docs.settings_page`."""

from __future__ import annotations

from pathlib import Path

from api.settings import Settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "settings.md"


def page() -> str:
    """Return the page: each environment variable, its default and its meaning."""
    lines = [
        "# Settings",
        "",
        (
            "All of them are environment variables. Made from `api/settings.py`; change it there, "
            "and then run `python -m tests.docs.settings_page`."
        ),
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    lines += [
        f"| `SSP_{name.upper()}` | {_default(field.default)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join([*lines, ""])


def _default(value: object) -> str:
    return "none" if value is None else f"`{value}`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
