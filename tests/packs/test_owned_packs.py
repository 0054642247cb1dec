"""Packs on a server with accounts: whose folders their nodes see, who may use their routes, who hears them."""

import asyncio
import json
import shutil
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.e2e.conftest import READY_SECONDS, LiveServer

from limner.accounts.accounts import FILE, Accounts
from limner.accounts.records import USUAL, Scope

PACK = Path(__file__).parent / "owned"
NAMES = ("Here", "Apart")


class House:
    """A server with the pack twice, once in a process of its own, and the keys of some people."""

    def __init__(self, data: Path) -> None:
        for name in NAMES:
            shutil.copytree(PACK, data / "custom_nodes" / name, ignore=shutil.ignore_patterns("__pycache__"))
        accounts = Accounts(data / FILE)
        self.keys = {user: str(accounts.create(user)) for user in ("anna", "ben")}
        self.keys["eye"] = str(accounts.create("eye", USUAL | {Scope.READ_ALL}))
        self.keys["root"] = str(accounts.create("root", frozenset({Scope.ADMIN})))
        accounts.close()
        self.server = LiveServer(data, "--accounts", "on", "--isolate-packs", "Apart", "--device", "cpu")

    def ask(self, user: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.keys[user]}"}
        sent = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(self.server.url + path, sent, headers)) as answer:
            return json.load(answer)

    def status(self, user: str, path: str, body: Any = None) -> int:
        try:
            self.ask(user, path, body)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        return 200

    def told(self, user: str, kind: str, text: str) -> list[str]:
        document = {
            "1": {"class_type": kind, "inputs": {"text": text}},
            "2": {"class_type": "PreviewAny", "inputs": {"source": ["1", 0]}},
        }
        job = self.ask(user, "/prompt", {"prompt": document})["prompt_id"]
        while not (found := self.ask(user, f"/history/{job}")):
            pass
        assert found[job]["status"]["completed"], found[job]["status"]
        return found[job]["outputs"]["2"]["text"][0].split("|")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    made = House(tmp_path_factory.mktemp("owned") / "data")
    try:
        deadline = time.monotonic() + READY_SECONDS
        while made.status("root", "/object_info") == 503 and time.monotonic() < deadline:
            time.sleep(0.5)  # The worker is on its way.
        yield made
    finally:
        made.server.close()


@pytest.mark.parametrize("kind", [f"OwnedPlaces{name}" for name in NAMES])
def test_nodes_see_the_folders_of_whoever_the_job_belongs_to(house, kind):
    for user in ("anna", "ben", "anna"):
        own = house.server.data / "owners" / user
        assert house.told(user, kind, "x") == [str(own / "output"), str(own / "output"), str(own / "input" / "a.png")]
        assert (own / "output" / "noted.txt").exists()
    assert not (house.server.data / "output" / "noted.txt").exists()


def test_routes_of_packs_take_more_and_see_no_keys(house):
    assert [house.status(user, "/owned/keys") for user in ("anna", "eye", "root")] == [403, 200, 200]
    assert [house.status(user, "/owned/change", {}) for user in ("anna", "eye", "root")] == [403, 403, 200]
    seen = house.ask("eye", f"/owned/keys?a=1&token={house.keys['eye']}")
    assert "authorization" not in seen["headers"]
    assert seen["query"] == "a=1"


async def test_what_packs_tell_everybody_is_heard_by_those_who_may_see_everything(house):
    heard: dict[str, list[str]] = {}
    async with aiohttp.ClientSession() as session:
        sockets = {
            user: await session.ws_connect(f"{house.server.url}/ws?clientId=same&token={house.keys[user]}")
            for user in ("ben", "eye")
        }
        await asyncio.to_thread(house.told, "anna", "OwnedPlacesHere", "secret of anna's")
        async with asyncio.timeout(READY_SECONDS):
            while "owned.message" not in "".join(heard.get("eye", [])):
                heard.setdefault("eye", []).append((await sockets["eye"].receive()).data)
        await sockets["ben"].send_str('{"type": "feature_flags", "data": {}}')
        async with asyncio.timeout(READY_SECONDS):
            while "feature_flags" not in "".join(heard.get("ben", [])):
                heard.setdefault("ben", []).append((await sockets["ben"].receive()).data)
        for socket in sockets.values():
            await socket.close()
    assert "secret" not in "".join(heard["ben"])
