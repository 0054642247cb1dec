"""Pictures that A1111's clients send, over HTTP."""

import base64
import io

import pytest
from PIL import Image

from limner.dialects.a1111.encoded import picture_text

ROOT = "/sdapi/v1"


def picture(size=(8, 6)):
    buffer = io.BytesIO()
    Image.new("RGB", size).save(buffer, "PNG")
    return picture_text(buffer.getvalue())


async def post(serving, path, **body):
    answer = await serving.client.post(ROOT + path, json=body)
    return answer.status, await answer.json()


async def test_a_picture_without_texts_says_nothing(serving):
    status, told = await post(serving, "/png-info", image=picture())
    assert (status, told["info"], told["items"]) == (200, "", {})
    assert (await post(serving, "/png-info", image="http://x/y"))[0] == 500


async def test_pictures_come_back_without_the_head_of_a_data_uri(serving):
    status, told = await post(serving, "/extra-single-image", image=f"data:image/png;base64,{picture()}")
    assert status == 200
    assert Image.open(io.BytesIO(base64.b64decode(told["image"]))).format == "PNG"
    several = [{"data": picture(), "name": "a"}, {"data": picture((4, 4)), "name": "b"}]
    status, told = await post(serving, "/extra-batch-images", imageList=several)
    assert (status, len(told["images"])) == (200, 2)


async def test_the_format_follows_the_options(serving):
    await serving.client.post(f"{ROOT}/options", json={"samples_format": "jpg"})
    _, told = await post(serving, "/extra-single-image", image=picture())
    assert Image.open(io.BytesIO(base64.b64decode(told["image"]))).format == "JPEG"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/extra-single-image", {"image": "x"}, 500),
        ("/extra-single-image", {"image": picture(), "upscaler_1": "none such"}, 422),
        ("/extra-batch-images", {"imageList": []}, 422),
        ("/extra-batch-images", {}, 422),
        ("/interrogate", {"image": picture()}, 404),
        ("/interrogate", {"image": picture(), "model": "other"}, 404),
    ],
)
async def test_what_cannot_be_done_is_told(serving, path, body, status):
    told = await post(serving, path, **body)
    assert told[0] == status
    assert told[1]["detail"]
