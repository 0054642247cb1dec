"""ComfyUI's page: found as files, served with the right headers, and absent unless it is asked for."""

import gzip

import pytest

from limner.graph.errors import SettingsError
from limner.server import frontend
from limner.server.application import create_application
from limner.server.frontend import Frontend, find_frontend, frontend_in
from limner.server.frontend_pages import policy
from limner.server.service import Service

SCRIPT = b"console.log(1);" * 200


@pytest.fixture
def installed(tmp_path):
    """A front end as its package lays it out, with a template and a page of help."""
    root = tmp_path / "page"
    files = {
        "index.html": b"<!doctype html><title>page</title>",
        "assets/index-abc.js": SCRIPT,
        "assets/font.woff2": b"font",
        "assets/picture.webp": b"picture",
        "worker.mjs": b"export {}",
        "extensions/core/x.js": b"1",
    }
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "t.json").write_text("{}")
    return Frontend(
        version="9.9",
        pages={name: root / name for name in files},
        templates={"t.json": tmp_path / "t.json"},
        templates_version="8.8",
        docs={"en/x.md": tmp_path / "t.json"},
        scripts=root / "extensions/core",
    )


@pytest.fixture
async def client(serving, installed, aiohttp_page):
    return await aiohttp_page(serving, installed)


@pytest.fixture
async def aiohttp_page():
    """Starts a second application over the same dispatcher, with a page."""
    from aiohttp.test_utils import TestClient, TestServer

    clients = []

    async def begin(serving, page, classic=None):
        service = Service(
            dispatcher=serving.dispatcher,
            folders=serving.folders,
            lists=lambda name: (),
            frontend=page,
            classic=classic,
        )
        client = TestClient(TestServer(create_application(service)))
        await client.start_server()
        clients.append(client)
        return client

    yield begin
    for client in clients:
        await client.close()


async def test_the_page_is_never_kept_and_talks_to_this_server_only(client):
    answer = await client.get("/")
    assert await answer.text() == "<!doctype html><title>page</title>"
    assert answer.headers["Cache-Control"] == "no-store, must-revalidate"
    assert answer.headers["Pragma"] == "no-cache"
    rules = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in rules
    assert f"ws://{client.host}:{client.port}" in rules
    assert "http://" not in rules.replace("ws://", "")
    assert (await client.get("/index.html")).headers["Cache-Control"] == "no-store, must-revalidate"


async def test_assets_are_kept_for_ever_and_compressed(client):
    answer = await client.get("/assets/index-abc.js", headers={"Accept-Encoding": "gzip"}, auto_decompress=False)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.content_type == "text/javascript"
    assert gzip.decompress(await answer.read()) == SCRIPT
    plain = await client.get("/assets/index-abc.js", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert await plain.read() == SCRIPT
    again = await client.get("/assets/index-abc.js", headers={"If-None-Match": plain.headers["ETag"]})
    assert again.status == 304


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/assets/font.woff2", "font/woff2"),
        ("/assets/picture.webp", "image/webp"),
        ("/worker.mjs", "text/javascript"),
        ("/templates/t.json", "application/json"),
        ("/docs/en/x.md", "text/markdown"),
        ("/user.css", "text/css"),
    ],
)
async def test_media_types(client, path, kind):
    answer = await client.get(path)
    assert (answer.status, answer.content_type) == (200, kind)


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/assets/../../secret.txt",
        "/assets/%2e%2e/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/templates/..%2fsecret.txt",
        "/templates/none.json",
        "/interrupt",
    ],
)
async def test_there_is_nothing_else(client, path):
    answer = await client.get(path, allow_redirects=False)
    assert answer.status == 404
    assert await answer.read() == b""


async def test_routes_come_before_files(client):
    assert (await (await client.get("/api/features")).json())["supports_preview_metadata"] is True
    assert (await client.post("/nothing")).status == 405
    stats = await (await client.get("/system_stats")).json()
    assert stats["system"]["required_frontend_version"] == "9.9"
    assert stats["system"]["installed_templates_version"] == "8.8"


async def test_a_person_finds_empty_lists_at_first(client, serving):
    answer = await client.get("/api/userdata", params={"dir": "workflows"})
    assert await answer.json() == []
    own = serving.folders.user / "default" / "user.css"
    own.write_text("body { color: red }")
    assert await (await client.get("/user.css")).text() == "body { color: red }"


async def test_without_it_our_own_page_is_there(serving):
    answer = await serving.client.get("/")
    assert "Limner" in await answer.text()
    assert (await serving.client.get("/templates/index.json")).status == 404


async def test_beside_the_studio_it_has_all_of_its_api_below_its_own_path(serving, installed, aiohttp_page):
    client = await aiohttp_page(serving, None, installed)
    answer = await client.get("/classic/")
    assert await answer.text() == "<!doctype html><title>page</title>"
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    moved = await client.get("/classic", allow_redirects=False)
    assert (moved.status, moved.headers["Location"]) == (302, "/classic/")
    for path in ("system_stats", "api/system_stats", "api/userdata?dir=workflows", "api/workflow_templates"):
        assert (await client.get(f"/classic/{path}")).status == 200, path
    assert (await client.get("/classic/assets/font.woff2")).content_type == "font/woff2"
    assert (await client.get("/classic/templates/t.json")).status == 200
    assert (await client.get("/classic/user.css")).status == 200
    socket = await client.ws_connect("/classic/ws?clientId=x")
    assert (await socket.receive_json())["type"] == "status"
    await socket.close()
    assert (await client.get("/templates/t.json")).status == 404
    assert "Limner" in await (await client.get("/doors")).text()
    about = await (await client.get("/limner/studio")).json()
    assert about == {"classic": "/classic/", "templates": "/classic/templates/"}
    assert (await client.get("/classic/limner-nothing")).status == 404


async def test_where_it_is_not_installed_nothing_is_told_of_it(serving):
    assert await (await serving.client.get("/limner/studio")).json() == {"classic": "", "templates": ""}
    assert (await serving.client.get("/classic/")).status == 404


def test_a_package_that_is_not_installed_is_named_with_the_command(monkeypatch):
    monkeypatch.setattr(frontend, "PACKAGE", "no-such-package-anywhere")
    with pytest.raises(SettingsError, match=r"pip install 'limner\[comfyui-frontend\]'"):
        find_frontend()


def test_a_folder_may_take_its_place(installed):
    found = frontend_in(installed.pages["index.html"].parent)
    assert "assets/index-abc.js" in found.pages
    with pytest.raises(SettingsError, match=r"index\.html"):
        frontend_in(installed.pages["assets/font.woff2"].parent)


def test_a_strange_host_does_not_get_into_the_policy():
    assert "evil" not in policy("evil.example; script-src *")
    assert "ws://[::1]:80" in policy("[::1]:80")
