"""``/limner/gallery``: what jobs make is there at once, with its settings; stars, boards, trash, import and export."""

import asyncio
import io
import json
import zipfile

import pytest
from aiohttp import FormData
from PIL import Image, PngImagePlugin

from limner.server.gallery.bare_files import without_texts
from limner.server.gallery.parts import GALLERIES
from limner.server.gallery.trash import mend_trash, throw_away

GRAPH = {
    "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sub/ink.safetensors"}},
    "2": {
        "class_type": "LoraLoader",
        "inputs": {"model": ["1", 0], "lora_name": "wet.safetensors", "strength_model": 0.5},
    },
    "3": {"class_type": "CLIPTextEncode", "inputs": {"text": "a red fox", "clip": ["1", 1]}},
    "4": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["1", 1]}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 640, "height": 512, "batch_size": 1}},
    "6": {
        "class_type": "KSampler",
        "inputs": {
            "model": ["2", 0], "positive": ["3", 0], "negative": ["4", 0], "latent_image": ["5", 0],
            "seed": 2**63 + 1, "steps": 20, "cfg": 7.5, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0,
        },
    },
    "7": {"class_type": "VAEDecode", "inputs": {"samples": ["6", 0], "vae": ["1", 2]}},
    "8": {"class_type": "SaveImage", "inputs": {"images": ["7", 0], "filename_prefix": "x"}},
}  # fmt: skip


def png(size=(40, 30), colour="red", **texts):
    info = PngImagePlugin.PngInfo()
    for name, text in texts.items():
        info.add_text(name, text)
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


async def get(serving, path, status=200, **query):
    answer = await serving.client.get(f"/limner/{path}", params=query)
    assert answer.status == status, await answer.text()
    return await answer.json()


async def send(serving, method, path, body, status=200):
    answer = await serving.client.request(method, f"/limner/{path}", json=body)
    assert answer.status == status, await answer.text()
    return await answer.json()


async def listed(serving, total, **query):
    """The list, once it has so many files and all are read."""
    async with asyncio.timeout(10):
        while True:
            page = await get(serving, "gallery", **query)
            # Asked afterwards: a file may be found between two questions, and is read a moment later.
            if page["total"] == total and not (await get(serving, "gallery/positions"))["reading"]:
                return (await get(serving, "gallery", **query))["items"]
            await asyncio.sleep(0.02)


async def put(serving, name="fox.png", data=None, **fields):
    form = FormData()
    for key, value in fields.items():
        form.add_field(key, value)
    form.add_field("file", data or png(prompt=json.dumps(GRAPH)), filename=name)
    answer = await serving.client.post("/limner/gallery/import", data=form)
    return answer.status, await answer.json()


async def test_what_a_job_makes_is_told_and_listed_at_its_end(serving, document):
    socket = await serving.socket("me")
    await socket.send_json({"type": "feature_flags", "data": {"limner_gallery": True}})
    job = (await serving.post({"prompt": document("EmptyImage", "SaveImage"), "client_id": "me"}))["prompt_id"]
    await serving.finished(job)
    async with asyncio.timeout(10):
        while True:
            message = await socket.receive_json()
            if message["type"] == "limner_gallery" and message["data"]["added"]:
                break
    (item,) = await listed(serving, 1)
    assert message["data"]["added"] == [item["id"]]
    assert (item["job"], item["media"], item["file"]["type"]) == (job, "image", "output")
    details = await get(serving, f"gallery/{item['id']}")
    assert details["workflow"] is True
    assert (await get(serving, f"gallery/{item['id']}/workflow"))["prompt"]["2"]["class_type"] == "SaveImage"


async def test_files_that_appear_and_vanish_are_noticed_and_read(serving):
    (serving.folders.output / "deep").mkdir()
    file = serving.folders.output / "deep" / "fox.png"
    file.write_bytes(png(prompt=json.dumps(GRAPH), workflow='{"nodes": []}'))
    (serving.folders.output / "notes.txt").write_text("no picture")
    (item,) = await listed(serving, 1)
    assert item["file"] == {"filename": "fox.png", "subfolder": "deep", "type": "output"}
    assert (item["width"], item["height"], item["prompt"]) == (40, 30, "a red fox")
    assert (item["model"], item["seed"]) == ("ink.safetensors", str(2**63 + 1))
    details = await get(serving, f"gallery/{item['id']}")
    assert details["settings"]["prompt.negative"] == "blurry"
    assert details["settings"]["sampler.seed"] == str(2**63 + 1)
    assert details["settings"]["lora.list"] == [{"name": "wet.safetensors", "strength": 0.5}]
    assert details["infotext"].startswith("a red fox\nNegative prompt: blurry\nSteps: 20, Sampler: euler")
    assert (await get(serving, f"gallery/{item['id']}/workflow"))["workflow"] == {"nodes": []}
    file.unlink()
    await listed(serving, 0)


async def test_thumbnails_are_small_and_kept(serving):
    _, item = await put(serving, data=png((900, 600)))
    answer = await serving.client.get(item["thumbnail"])
    assert answer.status == 200
    assert "immutable" in answer.headers["Cache-Control"]
    picture = Image.open(io.BytesIO(await answer.read()))
    assert (picture.format, picture.size) == ("WEBP", (256, 171))
    tag = {"If-None-Match": answer.headers["ETag"]}
    assert (await serving.client.get(item["thumbnail"], headers=tag)).status == 304
    assert list((serving.folders.data / "thumbnails").glob("*/*.webp"))
    large = await serving.client.get(f"/limner/thumbnails/{item['id']}?size=512")
    assert Image.open(io.BytesIO(await large.read())).width == 512
    named = await serving.client.get("/limner/thumbnail", params={**item["file"], "size": "256"})
    assert named.status == 200
    for path in (
        f"thumbnails/{item['id']}?size=9999", "thumbnails/none", "thumbnail?filename=../gallery.sqlite", "thumbnail",
        "thumbnail?filename=a.png&type=models",
    ):  # fmt: skip
        assert 400 <= (await serving.client.get(f"/limner/{path}")).status < 500, path
    _, broken = await put(serving, "broken.png", b"\x89PNG no picture")
    assert (await serving.client.get(broken["thumbnail"])).status == 404


async def test_stars_tags_ratings_and_boards(serving):
    _, one = await put(serving, board="animals / foxes")
    _, two = await put(serving, "owl.png", png(colour="blue"), folder="birds")
    assert one["board"] == "animals/foxes"
    assert two["file"]["subfolder"] == "imported/birds"
    ids = [one["id"], two["id"], "nobody"]
    wish = {"ids": ids, "starred": True, "rating": 4, "add_tags": ["  wild  life "], "alt": "An animal"}
    assert sorted((await send(serving, "PATCH", "gallery", wish))["changed"]) == sorted(ids[:2])
    page = await get(serving, "gallery", q="tag:'x' is:starred rating>3")
    assert page["total"] == 0
    page = await get(serving, "gallery", q='tag:"wild life" rating>3', starred="true")
    assert {(item["alt"], item["rating"], *item["tags"]) for item in page["items"]} == {("An animal", 4, "wild life")}
    await send(serving, "POST", "boards", {"name": "empty"})
    await send(serving, "PATCH", "boards", {"name": "animals", "to": "zoo"})
    assert (await get(serving, "boards"))["boards"] == [
        {"name": "empty", "count": 0}, {"name": "zoo", "count": 0}, {"name": "zoo/foxes", "count": 1},
    ]  # fmt: skip
    assert (await get(serving, "gallery", board="zoo"))["total"] == 1
    await send(serving, "DELETE", "boards", {"name": "zoo"})
    assert (await get(serving, "gallery/facets"))["counts"]["unsorted"] == 2
    for body in (
        {}, {"ids": []}, {"ids": [1]}, {"ids": ids, "rating": 6}, {"ids": ids, "rating": True},
        {"ids": ids, "starred": 1}, {"ids": ids, "board": "a/" * 9}, {"ids": ids, "add_tags": "x"},
        {"ids": ids, "alt": []},
    ):  # fmt: skip
        await send(serving, "PATCH", "gallery", body, 400)
    for query in ({"sort": "best"}, {"limit": "0"}, {"limit": "x"}, {"at": "-1"}, {"offset": "5000"}):
        await get(serving, "gallery", 400, **query)
    await get(serving, "gallery/nothing", 404)


async def test_trash_takes_files_and_gives_them_back(serving):
    _, item = await put(serving)
    output, file = serving.folders.output, serving.folders.output / "imported" / "fox.png"
    await send(serving, "PATCH", "gallery", {"ids": [item["id"]], "starred": True})
    assert (await send(serving, "POST", "gallery/trash", {"ids": [item["id"]]}))["trashed"] == [item["id"]]
    assert not file.exists()
    assert await listed(serving, 0) == []
    (thrown,) = (await get(serving, "gallery", trash="true"))["items"]
    assert (await serving.client.get("/view", params=thrown["file"])).status == 200
    assert (await serving.client.get(thrown["thumbnail"])).status == 200
    file.write_bytes(b"another file of that name")
    assert (await send(serving, "POST", "gallery/restore", {"ids": [item["id"]]}))["restored"] == [item["id"]]
    back = await get(serving, f"gallery/{item['id']}")
    assert back["file"]["filename"] == "fox (1).png"
    assert back["starred"] is True
    await send(serving, "POST", "gallery/trash", {"ids": [item["id"]]})
    assert (await send(serving, "DELETE", "gallery/trash", {"all": True}))["removed"] == 1
    assert not list(output.glob(".trash/*"))
    assert file.read_bytes() == b"another file of that name"
    await get(serving, f"gallery/{item['id']}", 404)


@pytest.mark.parametrize("moment", ["noted", "twice", "back"])
async def test_a_death_between_file_and_index_loses_nothing_of_a_thrown_file(serving, moment):
    _, item = await put(serving)
    await send(serving, "PATCH", "gallery", {"ids": [item["id"]], "starred": True})
    gallery = serving.client.server.app[GALLERIES].of("default")
    file, entry = serving.folders.output / "imported" / "fox.png", gallery.index.get(item["id"])
    if moment == "back":  # the file is where it was, and the index has yet to be told
        throw_away(gallery, [item["id"]])
        gallery.path(gallery.index.get(item["id"])).rename(file.with_name("fox (1).png"))
        gallery.refresh(force=True)
    else:  # the index says that it lies in the trash, and it does not, or under both names
        thrown = serving.folders.output / ".trash" / "0-fox.png"
        gallery.index.trashed(entry.number, ".trash/0-fox.png", entry.path)
        if moment == "twice":
            thrown.parent.mkdir()
            thrown.hardlink_to(file)
    mend_trash(gallery)
    found = await get(serving, f"gallery/{item['id']}")
    assert found["starred"] is True
    assert file.exists() == (moment == "noted")
    assert (await get(serving, "gallery", trash="true"))["total"] == (moment == "twice")
    assert (await listed(serving, moment != "twice")) is not None


async def test_archives_come_with_and_without_what_pictures_carry(serving):
    _, one = await put(serving)
    _, two = await put(serving, "fox.png", png(colour="blue", parameters="secret prompt"), folder="other")
    _, sound = await put(serving, "beep.wav", b"RIFF0000WAVE")
    ids = [one["id"], two["id"], sound["id"], "nobody"]
    answer = await serving.client.post("/limner/gallery/export", json={"ids": ids})
    archive = zipfile.ZipFile(io.BytesIO(await answer.read()))
    assert archive.testzip() is None
    assert set(archive.namelist()) == {"fox.png", "fox (1).png", "beep.wav", "gallery.json"}
    assert b"secret prompt" in archive.read("fox (1).png")
    answer = await serving.client.post("/limner/gallery/export", json={"ids": ids, "metadata": False})
    bare = zipfile.ZipFile(io.BytesIO(await answer.read()))
    assert set(bare.namelist()) == {"fox.png", "fox (1).png", "left out.txt"}
    assert bare.read("left out.txt") == b"beep.wav\n"
    assert b"secret prompt" not in bare.read("fox (1).png")
    assert Image.open(io.BytesIO(bare.read("fox (1).png"))).getpixel((0, 0)) == (0, 0, 255)


async def test_what_cannot_be_imported_is_refused(serving):
    assert (await put(serving, "model.safetensors", b"x"))[0] == 400
    assert (await put(serving, "page.svg", b"<svg/>"))[0] == 400
    assert (await put(serving, folder="../../elsewhere"))[0] == 400
    assert (await put(serving, folder=".trash"))[0] == 400
    assert (await put(serving, board="/".join("abcdefghij")))[0] == 400
    again, same = await put(serving)
    assert (again, (await put(serving))[1]["id"]) == (201, same["id"])


def test_formats_lose_their_texts_and_keep_their_pixels():
    picture = Image.new("RGB", (8, 8), "green")
    exif = Image.Exif()
    exif[0x010E] = "secret prompt"
    for form in ("PNG", "JPEG", "WEBP"):
        buffer = io.BytesIO()
        picture.save(buffer, form, exif=exif)
        assert b"secret" in buffer.getvalue()
        bare = without_texts(buffer.getvalue())
        assert bare is not None
        assert b"secret" not in bare
        decoded = [Image.open(io.BytesIO(data)).convert("RGB").tobytes() for data in (buffer.getvalue(), bare)]
        assert decoded[0] == decoded[1]
    assert without_texts(b"GIF89a") is None
    assert without_texts(png()[:-20]) is None
