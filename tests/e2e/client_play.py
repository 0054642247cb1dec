"""What clients of ComfyUI's API have in common, for tests that play them or run them."""

import asyncio
import io
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from PIL import Image
from tests.e2e.conftest import ROOT, LiveServer

SECONDS = 60.0


def blank(prefix: str = "blank", colour: int = 0xFF8000) -> dict[str, Any]:
    size = {"width": 64, "height": 48, "batch_size": 1, "color": colour}
    return {
        "1": {"class_type": "EmptyImage", "inputs": size, "_meta": {"title": "Blank"}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": prefix}},
    }


def failing() -> dict[str, Any]:
    return blank("../../outside")


def painting(seed: int, steps: int = 3) -> dict[str, Any]:
    """The tutorial's workflow, small."""
    graph = json.loads((ROOT / "tests/golden/workflows/SD1.5_text2image_API.json").read_text())
    graph["3"]["inputs"].update(seed=seed, steps=steps)
    graph["5"]["inputs"].update(width=128, height=128)
    return graph


def red() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(stream, "PNG")
    return stream.getvalue()


class Client:
    """One connection pool to the server, and what most clients do with it."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session

    async def get(self, path: str, **more: Any) -> Any:
        async with self.session.get(path, **more) as answer:
            assert answer.status == 200, (path, answer.status, await answer.text())
            return await answer.json()

    async def post(self, path: str, body: Any, status: int = 200, **headers: str) -> Any:
        """Posts JSON text without any Content-Type unless one is given."""
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        skipped = () if "Content-Type" in named else ("Content-Type",)
        async with self.session.post(path, data=text, headers=named, skip_auto_headers=skipped) as answer:
            content = await answer.read()
            assert answer.status == status, (path, answer.status, content)
            return json.loads(content) if content else None

    async def history(self, job: str) -> dict[str, Any]:
        deadline = time.monotonic() + SECONDS
        while not (found := await self.get(f"/history/{job}")):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
        return found[job]

    async def picture(self, entry: dict[str, str], path: str = "/view") -> Image.Image:
        async with self.session.get(path, params=entry) as answer:
            assert answer.status == 200
            assert answer.headers["Content-Type"] == "image/png"
            return Image.open(io.BytesIO(await answer.read()))


@asynccontextmanager
async def client(server: LiveServer, **headers: str) -> AsyncIterator[Client]:
    async with aiohttp.ClientSession(server.url, headers=headers) as session:
        yield Client(session)


async def until_null(socket: Any, job: str) -> list[Any]:
    """All frames up to the one with which a run ends; pictures stay bytes."""
    frames: list[Any] = []
    while True:
        message = await socket.receive(SECONDS)
        assert message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY), message
        if message.type == aiohttp.WSMsgType.BINARY:
            frames.append(message.data)
            continue
        assert message.data.startswith('{"type":')  # SwarmUI looks at the first bytes
        frames.append(json.loads(message.data))
        data = frames[-1]["data"]
        if frames[-1]["type"] == "executing" and data["node"] is None and data.get("prompt_id") == job:
            return frames


def types(frames: list[Any]) -> list[str]:
    return [frame["type"] for frame in frames if isinstance(frame, dict)]
