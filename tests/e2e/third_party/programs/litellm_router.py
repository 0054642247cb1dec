"""LiteLLM: a picture and an edit, and its router that falls back from a provider that is dead to Limner."""

import asyncio
import base64
import io
import os
import socket
import sys

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # else it asks the web for prices
import litellm
from PIL import Image

url = sys.argv[1]
LIMNER = {"model": "openai/limner-mini", "api_base": f"{url}/v1", "api_key": "none"}
SMALL = {"size": "128x128", "extra_body": {"steps": 2, "seed": 3}}


def picture(data):
    return Image.open(io.BytesIO(base64.b64decode(data)))


def dead():
    """A port that nobody listens on."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return place.getsockname()[1]


made = litellm.image_generation(prompt="a red apple", **LIMNER, **SMALL)
assert picture(made.data[0].b64_json).size == (128, 128)
assert made.usage.output_tokens == 16

shown = io.BytesIO()
Image.new("RGB", (128, 128), "red").save(shown, "PNG")
edited = litellm.image_edit(image=[shown.getvalue(), shown.getvalue()], prompt="a rose", **LIMNER)
assert picture(edited.data[0].b64_json).size == (128, 128)

try:
    litellm.image_generation(prompt="x", **{**LIMNER, "model": "openai/nobody"})
    raise SystemExit("a model that is not there drew")
except litellm.NotFoundError as error:
    assert "nobody" in str(error)

told = litellm.completion(messages=[{"role": "user", "content": "an apple"}], size="128x128", steps=2, **LIMNER)
assert "](http" in told.choices[0].message.content

gone = {**LIMNER, "api_base": f"http://127.0.0.1:{dead()}/v1"}
router = litellm.Router(
    model_list=[
        {"model_name": "pictures", "litellm_params": gone},
        {"model_name": "limner", "litellm_params": LIMNER},
    ],
    fallbacks=[{"pictures": ["limner"]}],
    num_retries=1,
    allowed_fails=1,
)


async def routed():
    for _ in range(3):
        made = await router.aimage_generation(model="pictures", prompt="a red apple", **SMALL)
        assert picture(made.data[0].b64_json).size == (128, 128)


asyncio.run(routed())
