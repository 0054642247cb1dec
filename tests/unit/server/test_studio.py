"""How the studio's page and files are sent."""

import os

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from limner.server.routes.studio import studio
from limner.server.studio import MISSING, STUDIO, Studio, built_studio


@pytest.fixture
def root(tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<title>first</title>")
    (tmp_path / "assets" / "app-1234.js").write_text("export {}")
    return tmp_path


async def client_of(root):
    application = web.Application()
    application[STUDIO] = Studio(root)
    for path in studio.paths:
        application.router.add_get(path, studio.handler)
    client = TestClient(TestServer(application))
    await client.start_server()
    return client


async def test_page_answers_every_address_of_a_screen(root):
    client = await client_of(root)
    for path in ("/studio", "/studio/", "/studio/gallery/abc", "/studio/index.html"):
        answer = await client.get(path)
        assert (answer.status, await answer.text()) == (200, "<title>first</title>")
        assert "no-store" in answer.headers["Cache-Control"]
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert f"ws://{answer.url.host}:{answer.url.port}" in policy
    await client.close()


async def test_hashed_files_are_kept_for_ever_and_others_are_asked_for_again(root):
    client = await client_of(root)
    answer = await client.get("/studio/assets/app-1234.js")
    assert answer.status == 200
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.content_type == "text/javascript"
    gone = await client.get("/studio/assets/app-0000.js")
    assert gone.status == 404  # and not the page, which no browser takes for a script
    await client.close()


@pytest.mark.parametrize("path", ["/studio/../server/studio.py", "/studio/%2e%2e/secret", "/studio/..%2fsecret"])
async def test_nothing_outside_the_folder_is_sent(root, path):
    (root.parent / "secret").write_text("secret")
    client = await client_of(root)
    answer = await client.get(path)
    assert "secret" not in await answer.text()
    await client.close()


async def test_studio_that_is_built_anew_is_served_at_once(root):
    client = await client_of(root)
    await client.get("/studio/")
    (root / "index.html").write_text("<title>second</title>")
    os.utime(root / "index.html", ns=(1, 1))
    (root / "assets" / "app-5678.js").write_text("export {}")
    assert await (await client.get("/studio/")).text() == "<title>second</title>"
    assert (await client.get("/studio/assets/app-5678.js")).status == 200
    await client.close()


async def test_says_how_to_build_it_where_it_is_missing():
    client = await client_of(None)
    answer = await client.get("/studio/")
    assert (answer.status, await answer.text()) == (404, MISSING)
    await client.close()


def test_is_found_where_it_is_built_or_nowhere():
    root = built_studio()
    assert root is None or (root / "index.html").is_file()
