"""The interactive docs, from files of our own: they work without the internet."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

_FILES = Path(__file__).with_name("static") / "swagger-ui"
_AT = "/docs/files"


def install(app: FastAPI) -> None:
    """Let the application show its interactive docs at /docs."""
    app.mount(_AT, StaticFiles(directory=_FILES), name="docs-files")

    def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url=app.openapi_url or "",
            title=f"{app.title}: interactive docs",
            swagger_js_url=f"{_AT}/swagger-ui-bundle.js",
            swagger_css_url=f"{_AT}/swagger-ui.css",
            swagger_favicon_url=f"{_AT}/favicon-32x32.png",
        )

    app.add_api_route("/docs", docs, methods=["GET"], include_in_schema=False)
