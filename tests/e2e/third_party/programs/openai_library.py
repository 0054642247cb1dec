"""OpenAI's own library: pictures, edits, variations, streams, models, refusals, chats, Azure's form."""

import asyncio
import base64
import io
import sys
import urllib.request

import openai
from openai import AsyncOpenAI, AzureOpenAI, OpenAI
from PIL import Image

url = sys.argv[1]
client = OpenAI(base_url=f"{url}/v1", api_key="none")
SIZE = {"size": "128x128", "extra_body": {"steps": 2, "seed": 3}}


def picture(data):
    return Image.open(io.BytesIO(base64.b64decode(data)))


def png(colour, alpha=None):
    image = Image.new("RGB", (128, 128), colour)
    if alpha is not None:
        image.putalpha(alpha)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


assert [model.id for model in client.models.list()] == ["limner-mini"]
assert client.models.retrieve("limner-mini").id == "limner-mini"

made = client.images.generate(model="gpt-image-1", prompt="a red apple", n=2, **SIZE)
assert [picture(one.b64_json).size for one in made.data] == [(128, 128)] * 2
assert made.usage.input_tokens_details.text_tokens and made.usage.output_tokens == 32
old = client.images.generate(model="dall-e-3", prompt="a red apple", response_format="url", **SIZE)
with urllib.request.urlopen(old.data[0].url) as answer:
    assert answer.headers["Content-Type"] == "image/png"

hole = Image.new("L", (128, 128), 255)
hole.paste(0, (64, 0, 128, 128))
files = [png("red"), png("blue")]
edited = client.images.edit(image=files, mask=png("black", hole), prompt="a rose", extra_body={"steps": 2})
assert picture(edited.data[0].b64_json).getpixel((5, 5))[:3] == (255, 0, 0)
varied = client.images.create_variation(image=png("green"), size="256x256", extra_body={"steps": 2})
assert picture(varied.data[0].b64_json).size == (256, 256)

for stream, kind in (
    (client.images.generate(prompt="a tree", stream=True, partial_images=2, **SIZE), "image_generation"),
    (client.images.edit(image=png("red"), prompt="x", stream=True, extra_body={"steps": 2}), "image_edit"),
):
    events = list(stream)
    assert events[-1].type == f"{kind}.completed" and picture(events[-1].b64_json).size == (128, 128)
    assert events[-1].usage.total_tokens

body = {"modalities": ["image", "text"], "image_config": {"image_size": "128x128"}, "steps": 2}
asked = {"model": "limner-mini", "messages": [{"role": "user", "content": "a red apple"}], "extra_body": body}
told = client.chat.completions.create(**asked)
assert told.choices[0].message.images[0]["image_url"]["url"].startswith("data:image/png;base64,")
assert told.usage.total_tokens and told.choices[0].finish_reason == "stop"
chunks = list(client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True}))
assert any(getattr(chunk.choices[0].delta, "images", None) for chunk in chunks if chunk.choices)
assert chunks[-1].usage.completion_tokens

for wanted, kind in (
    ({"model": "nobody", "prompt": "x"}, openai.NotFoundError),
    ({"prompt": "x", "size": "9x9"}, openai.BadRequestError),
    ({"prompt": "x", "background": "transparent"}, openai.BadRequestError),
):
    try:
        client.images.generate(**wanted)
        raise SystemExit(f"{wanted} was drawn")
    except kind as error:
        assert error.code and error.request_id, error

azure = AzureOpenAI(azure_endpoint=url, api_key="none", api_version="2025-04-01-preview")
assert picture(azure.images.generate(model="limner-mini", prompt="x", **SIZE).data[0].b64_json)


async def many():
    async with AsyncOpenAI(base_url=f"{url}/openai/v1", api_key="none") as asking:
        made = [asking.images.generate(prompt=f"number {number}", **SIZE) for number in range(6)]
        assert len({one.data[0].b64_json for one in await asyncio.gather(*made)}) == 6


asyncio.run(many())
