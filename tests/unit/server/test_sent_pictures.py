"""Pictures that bodies name: as texts, by addresses on the web, by this server's own addresses."""

import base64

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, make_mocked_request
from tests.unit.server.conftest import PNG

from limner.graph.errors import DocumentError
from limner.server.sent_pictures import decoded, fetched, sent_bytes, sent_picture

TEXT = base64.b64encode(PNG).decode()


@pytest.fixture
async def gallery():
    """Another server with a picture, an endless one and a way out."""

    async def picture(_):
        return web.Response(body=PNG, content_type="image/png")

    async def missing(_):
        return web.Response(status=404)

    async def endless(request):
        reply = web.StreamResponse()
        await reply.prepare(request)
        for _ in range(100):
            await reply.write(b"x" * 1000)
        return reply

    async def elsewhere(_):
        raise web.HTTPFound("file:///etc/passwd")

    application = web.Application()
    for path, answer in (("/p.png", picture), ("/gone", missing), ("/endless", endless), ("/away", elsewhere)):
        application.router.add_get(path, answer)
    async with TestServer(application) as server:
        yield str(server.make_url("")).rstrip("/")


@pytest.mark.parametrize("text", [f"data:image/png;base64,{TEXT}", TEXT, TEXT.rstrip("="), f"{TEXT[:30]}\n{TEXT[30:]}"])
def test_texts(text):
    assert decoded(text) == PNG


@pytest.mark.parametrize("text", ["", "data:,", "data:image/png,abc", "file:///etc/passwd", "ftp://a/b", "näh"])
def test_what_is_no_picture_says_so(text):
    with pytest.raises(DocumentError):
        decoded(text)


async def test_addresses_on_the_web(gallery):
    assert await fetched(f"{gallery}/p.png", 1000, private=True) == PNG
    for path, reason in (("/gone", "404"), ("/endless", "more than 5000 bytes"), ("/away", "no address on the web")):
        with pytest.raises(DocumentError, match=reason):
            await fetched(gallery + path, 5000, private=True)


async def test_addresses_of_the_servers_own_network_are_not_asked(gallery):
    for address in (
        f"{gallery}/p.png",
        "http://localhost:1/x",
        "http://169.254.169.254/latest",
        "http://[::1]/",
        "http://",
    ):
        with pytest.raises(DocumentError, match=r"may not be asked|did not answer|no address"):
            await fetched(address, 1000, private=False)


async def test_addresses_that_this_server_gave(serving):
    (serving.folders.output / "made_1_.png").write_bytes(PNG)
    request = make_mocked_request("POST", "/", headers={"Host": "here:1"}, app=serving.client.server.app)
    own = "http://here:1/view?filename={}&subfolder=&type=output"
    assert await sent_bytes(request, own.format("made_1_.png")) == PNG
    for name in ("none.png", "..%2F..%2Flimner.sqlite", "%2Fetc%2Fpasswd"):
        with pytest.raises(DocumentError, match="no file"):
            await sent_bytes(request, own.format(name))
    kept = await sent_picture(request, own.format("made_1_.png"), "door")
    assert kept.size == (1, 1)
    assert (serving.folders.input / kept.name).read_bytes() == PNG
