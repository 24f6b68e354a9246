"""The appends as a picture: each contender beside plain inserts, on a logarithmic scale."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from math import log10

from benchmarks.contenders.table import CONTENDERS
from benchmarks.run import Found

_MEASURES = {
    "append-1": "1 client",
    "append-16": "16 clients",
    "append-40": "40 clients",
    "append-100": "1 client, batches of 100",
}
_LEFT, _PLOT, _BAR, _GAP, _TOP = 150, 430, 16, 6, 54
_LEAST, _MOST = 0.01, 10.0
_OURS, _OTHERS, _INK, _GRID = "#0b6e4f", "#9aa5b1", "#222", "#ddd"


def chart(found: Found) -> str:
    """Return an SVG."""
    rows = [line for measure in _MEASURES for line in _rows(found, measure)]
    height = _TOP + len(rows) * (_BAR + _GAP) + 24
    body = "".join(_row(n, *row) for n, row in enumerate(rows))
    width = _LEFT + _PLOT + 60
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'font-family="sans-serif" font-size="12" fill="{_INK}">'
        "<title>Appends a second beside plain inserts of the same rows</title>"
        f'<rect width="{width}" height="{height}" fill="white"/>'
        '<text x="8" y="20" font-size="15">Events appended a second, plain inserts = 1</text>'
        f"{_grid(height)}{body}</svg>\n"
    )


def _rows(found: Found, measure: str) -> Iterator[tuple[str, float | None]]:
    yield _MEASURES[measure], None
    for name, entry in CONTENDERS.items():
        ratio = found.ratio((measure, "rate", name), (measure, "rate", "plain"))
        if ratio is not None and name != "plain":
            yield entry.label, ratio


def _row(n: int, label: str, ratio: float | None) -> str:
    y = _TOP + n * (_BAR + _GAP)
    middle = y + _BAR - 4
    if ratio is None:
        return f'<text x="8" y="{middle}" font-weight="bold">{escape(label)}</text>'
    left, right = sorted((_x(1), _x(ratio)))
    color = _OURS if label == CONTENDERS["ours"].label else _OTHERS
    return (
        f'<text x="{_LEFT - 8}" y="{middle}" text-anchor="end">{escape(label)}</text>'
        f'<rect x="{left:.1f}" y="{y}" width="{max(right - left, 1):.1f}" height="{_BAR}" '
        f'fill="{color}"/>'
        f'<text x="{_LEFT + _PLOT + 8}" y="{middle}">{ratio:.2f} ×</text>'
    )


def _grid(height: int) -> str:
    lines: list[str] = []
    for at in (0.01, 0.1, 1.0, 10.0):
        stroke = _INK if at == 1 else _GRID
        lines.append(
            f'<line x1="{_x(at):.1f}" y1="{_TOP - 10}" x2="{_x(at):.1f}" y2="{height - 20}" '
            f'stroke="{stroke}"/>'
            f'<text x="{_x(at):.1f}" y="{_TOP - 14}" text-anchor="middle">{at:g}</text>'
        )
    return "".join(lines)


def _x(ratio: float) -> float:
    within = min(max(ratio, _LEAST), _MOST)
    return _LEFT + _PLOT * log10(within / _LEAST) / log10(_MOST / _LEAST)
