"""What tools for MCP hosts make of callers, files and failures, without a whole server behind them."""

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from mcp import Client

from limner.app.command import main
from limner_client import AnswerError, AsyncClient, ClientError, UnreachableError
from limner_mcp.answers import SHOWN_BYTES, answer, entries_of, media_type_of
from limner_mcp.door import Door, in_words
from limner_mcp.inputs import content_of
from limner_mcp.jobs import State
from limner_mcp.server import build_server
from limner_mcp.starting import answers, started, wants_key

JOB = "3f0c"


def picture(number, size=10, kind="image", name="one.png"):
    url = f"https://limner.example/view?filename={number}.png&subfolder=a&type=output&size={size}&signature=x"
    return {"url": url, "filename": name, "type": kind, "media_type": "image/png", "size": size}


SIZES: web.AppKey[list[int]] = web.AppKey("sizes", list)


@pytest.fixture
async def server():
    """A stand-in that answers files of the sizes that are wanted, and says with which key it was asked."""

    async def file(request):
        size = request.app[SIZES][int(request.match_info["number"]) - 1]
        return web.Response(body=b"x" * size, content_type="image/png")

    async def view(request):
        assert set(request.query) == {"filename", "subfolder", "type", "preview"}
        return web.Response(body=b"small", content_type="image/webp")

    async def models(request):
        return web.json_response({"data": [{"id": request.headers.get("Authorization", "nobody")}]})

    async def sampler(request):
        required = {"sampler_name": [["euler"]], "scheduler": [["normal"]]}
        return web.json_response({"KSampler": {"input": {"required": required}}})

    async def none(request):
        return web.json_response([])

    application = web.Application()
    application[SIZES] = []
    application.router.add_get("/runs/{job}/files/{number}", file)
    application.router.add_get("/view", view)
    application.router.add_get("/v1/models", models)
    application.router.add_get("/object_info/KSampler", sampler)
    application.router.add_get("/models/loras", none)
    running = TestServer(application)
    await running.start_server()
    yield running
    await running.close()


async def shown(server, *sizes):
    server.app[SIZES][:] = sizes
    state = State(JOB, "succeeded", tuple(picture(number, size) for number, size in enumerate(sizes, 1)))
    async with AsyncClient(str(server.make_url(""))) as client:
        told = await answer(client, state, {"seed": 7})
    return told, [part for part in told.content if part.type == "image"]


async def test_pictures_are_shown_as_they_are_while_they_fit(server):
    told, images = await shown(server, 10, 20)
    assert [len(base64.b64decode(image.data)) for image in images] == [10, 20]
    assert told.structured_content["seed"] == 7
    assert told.content[0].text.endswith("limner://jobs/3f0c/1.png, limner://jobs/3f0c/2.png, seed 7.")


async def test_what_is_too_large_for_a_host_is_shown_smaller_and_linked_whole(server):
    told, images = await shown(server, SHOWN_BYTES + 1)
    assert [(base64.b64decode(image.data), image.mime_type) for image in images] == [(b"small", "image/webp")]
    assert [part.uri for part in told.content if part.type == "resource_link"] == ["limner://jobs/3f0c/1.png"]


async def test_all_pictures_share_the_room(server):
    _, images = await shown(server, SHOWN_BYTES, 10)
    assert len(images) == 1


def test_files_of_unknown_kinds_have_a_name_all_the_same():
    state = State(JOB, "succeeded", (picture(1, kind="file", name="a.weights"), picture(2, kind="video", name="b.MP4")))
    assert [entry.uri for entry in entries_of(state)] == ["limner://jobs/3f0c/1.bin", "limner://jobs/3f0c/2.mp4"]
    assert (media_type_of("a.weights"), media_type_of("b.MP4")) == ("application/octet-stream", "video/mp4")


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        (None, "own"),
        ({}, "own"),
        ({"Authorization": "Bearer theirs"}, "theirs"),
        ({"authorization": "Bearer "}, "own"),
        ({"authorization": "Basic x"}, "own"),
        ({"x-api-key": "theirs"}, "theirs"),
    ],
)
async def test_a_caller_who_brings_a_key_is_asked_for_with_it(server, headers, key):
    door = Door(str(server.make_url("")), "own")
    async with door.open(headers) as client:
        told = await client.get("/v1/models")
    assert told["data"][0]["id"] == f"Bearer {key}"


async def test_without_keys_none_is_sent(server):
    async with Client(build_server(Door(str(server.make_url(""))))) as client:
        told = await client.call_tool("list_models", {})
    assert json.loads(told.content[0].text)["models"] == ["nobody"]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (UnreachableError("x cannot be reached."), "--start"),
        (AnswerError("/x: 401 no", 401), "LIMNER_KEY"),
        (ClientError("just this"), "just this"),
    ],
)
def test_failures_say_what_to_do(error, said):
    assert said in in_words(error)


@pytest.mark.parametrize("given", ["/a.png", "file:/a.png", "http://x/a.png", "limner://jobs/../../x/1.png", "data:,x"])
async def test_others_name_no_files_and_no_addresses(given):
    with pytest.raises(ClientError, match="is no picture"):
        await content_of(AsyncClient(), given, local=False)


async def test_data_that_is_none_is_refused():
    with pytest.raises(ClientError, match="not in base64"):
        await content_of(AsyncClient(), "data:image/png;base64,???", local=False)
    assert (await content_of(AsyncClient(), "data:image/png;base64,eA==", local=False)).data == b"x"


def test_servers_elsewhere_are_not_started(unused_tcp_port):
    assert not answers(f"http://127.0.0.1:{unused_tcp_port}")
    with (
        pytest.raises(UnreachableError, match="this machine only"),
        started(f"http://limner.invalid:{unused_tcp_port}"),
    ):
        pass


@pytest.mark.parametrize(("status", "wants"), [(200, False), (401, True)])
def test_a_server_without_accounts_is_not_passed_on_to_the_network(status, wants, capsys):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        assert answers(address)
        assert wants_key(address) == wants
        if not wants:
            assert main(["mcp", "--http", "--host", "0.0.0.0", "--key", "", "--server", address]) == 2
            assert "--accounts on" in capsys.readouterr().err
        server.shutdown()
