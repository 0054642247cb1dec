"""What services are sent, and what is made of their answers."""

import base64
import io
import json

import msgspec
import numpy as np
import pytest
from PIL import Image

from limner.graph.elsewhere import PictureOrder
from limner.graph.errors import LimnerError
from limner.media.png import encode_png
from limner.providers.kinds.openai_chat import nearest_ratio
from limner.providers.kinds.openai_images import nearest_size
from limner.providers.refusal import ProviderError
from limner.providers.wire import holed

PIXELS = encode_png(np.zeros((8, 8, 3), dtype=np.uint8))
MASK = encode_png(np.repeat(np.array([0, 255], dtype=np.uint8), 32).reshape(8, 8))
ORDER = PictureOrder(
    model="fine/sketch",
    prompt="a cube",
    negative="blur",
    width=640,
    height=960,
    seed=2**40 + 5,
    steps=12,
    guidance=3.5,
    sampler="euler",
    schedule="normal",
)
FULL = {
    "negative": "negative_prompt",
    "seed": "seed",
    "steps": "num_inference_steps",
    "guidance": "cfg",
    "sampler": "sample_method",
    "schedule": "schedule_method",
    "strength": "strength",
    "extra": {"n": 2, "response_format": "b64_json"},
}


async def sent(desk, service, charges, order=ORDER):
    await desk.draw(order, charges)
    path, headers, body = service.bodies[-1]
    return path, headers, body


async def test_what_openai_takes_and_no_more(desk_for, service, charges):
    fields = {"sizes": ["1024x1024", "1536x1024", "1024x1536"]}
    path, headers, body = await sent(desk_for("fine", fields=fields), service, charges)
    assert path == "/fine/v1/images/generations"
    assert json.loads(body) == {"model": "sketch", "prompt": "a cube", "n": 1, "size": "1024x1536"}
    assert "Authorization" not in headers
    assert charges.told[0].tokens == 7


async def test_a_field_map_says_how_things_are_called(desk_for, service, charges):
    _, _, body = await sent(desk_for("fine", fields={**FULL, "size": "image_size"}), service, charges)
    assert json.loads(body) == {
        "model": "sketch", "prompt": "a cube", "n": 2, "image_size": "640x960", "response_format": "b64_json",
        "negative_prompt": "blur", "seed": (2**40 + 5) & 0x7FFFFFFF, "num_inference_steps": 12, "cfg": 3.5,
        "sample_method": "euler", "schedule_method": "normal",
    }  # fmt: skip


async def test_pictures_are_painted_over_by_a_form(desk_for, service, charges):
    order = msgspec.structs.replace(ORDER, image=PIXELS, mask=MASK, strength=0.5)
    path, headers, body = await sent(desk_for("fine", fields=FULL), service, charges, order)
    assert path == "/fine/v1/images/edits"
    assert headers["Content-Type"].startswith("multipart/form-data")
    assert PIXELS in body
    assert b'name="mask"' in body
    assert b'name="strength"' in body


async def test_or_in_json(desk_for, service, charges):
    order = msgspec.structs.replace(ORDER, image=PIXELS)
    fields = {"edits": "", "image": "image"}
    _, _, body = await sent(desk_for("fine", fields=fields), service, charges, order)
    assert json.loads(body)["image"] == "data:image/png;base64," + base64.b64encode(PIXELS).decode()


async def test_chats_get_words_and_pictures(desk_for, service, charges):
    order = msgspec.structs.replace(ORDER, image=PIXELS)
    path, _, body = await sent(desk_for("fine", kind="openai_chat"), service, charges, order)
    said = json.loads(body)
    assert path == "/fine/v1/chat/completions"
    assert said["messages"][0]["content"][0]["text"] == "a cube\nAvoid: blur"
    assert said["messages"][0]["content"][1]["image_url"]["url"].startswith("data:image/png;base64,")
    assert said["image_config"] == {"aspect_ratio": "2:3"}
    assert (charges.told[0].cost, charges.told[0].tokens) == (0.0125, 9)


async def test_a_picture_at_an_address_of_the_service_itself(desk_for, charges):
    picture = await desk_for("linked").draw(msgspec.structs.replace(ORDER, model="any"), charges)
    assert picture.startswith(b"\x89PNG")


async def test_a_picture_at_an_address_inside_the_network_is_not_fetched(desk_for, charges):
    with pytest.raises(ProviderError, match=r"cannot be fetched: 10\.0\.0\.1 is an address of this"):
        await desk_for("inside", tries=1).draw(msgspec.structs.replace(ORDER, model="any"), charges)


async def test_a_redirect_is_not_followed_with_the_key(desk_for, service, charges):
    desk = desk_for("moved", key="KEY", environment={"KEY": "sk-1234567"}, tries=1)
    with pytest.raises(ProviderError, match="status 302"):
        await desk.draw(msgspec.structs.replace(ORDER, model="any"), charges)
    assert len(service.bodies) == 1


async def test_keys_are_shown_to_the_service(desk_for, service, charges):
    desk = desk_for("fine", key="KEY", environment={"KEY": " sk-1234567 "})
    _, headers, _ = await sent(desk, service, charges)
    assert headers["Authorization"] == "Bearer sk-1234567"
    desk = desk_for("fine", key="KEY", environment={"KEY": "user:password"})
    _, headers, _ = await sent(desk, service, charges)
    assert headers["Authorization"] == "Basic " + base64.b64encode(b"user:password").decode()


async def test_a_key_that_is_not_there_is_told_by_its_variable(desk_for, charges):
    with pytest.raises(ProviderError, match="environment variable KEY"):
        await desk_for("fine", key="KEY").draw(ORDER, charges)


async def test_a_key_that_a_service_repeats_is_passed_on_to_nobody(desk_for, service, charges, monkeypatch):
    monkeypatch.setattr(service, "answer", lambda way, path: (401, {}, {"error": {"message": "No: sk-1234567."}}))
    desk = desk_for("fine", key="KEY", environment={"KEY": "sk-1234567"}, tries=1)
    with pytest.raises(ProviderError, match=r"No: \*\*\*") as refused:
        await desk.draw(ORDER, charges)
    assert "sk-1234567" not in str(refused.value)


@pytest.mark.parametrize(
    "answer",
    [{}, [], {"data": []}, {"data": [{}]}, {"data": [3]}, {"data": [{"b64_json": 7}]}, {"images": None}, "text", None],
)
async def test_answers_that_are_none_are_told_as_that(desk_for, service, charges, monkeypatch, answer):
    monkeypatch.setattr(service, "answer", lambda way, path: (200, {}, answer))
    for kind in ("openai_images", "openai_chat", "a1111"):
        with pytest.raises(LimnerError, match="right kind"):
            await desk_for("fine", kind=kind, tries=1).draw(ORDER, charges)


async def test_siliconflows_answer_has_images(desk_for, service, charges, monkeypatch):
    here = service.url("fine").removesuffix("/v1") + "/picture.png"
    monkeypatch.setattr(service, "answer", lambda way, path: (200, {}, {"images": [{"url": here}], "seed": 1}))
    assert (await desk_for("fine").draw(ORDER, charges)).startswith(b"\x89PNG")


async def test_a1111_is_asked_in_its_words(desk_for, service, charges, monkeypatch):
    answer = {"images": [base64.b64encode(PIXELS).decode()]}
    monkeypatch.setattr(service, "answer", lambda way, path: (200, {}, answer))
    order = msgspec.structs.replace(ORDER, image=PIXELS, mask=MASK, strength=0.4)
    path, _, body = await sent(desk_for("fine", kind="a1111"), service, charges, order)
    said = json.loads(body)
    assert path == "/fine/v1/sdapi/v1/img2img"
    assert said["override_settings"] == {"sd_model_checkpoint": "sketch"}
    assert (said["denoising_strength"], said["cfg_scale"], said["scheduler"]) == (0.4, 3.5, "normal")
    assert base64.b64decode(said["mask"].partition(",")[2]) == MASK


@pytest.mark.parametrize(
    ("wanted", "size"),
    [((512, 512), "1024x1024"), ((1600, 900), "1536x1024"), ((600, 900), "1024x1536"), ((1000, 1010), "1024x1024")],
)
def test_the_nearest_size_has_the_nearest_shape(wanted, size):
    assert nearest_size(wanted, ("1024x1024", "1536x1024", "1024x1536")) == size
    assert nearest_size(wanted, ()) == f"{wanted[0]}x{wanted[1]}"


def test_the_nearest_ratio():
    assert [nearest_ratio(*size) for size in ((1920, 1080), (1080, 1920), (500, 510))] == ["16:9", "9:16", "1:1"]


def test_what_is_white_in_a_mask_is_a_hole():
    picture = Image.open(io.BytesIO(holed(MASK)))
    assert picture.mode == "RGBA"
    assert (picture.getpixel((0, 0))[3], picture.getpixel((0, 7))[3]) == (255, 0)
    assert holed(b"") == b""
