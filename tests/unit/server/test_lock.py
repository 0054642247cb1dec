"""Keys: where clients put them, what they open, how each door refuses, and what a signed address opens."""

import asyncio
import base64
import json
import urllib.parse
from typing import Any

import aiohttp
import pytest

from limner.accounts.accounts import FILE, Accounts
from limner.accounts.records import USUAL, Quota, Scope
from limner.graph.errors import GraphError
from limner.server import lock as lock_module
from limner.server.a1111 import door as a1111_door
from limner.server.limits import Limits
from limner.server.lock import LOCK
from limner.server.openai import door as openai_door
from limner.server.public_address import saved_address


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"}


def bearer(key: object) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture
async def locked(start, folders):
    """A server with accounts."""
    accounts = Accounts(folders.data / FILE)
    serving = await start(accounts=accounts)
    yield serving
    serving.worker.gate.set()
    await serving.client.close()
    accounts.close()


@pytest.fixture
def key(locked):
    return str(locked.service.accounts.create("anna"))


async def status(serving: Any, path: str = "/queue", method: str = "GET", **more: Any) -> int:
    async with serving.client.request(method, path, **more) as answer:
        await answer.read()
        return answer.status


async def test_every_place_where_clients_put_keys(locked, key):
    headers = [
        bearer(key),
        {"Authorization": f"bearer  {key} "},
        basic("", key),
        basic("anybody", key),
        basic(key, ""),
        {"x-api-key": key},
        {"api-key": key},
        {"X-API-Key": key, "Authorization": "Bearer None"},
    ]
    for sent in headers:
        assert await status(locked, headers=sent) == 200, sent
    for name in ("token", "api_key"):
        assert await status(locked, f"/queue?{name}={key}") == 200
        assert await status(locked, f"/queue?{name}={key}", "POST", json={}) == 401
    socket = await locked.client.ws_connect(f"/ws?token={key}")
    assert (await socket.receive_json())["type"] == "status"
    await socket.close()


DEGENERATE = [
    {},
    {"Authorization": ""},
    {"Authorization": "Bearer "},
    {"Authorization": "Bearer None"},
    {"Authorization": "Basic "},
    {"Authorization": "Basic Og=="},
    {"Authorization": "Basic ???"},
    {"Authorization": "Digest x"},
    {"Authorization": "lk_0123456789"},
    {"x-api-key": ""},
]


@pytest.mark.parametrize("headers", DEGENERATE)
async def test_what_is_no_key_is_ignored_without_accounts_and_refused_with_them(serving, headers):
    assert await status(serving, headers=headers) == 200


@pytest.mark.parametrize("headers", DEGENERATE)
async def test_what_is_no_key_opens_nothing(locked, headers):
    assert await status(locked, headers=headers) == 401


A1111_SAYS = "Incorrect username or password"
DOORS = [
    ("/queue", lambda body: body["error"]["message"], True),
    ("/nowhere", lambda body: body["error"]["message"], True),
    ("/sdapi/v1/options", lambda body: (body["detail"] == A1111_SAYS) and body["errors"], True),
    ("/controlnet/version", lambda body: (body["detail"] == A1111_SAYS) and body["errors"], True),
    ("/v1/models", lambda body: (body["error"]["type"] == "authentication_error") and body["error"]["message"], False),
    ("/openai/v1/models", lambda body: body["error"]["message"], False),
    ("/api/v2/jobs", lambda body: (body["error"]["code"] == "unauthorized") and body["error"]["message"], False),
    ("/api/assets", lambda body: (body["error"]["code"] == "UNAUTHORIZED") and body["error"]["message"], False),
    ("/apps", lambda body: body["detail"], False),
]


@pytest.mark.parametrize(("path", "message", "asks_people"), DOORS)
async def test_each_door_refuses_in_its_own_words(locked, path, message, asks_people):
    async with locked.client.get(path) as answer:
        assert answer.status == 401
        assert "A key is needed" in message(await answer.json())
        schemes = [scheme.split()[0] for scheme in answer.headers.getall("WWW-Authenticate")]
    assert schemes == (["Basic", "Bearer"] if asks_people else ["Bearer"])
    async with locked.client.get(path, headers=bearer("lk_0123456789_" + "a" * 43)) as answer:
        assert "not taken" in message(await answer.json())


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("POST", "/prompt", Scope.SUBMIT),
        ("POST", "/api/upload/image", Scope.SUBMIT),
        ("GET", "/history", Scope.READ_OWN),
        ("GET", "/metrics", Scope.READ_ALL),
        ("GET", "/limner/memory", Scope.READ_ALL),
        ("POST", "/limner/models/pull", Scope.MODELS),
        ("POST", "/limner/nodes/install", Scope.ADMIN),
        ("POST", "/limner/nodes/enable", Scope.ADMIN),
        ("GET", "/internal/logs", Scope.ADMIN),
        ("POST", "/free", Scope.ADMIN),
        ("POST", "/api/free", Scope.ADMIN),
        ("POST", "/sdapi/v1/unload-checkpoint", Scope.ADMIN),
        ("POST", "/users", Scope.ADMIN),
    ],
)
async def test_what_takes_which_scope(locked, method, path, scope):
    others = frozenset(Scope) - {scope, Scope.ADMIN} - ({Scope.READ_ALL} if scope is Scope.READ_OWN else set())
    without = locked.service.accounts.create("anna", others)
    async with locked.client.request(method, path, headers=bearer(without)) as answer:
        assert answer.status == 403
        assert scope.value in await answer.text()
    having = locked.service.accounts.create("anna", frozenset({scope}))
    async with locked.client.request(method, path, headers=bearer(having), json={}) as answer:
        assert answer.status < 500
        assert "the scope" not in await answer.text()


async def test_a_key_that_was_taken_back_is_refused_with_the_next_request(locked, key):
    assert await status(locked, headers=bearer(key)) == 200
    other = Accounts(locked.folders.data / FILE)
    other.revoke(key)
    other.close()
    assert await status(locked, headers=bearer(key)) == 401


async def test_a_socket_whose_key_was_taken_back_is_cut_off(locked, key, monkeypatch):
    monkeypatch.setattr(lock_module, "KEY_LOOK", 0.02)
    kept = await locked.client.ws_connect(f"/ws?token={locked.service.accounts.create('anna')}")
    cut = await locked.client.ws_connect(f"/ws?token={key}")
    assert (await cut.receive_json())["type"] == (await kept.receive_json())["type"] == "status"
    locked.service.accounts.revoke(key)
    assert (await cut.receive(timeout=10)).type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
    await kept.send_str('{"type": "feature_flags", "data": {}}')
    assert (await kept.receive_json(timeout=10))["type"] == "feature_flags"
    await kept.close()


async def test_a_stream_whose_key_was_taken_back_is_cut_off(locked, key, document, monkeypatch):
    monkeypatch.setattr(lock_module, "KEY_LOOK", 0.02)
    body = {"prompt": document("CapSleep", "SaveImage")}
    job = (await (await locked.client.post("/prompt", json=body, headers=bearer(key))).json())["prompt_id"]
    await locked.running(1)
    async with locked.client.get(f"/runs/{job}/events", headers=bearer(key)) as stream:
        assert await stream.content.readany()
        locked.service.accounts.revoke(key)
        with pytest.raises(aiohttp.ClientError):
            async with asyncio.timeout(10):
                await stream.read()


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_what_starts_servers_anew_needs_no_key(locked, path):
    assert await status(locked, path) in (200, 503)


async def test_whoever_may_see_everything_sees_it_and_changes_nothing(locked, key, document):
    body = {"prompt": document("CapSleep", "SaveImage")}
    job = (await (await locked.client.post("/prompt", json=body, headers=bearer(key))).json())["prompt_id"]
    await locked.running(1)
    eye = bearer(locked.service.accounts.create("eye", USUAL | {Scope.READ_ALL}))
    root = bearer(locked.service.accounts.create("root", frozenset({Scope.ADMIN})))
    for headers in (eye, root):
        async with locked.client.get("/queue", headers=headers) as answer:
            assert [entry[1] for entry in (await answer.json())["queue_running"]] == [job]
    await locked.client.post("/interrupt", headers=eye)
    await locked.client.post("/interrupt", headers=root)  # without a name: one's own
    await locked.client.post("/interrupt", json={"prompt_id": job}, headers=eye)
    assert locked.dispatcher.counts("anna").running == 1
    await locked.client.post("/interrupt", json={"prompt_id": job}, headers=root)
    while locked.dispatcher.counts("anna").running:
        assert await status(locked, headers=root) == 200


async def picture(locked: Any, key: str, document: Any) -> dict[str, str]:
    """Makes a picture of Anna's and gives its address."""
    body = {"prompt": document("EmptyImage", "SaveImage")}
    job = (await (await locked.client.post("/prompt", json=body, headers=bearer(key))).json())["prompt_id"]
    while True:
        async with locked.client.get(f"/history/{job}", headers=bearer(key)) as answer:
            found = await answer.json()
        if found:
            return found[job]["outputs"]["2"]["images"][0]


async def test_a_signed_address_opens_one_file_and_nothing_else(locked, key, document):
    file = await picture(locked, key, document)
    signed = file | locked.client.server.app[LOCK].signer.signed(file, "anna")
    query = urllib.parse.urlencode(signed)
    for path in ("/view", "/api/view"):
        assert await status(locked, f"{path}?{query}") == 200
        assert await status(locked, f"{path}?{query}&preview=webp;50") == 200
        assert await status(locked, f"{path}?{query}", "HEAD") == 200
        assert await status(locked, f"{path}?{query}", "POST") == 401
    other = urllib.parse.urlencode(signed | {"filename": "another.png"})
    assert await status(locked, f"/view?{other}") == 401
    assert await status(locked, f"/history?{query}") == 401
    assert await status(locked, f"/view?{urllib.parse.urlencode(file)}") == 401


async def test_addresses_in_answers_open_without_a_key(locked, key, document):
    await picture(locked, key, document)
    [file] = list(locked.folders.of_owner("anna").output.glob("*.png"))
    named = {"filename": file.name, "subfolder": "", "type": "output"}
    address = saved_address(locked.service, "anna", named)
    assert await status(locked, "/view?" + address.partition("?")[2]) == 200


QUOTAS = [
    ("/prompt", {"prompt": "document"}, lambda body: body["error"]["message"]),
    ("/api/v2/jobs", {"workflow": "document"}, lambda body: body["error"]["message"]),
    ("/workflows/run", {"workflow": "document"}, lambda body: body["detail"]),
]


@pytest.mark.parametrize(("path", "body", "message"), QUOTAS)
async def test_too_much_is_told_in_each_doors_words(locked, key, document, path, body, message):
    locked.service.accounts.limit("anna", Quota(jobs=1))
    wanted = document("CapSleep", "SaveImage")
    assert await status(locked, "/prompt", "POST", json={"prompt": wanted}, headers=bearer(key)) == 200
    sent = dict.fromkeys(body, wanted)
    async with locked.client.post(path, json=sent, headers=bearer(key)) as answer:
        assert answer.status == 429, await answer.text()
        assert answer.headers["Retry-After"] == "10"
        assert "1 of your jobs wait or run, and 1 may" in message(await answer.json())
    assert locked.dispatcher.counts("anna").remaining == 1


@pytest.mark.parametrize("path", ["/sdapi/v1/extra-single-image", "/v1/images/generations"])
async def test_doors_that_draw_have_a_status_for_it(locked, path):
    """Their graphs need models that the scripted worker lacks; so what they make of the refusal is looked at."""
    limits = Limits(locked.service.accounts, locked.dispatcher, locked.folders)
    locked.service.accounts.create("anna")
    locked.service.accounts.limit("anna", Quota(jobs=0))
    with pytest.raises(GraphError) as refused, limits.turn("anna"):
        pass
    door = a1111_door if path.startswith("/sdapi") else openai_door
    reply = door.refusal_reply(refused.value)
    assert reply.status == 429
    assert "of your jobs" in str(json.loads(reply.body))


async def test_jobs_and_seconds_of_a_day_count_what_is_done(locked, key, document):
    await picture(locked, key, document)
    body = {"prompt": document("EmptyImage", "SaveImage")}
    for quota in (Quota(jobs_per_day=1), Quota(seconds_per_day=0.0)):
        locked.service.accounts.limit("anna", quota)
        async with locked.client.post("/prompt", json=body, headers=bearer(key)) as answer:
            assert answer.status == 429
            assert 0 < int(answer.headers["Retry-After"]) <= 86400
    await locked.client.post("/history", json={"clear": True}, headers=bearer(key))
    assert await status(locked, "/prompt", "POST", json=body, headers=bearer(key)) == 429
    locked.service.accounts.limit("anna", Quota(jobs_per_day=2))
    assert await status(locked, "/prompt", "POST", json=body, headers=bearer(key)) == 200


async def test_who_has_filled_their_room_stores_no_more(locked, key, monkeypatch):
    monkeypatch.setattr("limner.server.limits.FRESH", 0.0)
    locked.service.accounts.limit("anna", Quota(storage=1000))

    async def send(path: str, size: int, name: str = "image") -> int:
        form = aiohttp.FormData()
        form.add_field(name, b"x" * size, filename=f"{size}.bin")
        form.add_field("tags", "input")
        return await status(locked, path, "POST", data=form, headers=bearer(key))

    assert await send("/upload/image", 1200) == 200
    assert await send("/upload/image", 10) == 429
    assert await send("/api/assets", 10, "file") == 429
    assert await status(locked, "/userdata/a.json", "POST", data=b"{}", headers=bearer(key)) == 429
    (locked.folders.of_owner("anna").input / "1200.bin").unlink()
    assert await send("/upload/image", 10) == 200


async def test_everybody_has_settings_and_files_of_their_own(locked, key):
    other = bearer(locked.service.accounts.create("ben"))
    assert await status(locked, "/settings/a", "POST", json=1, headers=bearer(key)) == 200
    async with locked.client.get("/settings", headers={**other, "comfy-user": "anna"}) as answer:
        assert await answer.json() == {}
    async with locked.client.get("/settings", headers=bearer(key)) as answer:
        assert await answer.json() == {"a": 1}
    async with locked.client.get("/users", headers=bearer(key)) as answer:
        assert "users" not in await answer.json()
    assert (locked.folders.data / "owners" / "anna" / "user" / "default" / "comfy.settings.json").exists()


async def test_models_are_everybodys_so_bringing_one_takes_a_scope(locked, key):
    form = aiohttp.FormData()
    form.add_field("file", b"x" * 100, filename="m.safetensors")
    for tag in ("models", "loras"):
        form.add_field("tags", tag)
    async with locked.client.post("/api/assets", data=form, headers=bearer(key)) as answer:
        assert answer.status == 403
        assert "models" in (await answer.json())["error"]["message"]


async def test_a_browser_keeps_a_key_in_a_cookie(locked, key):
    """The page signs in once; its pictures and its socket come with the cookie, and packs never see it."""
    client = locked.client
    assert (await (await client.get("/limner/session")).json()) == {"accounts": True, "user": None, "scopes": []}
    assert (await client.post("/limner/session", json={"key": "lk_wrong"})).status == 401
    answer = await client.post("/limner/session", json={"key": key, "lasting": True})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    client.session.cookie_jar.clear()
    port = client.server.port
    kept = {"Cookie": f"limner-key-{port}={key}"}
    assert (await (await client.get("/limner/session", headers=kept)).json())["user"] == "anna"
    assert (await client.get("/queue", headers=kept)).status == 200
    assert (await client.get("/queue", headers={"Cookie": f"limner-key-{port}=lk_no"})).status == 401


@pytest.mark.parametrize(("scheme", "secure"), [("http", False), ("https", True)])
async def test_a_cookie_is_for_https_alone_where_the_browser_came_by_it(locked, key, scheme, secure):
    """A proxy tells nothing of it; the page's own origin does."""
    origin = {"Origin": f"{scheme}://127.0.0.1:{locked.client.port}"}
    answer = await locked.client.post("/limner/session", json={"key": key}, headers=origin)
    assert ("Secure" in answer.headers["Set-Cookie"]) is secure
