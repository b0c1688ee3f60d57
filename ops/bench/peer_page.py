"""The least that can be done: a FastAPI route that renders one page from a template, served as the extranet is.

Settings as JSON on stdin: {"port", "size" (bytes of HTML)}; serves until it is told to stop.
"""

import json
import sys
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from jinja2 import Environment
from starlette.middleware.gzip import GZipMiddleware

LINE = "<li><a href='/{{ each.id }}'>{{ each.name }}</a> {{ each.words }}</li>\n"
WORDS = {"id": "0", "name": "Une ligne de la page", "words": "quelques mots, comme il y en a sur une page"}
TEMPLATE = f"<!doctype html><title>Page</title><ul>{{% for each in items %}}{LINE}{{% endfor %}}</ul>"


def main() -> None:
    settings: dict[str, Any] = json.load(sys.stdin)
    template = Environment(autoescape=True).from_string(TEMPLATE)
    line = len(template.render(items=[WORDS]).encode()) - len(template.render(items=[]).encode())
    items = [WORDS] * (settings["size"] // line)
    app = FastAPI()

    @app.get("/", response_class=HTMLResponse)
    async def page() -> str:
        """One page."""
        return template.render(items=items)

    app.add_middleware(GZipMiddleware, minimum_size=1024)
    uvicorn.run(
        app, port=settings["port"], loop="uvloop", http="httptools", log_level="warning", access_log=False
    )


if __name__ == "__main__":
    main()
