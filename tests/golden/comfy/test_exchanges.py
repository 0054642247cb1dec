"""Every recorded exchange with ComfyUI's API, played against a running server and compared field by field."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from tests.e2e.conftest import LiveServer
from tests.golden.comfy.driving import Exchange

HERE = Path(__file__).parent
EXCHANGES: dict[str, list[dict[str, Any]]] = {
    f"{path.stem}: {name}": steps
    for path in sorted((HERE / "exchanges").glob("*.yaml"))
    for name, steps in yaml.safe_load(path.read_text(encoding="utf-8")).items()
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    data = tmp_path_factory.mktemp("exchanges") / "data"
    if (HERE / "pack").is_dir():
        shutil.copytree(HERE / "pack", data / "custom_nodes" / "cap_pack")
    running = LiveServer(data, "--substitute")
    picture: dict[str, Any] = {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 0}}
    }
    picture["2"] = {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}}
    try:
        running.wait(running.submit(picture))  # the worker is up
        yield running
    finally:
        running.close()


async def idle(server: LiveServer, session: aiohttp.ClientSession) -> None:
    """Ends whatever another exchange left running."""
    await session.post(f"{server.url}/queue", json={"clear": True})
    for _ in range(600):
        async with session.get(f"{server.url}/prompt") as answer:
            if (await answer.json())["exec_info"]["queue_remaining"] == 0:
                return
        await session.post(f"{server.url}/interrupt")
        await asyncio.sleep(0.05)
    raise TimeoutError("jobs of another exchange still run")


@pytest.mark.parametrize("name", EXCHANGES)
async def test_exchange(name: str, server: LiveServer) -> None:
    async with aiohttp.ClientSession() as session:
        await idle(server, session)
        await Exchange(server.url, session).play(EXCHANGES[name])
