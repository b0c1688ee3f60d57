"""The least that can be done: a FastAPI route that inserts one row, served as our services are.

Settings as JSON on stdin: {"dsn", "port"}; serves until it is told to stop.
"""

import asyncio
import json
import sys
from typing import Any

import asyncpg
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel


class RowIn(BaseModel):
    """What is inserted."""

    name: str


async def main() -> None:
    settings: dict[str, Any] = json.load(sys.stdin)
    async with asyncpg.create_pool(settings["dsn"], min_size=1, max_size=20) as pool:
        await pool.execute("create table if not exists bare (id bigserial primary key, name text not null)")
        app = FastAPI()

        @app.post("/rows", status_code=201)
        async def insert(row: RowIn) -> dict[str, int]:
            """One row, one answer."""
            return {"id": await pool.fetchval("insert into bare (name) values ($1) returning id", row.name)}

        config = uvicorn.Config(
            app, port=settings["port"], loop="uvloop", http="httptools", log_level="warning", access_log=False
        )
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    asyncio.run(main())
