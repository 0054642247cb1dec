"""Two users with keys: through no route of any door does one see, change or download what is the other's.

The routes are those of the application, so a new one is tested by itself. Its parameters are filled by their names with
ids and names of Anna's things; a name that stands for nothing yet fails the test.
"""

import asyncio
import json
import re
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from limner.accounts.accounts import FILE, Accounts
from limner.accounts.records import USUAL, Scope
from limner.jobs.outbox import Outbox
from limner.server.delivery_plan import DeliveryPlan

SECRET = "canary-that-only-anna-knows"
PICTURE = "annas-picture.png"
NOTE = "workflows/annas-note.json"
CLIENT = "annas-client"
UNKNOWN = {"uuid": "00000000-0000-4000-8000-000000000000", "hash": "blake3:" + "0" * 64}
SECONDS = 10.0

PATIENCE = 10.0
"""Seconds until a request that streams, or waits for a picture, is left; nothing of Anna's does that for others."""

OPEN = (
    "/api/v2/health",
    "/api/v2/openapi.json",
    "/healthz",
    "/readyz",
    "/limner/session",
    "/api/limner/session",
    "/studio",
    "/studio/{file}",
)
"""What everybody may ask."""


@dataclass
class Anna:
    """What is hers: values for parameters of paths by their names, and texts by which it is recognised."""

    headers: dict[str, str]
    jobs: dict[str, str] = field(default_factory=dict)
    assets: list[str] = field(default_factory=list)
    hashes: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)

    def values(self, name: str) -> list[str]:
        """What a parameter is filled with."""
        jobs = list(self.jobs.values())
        known: dict[str, list[str]] = {
            "job": jobs,
            "run": jobs,
            "asset": self.assets,
            "digest": self.hashes,
            "hash": self.hashes,
            "file": [NOTE.replace("/", "%2F"), *self.files],
            "target": ["stolen.json"],
            "name": ["annas-app", "annas.setting", "SaveImage"],
            "type": ["input", "output", "temp"],
            "folder": ["checkpoints", "output"],
            "number": ["0", "1", "2"],
            "id": ["1"],
            "index": ["0"],
            "pack": ["core"],
            "subgraph": ["0" * 64],
            "model": ["gpt-image-1"],
            "refreshed": ["refresh-loras"],
            "trained": ["train"],
            "rest": ["files"],
            "picture": [*self.pictures, *self.hashes],
            "unknown": ["files"],
            "task": ["text", "inpaint"],
            "workflow": ["annas-note.json"],
            "wildcard": ["annas-list"],
            "trashed": ["annas-trash"],
        }
        if name not in known:
            pytest.fail(f"A route has a parameter {name!r}: say in Anna.values what of Anna's it may name.")
        return known[name]

    def marks(self) -> list[str]:
        """Texts that nobody else may be told, unless they sent them."""
        hers = [*self.assets, *self.hashes, *self.files, *self.pictures]
        return [*self.jobs.values(), *hers, PICTURE, "annas-note", "annas-app"]


QUERIES: list[Mapping[str, str]] = [
    {},
    {"prompt_id": "{done}", "job_id": "{done}", "job": "{done}", "clientId": CLIENT, "owner": "anna", "user": "anna"},
    {"dir": "workflows", "path": "workflows", "recurse": "true", "full_info": "true", "split": "true", "by": "owner"},
    *({"filename": "{file}", "type": kind, "subfolder": ""} for kind in ("input", "output", "temp")),
    {"filename": "../owners/anna/output/{file}", "type": "output"},
    {"filename": "{file}", "type": "output", "subfolder": "owners/anna/output"},
    {"filename": "{hash}"},
    {"filename": "{file}", "type": "output", "owner": "anna", "expires": "99999999999", "signature": "0" * 64},
]
"""Queries of requests that read; in braces what is Anna's."""


def bodies(anna: Anna) -> list[Any]:
    """Bodies with whatever any route reads: ids of Anna's jobs, names of her files, her client's id."""
    ids = list(anna.jobs.values())
    load = {"1": {"class_type": "LoadImage", "inputs": {"image": PICTURE}}}
    saved = {**load, "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}}}
    names = {"hash": anna.hashes[0], "name": "stolen", "filename": PICTURE, "path": NOTE, "image": PICTURE}
    common = {"delete": ids, "job_ids": ids, "client_id": CLIENT, "clientId": CLIENT, "enabled": True, **names}
    common |= {"ids": [*ids, *anna.pictures], "before": ids[0]}
    common |= {"starred": True, "board": "stolen", "add_tags": ["stolen"], "all": True}
    tasks = {"id_task": "annas-task", "tags": ["input", "stolen"], "user_metadata": {"a": 1}, "roots": ["output"]}
    asked = {"workflow": saved, "prompt": saved, "inputs": {"image": PICTURE}, "annas.setting": "stolen"}
    return [
        {**common, **tasks, **asked, "prompt_id": anna.jobs["running"], "preview_id": anna.assets[0]},
        {
            **common,
            **tasks,
            **asked,
            "prompt_id": anna.jobs["done"],
            "file_path": str(PICTURE),
            "asset_id": anna.assets[0],
        },
        {"clear": True, "all": True},
        {},
    ]


def plan(outbox: Outbox) -> DeliveryPlan:
    return DeliveryPlan(outbox=outbox, secret="whsec_" + "c2VjcmV0" * 6, private=True, pace=1000.0)


@pytest.fixture
async def house(start, folders) -> AsyncIterator[Any]:
    """A server with accounts."""
    accounts = Accounts(folders.data / FILE)
    serving = await start(accounts=accounts, deliveries=plan)
    yield serving
    serving.worker.gate.set()
    await serving.client.close()
    accounts.close()


def login(serving: Any, user: str, *scopes: Scope) -> dict[str, str]:
    key = serving.service.accounts.create(user, frozenset(scopes) or USUAL)
    return {"Authorization": f"Bearer {key}"}


async def call(serving: Any, method: str, path: str, headers: Mapping[str, str], **more: Any) -> tuple[int, str, bytes]:
    """Status, headers and body; of what goes on, as much as comes in a while."""
    got, status, told = bytearray(), 0, ""
    with suppress(TimeoutError):
        async with (
            asyncio.timeout(PATIENCE),
            serving.client.request(
                method, URL(path, encoded=True), headers=headers, allow_redirects=False, **more
            ) as answer,
        ):
            status, told = answer.status, str(dict(answer.headers))
            async for piece in answer.content.iter_any():
                got += piece
    return status, told, bytes(got)


async def settle(serving: Any, anna: Anna) -> None:
    """Makes what is Anna's: jobs in every state, files, settings, an app, assets."""
    post = serving.client.post

    async def submit(*nodes: str, prefix: str = "annas-work") -> str:
        document = {str(n): {"class_type": kind, "inputs": {}} for n, kind in enumerate(nodes, 1)}
        document["9"] = {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": prefix}}
        if nodes[0] == "EmptyImage":
            document["1"]["inputs"] = {"width": 64, "height": 64, "batch_size": 1}
        extra: dict[str, Any] = {"extra_pnginfo": {"workflow": {"id": str(uuid.uuid4()), "name": SECRET}}}
        extra["webhook"] = f"http://127.0.0.1:9/{SECRET}"  # Nobody listens there.
        body = {"prompt": document, "client_id": CLIENT, "extra_data": extra}
        answer = await post("/prompt", json=body, headers=anna.headers)
        assert answer.status == 200, await answer.text()
        return (await answer.json())["prompt_id"]

    form = aiohttp.FormData()
    form.add_field("image", PNG + SECRET.encode(), filename=PICTURE, content_type="image/png")
    assert (await post("/upload/image", data=form, headers=anna.headers)).status == 200
    named = URL(f"/userdata/{NOTE.replace('/', '%2F')}", encoded=True)
    assert (await post(named, data=json.dumps({"text": SECRET}), headers=anna.headers)).status == 200
    assert (await post("/settings", json={"annas.setting": SECRET}, headers=anna.headers)).status == 200
    options = {"samples_filename_pattern": SECRET}
    assert (await post("/sdapi/v1/options", json=options, headers=anna.headers)).status == 200
    app = {"workflow": {"1": {"class_type": "LoadImage", "inputs": {"image": PICTURE}, "_meta": {"title": SECRET}},
                        "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}}}}  # fmt: skip
    saved = await serving.client.put("/apps/annas-app", json=app, headers=anna.headers)
    assert saved.status == 201, await saved.text()
    for name, node in (("done", "EmptyImage"), ("failed", "CapError")):
        anna.jobs[name] = await submit(node)
        await history_of(serving, anna, anna.jobs[name])
    for name in ("running", "also running", "waiting"):
        anna.jobs[name] = await submit("CapSleep")
    await serving.running(2)
    output = serving.folders.of_owner("anna").output
    for file in output.iterdir():
        file.write_bytes(PNG + SECRET.encode())
        anna.files.append(file.name)
    assert anna.files
    listed = json.loads((await call(serving, "GET", "/api/assets?limit=100", anna.headers))[2])
    anna.assets = [entry["id"] for entry in listed["assets"]]
    anna.hashes = list({entry["asset_hash"] for entry in listed["assets"] if entry.get("asset_hash")})
    assert anna.assets
    assert anna.hashes
    async with asyncio.timeout(SECONDS):
        while len(anna.pictures) < len(anna.files):
            page = json.loads((await call(serving, "GET", "/limner/gallery", anna.headers))[2])
            anna.pictures = [item["id"] for item in page["items"]]


async def history_of(serving: Any, anna: Anna, job: str) -> None:
    async with asyncio.timeout(SECONDS):
        while not json.loads((await call(serving, "GET", f"/history/{job}", anna.headers))[2]):
            await asyncio.sleep(0.01)


STATE = (
    "/history",
    "/queue",
    "/api/jobs",
    "/settings",
    "/sdapi/v1/options",
    "/v2/userdata",
    "/apps",
    "/api/assets?limit=100",
    "/api/tags",
    "/internal/files/input",
    "/internal/files/output",
    "/limner/gallery",
    "/limner/gallery?trash=true",
    "/limner/boards",
)


async def state_of(serving: Any, anna: Anna) -> dict[str, Any]:
    """What Anna sees, and her bytes."""
    seen: dict[str, Any] = {}
    for path in STATE:
        status, _, body = await call(serving, "GET", path, anna.headers)
        assert status == 200, (path, body[:300])
        seen[path] = json.loads(body)
        if path.startswith("/limner/gallery"):  # Files are read again in the background.
            said = ("id", "starred", "rating", "board", "tags", "trashed")
            seen[path] = [{name: item[name] for name in said} for item in seen[path]["items"]]
    root = serving.folders.data / "owners" / "anna"
    kept = (file for place in ("input", "output", "user") for file in (root / place).rglob("*") if file.is_file())
    seen["files"] = {str(file.relative_to(root)): file.read_bytes() for file in sorted(kept)}
    return seen


def places(serving: Any) -> list[tuple[str, str]]:
    """Methods and paths of all routes."""
    found = set()
    for route in serving.client.server.app.router.routes():
        methods = ("GET", "POST", "PUT", "DELETE", "PATCH") if route.method == "*" else (route.method,)
        assert route.resource is not None
        found |= {(method, route.resource.canonical) for method in methods}
    return sorted(found)


def filled(path: str, anna: Anna) -> Iterator[tuple[str, str]]:
    """A path with Anna's things for its parameters, and with things that nobody has."""
    names = re.findall(r"\{(\w+)\}", path)
    for values in product(*(anna.values(name) for name in names)):
        mine, nobodys = path, path
        for name, value in zip(names, values, strict=True):
            mine = mine.replace(f"{{{name}}}", value)
            nobodys = nobodys.replace(f"{{{name}}}", nothing_like(value))
        yield mine, nobodys


def nothing_like(value: str) -> str:
    if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value):
        return UNKNOWN["uuid"]
    if value.startswith("blake3:"):
        return UNKNOWN["hash"]
    if re.fullmatch(r"[0-9a-f]{20}", value):
        return "0" * 20
    return value.replace("annas", "nobodys")


def requests_of(method: str, path: str, anna: Anna) -> Iterator[tuple[str, dict[str, Any]]]:
    """The forms in which a route is asked; those that only mirror others, or leave the body out, in fewer."""
    own = {"done": anna.jobs["done"], "file": anna.files[0], "hash": anna.hashes[0]}
    if method in ("GET", "HEAD"):
        for query in QUERIES if method == "GET" and not path.startswith("/api/") else (QUERIES[0], QUERIES[4]):
            asked = {name: value.format(**own) for name, value in query.items()}
            yield str(URL(path, encoded=True).with_query(asked) if asked else path), {}
        return
    for body in bodies(anna):
        yield path, {"json": body}
    if path.startswith("/api/"):
        yield path, {"data": {"image": PICTURE, "hash": anna.hashes[0], "tags": "input", "name": "stolen"}}


async def check(serving: Any, anna: Anna, headers: Mapping[str, str], method: str, path: str) -> list[str]:
    """What is wrong with a route's answers to somebody who is not Anna."""
    wrong = []
    for mine, nobodys in filled(path, anna):
        for url, more in requests_of(method, mine, anna):
            status, told, body = await call(serving, method, url, headers, **more)
            sent, answer = url + json.dumps(more, default=str), told + body.decode("utf-8", "replace")
            leaked = [mark for mark in (SECRET, *anna.marks()) if mark not in sent and mark in answer]
            if leaked:
                wrong.append(f"{method} {url}: {status} {leaked} {answer[:300]}")
        if mine != nobodys and method == "GET":
            here, there = [(await call(serving, method, url, headers))[0] for url in (mine, nobodys)]
            if here != there:
                wrong.append(f"{method} {mine}: {here}, and of what nobody has {there}")
    return wrong


STRANGERS = {"Comfy-User": "anna", "X-Limner-Client": CLIENT}
"""Headers by which somebody may try to be Anna."""


async def test_nobody_gets_at_what_is_annas(house):
    anna = Anna(login(house, "anna"))
    await settle(house, anna)
    before = await state_of(house, anna)
    ben = {**STRANGERS, **login(house, "ben", Scope.SUBMIT, Scope.READ_OWN, Scope.MODELS)}
    wrong: list[str] = []
    for method, path in places(house):
        if not path.endswith("/ws"):
            wrong += await check(house, anna, ben, method, path)
    assert not wrong, "\n".join(wrong)
    after = await state_of(house, anna)
    for name, value in before.items():
        assert after[name] == value, name
    seen = [path for path in STATE if SECRET in json.dumps(after[path])]
    assert len(seen) >= 4, seen  # Else the canary would prove nothing.
    assert SECRET.encode() in (await call(house, "GET", "/deliveries", anna.headers))[2]


@pytest.mark.parametrize("key", ["", "Bearer lk_0123456789_" + "a" * 43])
async def test_strangers_get_no_further_than_the_lock(house, key):
    anna, stranger = Anna(login(house, "anna")), {**STRANGERS, **({"Authorization": key} if key else {})}
    await settle(house, anna)
    before = await state_of(house, anna)
    for method, path in places(house):
        url = next(filled(path, anna))[0]
        status, _, _ = await call(house, method, url, stranger)
        assert status == 401 or path in OPEN, (method, path, status)
    assert await state_of(house, anna) == before


@asynccontextmanager
async def listening(serving: Any, headers: Mapping[str, str]) -> AsyncIterator[list[str]]:
    """What a socket under Anna's client id is told, from now on."""
    heard: list[str] = []
    socket = await serving.client.ws_connect(f"/ws?clientId={CLIENT}", headers=headers)

    async def listen() -> None:
        async for message in socket:
            heard.append(message.data if isinstance(message.data, str) else repr(message.data))

    task = asyncio.create_task(listen())
    try:
        yield heard
    finally:
        await socket.close()
        await task


async def test_a_socket_under_her_id_hears_nothing_of_her_jobs(house):
    anna, ben = Anna(login(house, "anna")), login(house, "ben", Scope.SUBMIT, Scope.READ_OWN, Scope.READ_ALL)
    async with listening(house, ben) as foreign, listening(house, anna.headers) as own:
        await settle(house, anna)
        house.worker.gate.set()
        for job in anna.jobs.values():
            await history_of(house, anna, job)
        async with asyncio.timeout(SECONDS):
            while not any(anna.jobs["waiting"] in text and "execution_success" in text for text in own):
                await asyncio.sleep(0.01)
    told = "\n".join(foreign)
    assert all(json.loads(text)["type"] == "status" for text in foreign if '"type"' in text)
    assert not [mark for mark in (SECRET, *anna.marks()) if mark in told]
    assert all(json.loads(text)["data"]["status"]["exec_info"]["queue_remaining"] == 0 for text in foreign)
    async with listening(house, ben) as late:
        await asyncio.sleep(0.1)
    assert not [mark for mark in (SECRET, *anna.marks()) if mark in "\n".join(late)]


@pytest.mark.parametrize("headers", [{}, STRANGERS, {"Authorization": "Bearer None"}])
async def test_sockets_need_a_key(house, headers):
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await house.client.ws_connect("/ws", headers=headers)
    assert refused.value.status == 401


async def test_her_ids_cannot_be_taken(house):
    """Asking under the id of somebody's job neither replaces it nor joins it, even with the same graph."""
    anna, ben = Anna(login(house, "anna")), login(house, "ben")
    await settle(house, anna)
    history = json.loads((await call(house, "GET", "/history", anna.headers))[2])
    for name in ("done", "waiting"):
        job = house.dispatcher.journal.get(anna.jobs[name])
        body = {"prompt": job.submission.document, "prompt_id": anna.jobs[name]}
        status, _, told = await call(house, "POST", "/prompt", ben, json=body)
        assert (status, json.loads(told)["error"]["type"]) == (400, "invalid_prompt_id")
    assert json.loads((await call(house, "GET", "/history", anna.headers))[2]) == history
    assert house.dispatcher.counts("ben").remaining == 0


async def test_her_inputs_are_not_his(house):
    """A node that loads a file loads the caller's own; the lists that pages show are the caller's too."""
    anna, ben = Anna(login(house, "anna")), login(house, "ben")
    await settle(house, anna)
    graph = {
        "1": {"class_type": "LoadImage", "inputs": {"image": PICTURE}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
    }
    assert (await call(house, "POST", "/prompt", ben, json={"prompt": graph}))[0] == 400
    assert (await call(house, "POST", "/prompt", anna.headers, json={"prompt": graph}))[0] == 200
    listed = {who: await call(house, "GET", "/object_info/LoadImage", headers) for who, headers in
              (("anna", anna.headers), ("ben", ben))}  # fmt: skip
    assert PICTURE in listed["anna"][2].decode()
    assert PICTURE not in listed["ben"][2].decode()


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c636060606000000005000155"
    "a2a4050000000049454e44ae426082"
)


def test_the_owners_folders_lie_side_by_side(folders):
    """Nobody's folder is in anybody else's, the first user's included."""
    owners = [folders, folders.of_owner("anna"), folders.of_owner("ben")]
    roots: list[Path] = [root for own in owners for root in (own.input, own.output, own.temp, own.user)]
    for one, other in product(roots, roots):
        assert one == other or not one.is_relative_to(other), (one, other)
