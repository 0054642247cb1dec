"""T3: other sites, sandboxed frames and rebound names may do nothing."""

import ast
import inspect

import pytest

from limner.graph.discovery import modules
from limner.server import routes
from limner.server.guard import is_loopback, same_origin
from limner.server.route import Route

SAFELISTED = ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain")


@pytest.mark.parametrize("kind", SAFELISTED)
@pytest.mark.parametrize(
    "origin", ["http://evil.com", "http://127.0.0.1:9", "null", "", "file://", "https://127.0.0.1:x"]
)
async def test_a_foreign_origin_changes_nothing(serving, document, origin, kind):
    headers = {"Origin": origin, "Content-Type": kind}
    body = {"prompt": document("EmptyImage", "PreviewImage")}
    for path in ("/prompt", "/queue", "/history", "/interrupt", "/free", "/upload/image", "/upload/mask"):
        answer = await serving.client.post(path, json=body, headers=headers)
        assert answer.status == 403, path
    assert serving.worker.requests == []
    answer = await serving.client.get("/ws?clientId=a", headers=headers | {"Upgrade": "websocket"})
    assert answer.status == 403
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_the_own_origin_may(serving):
    port = serving.client.port
    for origin in (f"http://127.0.0.1:{port}", "http://127.0.0.1"):
        assert (await serving.client.post("/queue", json={}, headers={"Origin": origin})).status == 200


@pytest.mark.parametrize(
    "host", ["evil.com", "evil.com:8188", "127.0.0.1.evil.com", "localhost.evil.com", "192.168.1.5:8188"]
)
async def test_a_rebound_name_is_refused(serving, host):
    for method, path in (("GET", "/history"), ("POST", "/prompt"), ("GET", "/ws")):
        answer = await serving.client.request(method, path, headers={"Host": host}, data=b"{}")
        assert answer.status == 403
        assert "Host" in (await answer.json())["error"]["message"]


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8188", "127.0.0.1", "[::1]:8188", "host.docker.internal:8188", "LOCALHOST"]
)
async def test_own_names_are_accepted(serving, host):
    assert (await serving.client.get("/queue", headers={"Host": host})).status == 200


async def test_cross_site_requests_without_an_origin(serving):
    cross = {"Sec-Fetch-Site": "cross-site"}
    assert (await serving.client.post("/interrupt", headers=cross)).status == 403
    assert (await serving.client.get("/ws", headers=cross | {"Upgrade": "websocket"})).status == 403
    assert (await serving.client.get("/queue", headers=cross)).status == 200
    for site in ("same-origin", "none", "same-site"):
        assert (await serving.client.post("/queue", json={}, headers={"Sec-Fetch-Site": site})).status == 200


async def test_a_page_at_another_port_of_this_machine_changes_nothing(serving):
    """Its requests have cookies, as ports make no sites; the usual port is not in its origin."""
    there = {"Origin": "http://127.0.0.1", "Sec-Fetch-Site": "same-site"}
    assert (await serving.client.post("/queue", json={}, headers=there)).status == 403
    assert (await serving.client.get("/ws", headers=there | {"Upgrade": "websocket"})).status == 403
    proxied = there | {"Sec-Fetch-Site": "same-origin"}
    assert (await serving.client.post("/queue", json={}, headers=proxied)).status == 200


async def test_an_allowed_origin_may(start):
    serving = await start(allowed_origins=("https://studio.example.org",))
    headers = {"Origin": "https://studio.example.org", "Sec-Fetch-Site": "cross-site", "Host": "studio.example.org"}
    answer = await serving.client.post("/queue", json={}, headers=headers)
    assert answer.status == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "https://studio.example.org"
    assert (await serving.client.post("/queue", json={}, headers={"Origin": "https://example.org"})).status == 403


def test_names_of_this_machine():
    assert all(is_loopback(name) for name in ("localhost", "127.0.0.1", "127.8.8.8", "::1", "[::1]", "Localhost."))
    assert not any(is_loopback(name) for name in ("0.0.0.0", "example.org", "10.0.0.1", "", "127.0.0.1.evil.com"))


def test_origins_are_compared_by_host_and_port():
    assert same_origin("http://127.0.0.1:8188", "127.0.0.1:8188")
    assert same_origin("http://127.0.0.1", "127.0.0.1:8188")
    assert same_origin("http://[::1]:1", "[::1]:1")
    assert not same_origin("http://127.0.0.1:9", "127.0.0.1:8188")
    assert not same_origin("null", "127.0.0.1:8188")
    assert not same_origin("http://[", "127.0.0.1:8188")


def test_no_route_that_browsers_fetch_freely_changes_anything():
    changing = {"submit", "remove_waiting", "release", "delete_history", "place", "join_mask"}
    for module in modules(routes):
        for found in vars(module).values():
            if isinstance(found, Route) and found.method == "GET":
                tree = ast.parse(inspect.getsource(found.handler))
                called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
                assert not called & changing, found.name


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/prompt", lambda body: body["error"]["type"] == "forbidden"),
        ("/v1/images/generations", lambda body: body["error"]["code"] == "forbidden"),
        ("/openai/deployments/x/images/edits", lambda body: body["error"]["type"] == "permission_error"),
        ("/sdapi/v1/txt2img", lambda body: "Origin" in body["detail"]),
    ],
)
async def test_each_door_refuses_in_its_own_words(serving, path, told):
    answer = await serving.client.post(path, json={}, headers={"Origin": "http://evil.com"})
    assert answer.status == 403
    assert told(await answer.json())
