"""Forms in memory: bounded in parts, bytes and time; pictures are pictures."""

import asyncio
import io

import pytest
from aiohttp import FormData, web
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image

from limner.graph.errors import DocumentError
from limner.server import form_parts
from limner.server.form_parts import keep_picture, read_form

HEAD = {"Content-Type": "multipart/form-data; boundary=edge"}


@pytest.fixture
async def client():
    """Answers what it read."""

    async def answer(request):
        try:
            form = await read_form(request)
        except DocumentError as error:
            return web.json_response(str(error), status=400)
        return web.json_response([form.fields, {name: len(files) for name, files in form.files.items()}])

    application = web.Application(client_max_size=1 << 16)
    application.router.add_post("/", answer)
    async with TestClient(TestServer(application)) as client:
        yield client


def form(*parts):
    data = FormData(default_to_multipart=True)
    for name, value, more in parts:
        data.add_field(name, value, **more)
    return data


async def test_lists_of_files_with_and_without_brackets(client):
    file = {"filename": "../../etc/passwd"}
    body = form(("prompt", "x", {}), ("image[]", b"1", file), ("image[]", b"2", file), ("mask", b"3", file))
    assert await (await client.post("/", data=body)).json() == [{"prompt": "x"}, {"image": 2, "mask": 1}]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (form(*[("x", "y", {})] * (form_parts.MOST_PARTS + 1)), 400),
        (form(("x", b"y" * (1 << 17), {"filename": "a"})), 413),
        (b"no form at all", 400),
        (b'--edge\r\nContent-Disposition: form-data; name="x"\r\n\r\nnever ends', 400),
    ],
)
async def test_what_is_no_form_or_too_much_of_one(client, body, status):
    headers = HEAD if isinstance(body, bytes) else None
    assert (await client.post("/", data=body, headers=headers)).status == status


@pytest.mark.parametrize("start", [b"--ed", b'--edge\r\nContent-Disposition: form-data; name="x"\r\n\r\nhalf'])
async def test_who_falls_silent_is_not_waited_for(client, monkeypatch, start):
    monkeypatch.setattr(form_parts, "SILENCE", 0.05)

    async def body():
        yield start
        await asyncio.Event().wait()

    sending = client.post("/", data=body(), headers=HEAD)
    assert (await asyncio.wait_for(sending, 10)).status == 408


def test_a_picture_is_kept_under_the_name_of_its_content(tmp_path):
    buffer = io.BytesIO()
    Image.new("RGBA", (3, 2)).save(buffer, "WEBP")
    kept = keep_picture(buffer.getvalue(), tmp_path, "openai")
    assert (kept.size, kept.alpha, kept.name[:7], kept.name[-5:]) == ((3, 2), True, "openai/", ".webp")
    assert (tmp_path / kept.name).read_bytes() == buffer.getvalue()
    assert keep_picture(buffer.getvalue(), tmp_path, "openai") == kept


def test_pictures_that_end_in_the_middle_are_refused(tmp_path):
    buffer = io.BytesIO()
    Image.effect_noise((64, 64), 50).save(buffer, "PNG")
    for data in (buffer.getvalue()[:1000], b"", b"GIF89a"):
        with pytest.raises(DocumentError):
            keep_picture(data, tmp_path, "openai")
    assert not list(tmp_path.iterdir())
