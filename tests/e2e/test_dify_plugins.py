"""What Dify's plugins for A1111 and OpenAI and its HTTP nodes send, with nothing but the address changed.

Its ComfyUI plugin, today's and the older ones, is played in ``test_real_clients.py``.
"""

import base64
import io
import json
import random
import re
import string

import aiohttp
import pytest
from PIL import Image
from tests.e2e.client_play import blank, client, painting, red
from tests.e2e.conftest import LiveServer

pytestmark = pytest.mark.slow

MODEL = "limner-mini"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = LiveServer(tmp_path_factory.mktemp("dify") / "data", "--substitute", "--threads", "1")
    try:
        running.wait(running.submit(blank()))
        yield running
    finally:
        running.close()


def opened(text):
    """A picture from plain base64: no data URI before it."""
    return Image.open(io.BytesIO(base64.b64decode(text, validate=True)))


async def test_stable_diffusion(server):
    async with client(server) as dify:
        models = await dify.get("/sdapi/v1/sd-models", timeout=aiohttp.ClientTimeout(total=10))
        assert MODEL in [entry["model_name"] for entry in models]
        assert "DPM++ 2M" in [entry["name"] for entry in await dify.get("/sdapi/v1/samplers")]
        await dify.post("/sdapi/v1/options", {"sd_model_checkpoint": MODEL})
        body = {
            "prompt": "a red apple",
            "negative_prompt": "",
            "model": "",
            "lora": "",
            "override_settings": {"sd_model_checkpoint": ""},
            "override_settings_restore_afterwards": True,
            "refiner_checkpoint": "",
            "refiner_switch_at": 0,
            "sampler_name": "DPM++ 2M",
            "scheduler": "Automatic",
            "seed": -1,
            "subseed": -1,
            "steps": 3,
            "cfg_scale": 7,
            "width": 128,
            "height": 128,
            "n_iter": 1,
            "batch_size": 1,
            "hr_scale": 2,
            "denoising_strength": 0,
            "script_name": "",
            "script_args": [],
            "alwayson_scripts": {},
            "send_images": True,
            "save_images": False,
        }
        painted = await dify.post("/sdapi/v1/txt2img", body)
        assert opened(painted["images"][0]).size == (128, 128)
        over = {**body, "init_images": [base64.b64encode(red()).decode()], "denoising_strength": 0.9}
        assert opened((await dify.post("/sdapi/v1/img2img", over))["images"][0]).size == (128, 128)


@pytest.mark.parametrize("key", ["", "None", "sk-anything"])
async def test_openai_checks_its_credentials(server, key):
    async with client(server, Authorization=f"Bearer {key}") as dify:
        answer = await dify.get("/v1/models")
        assert answer["object"] == "list"
        assert {"id", "object", "created", "owned_by"} <= set(answer["data"][0])


@pytest.mark.parametrize("model", ["gpt-image-1", "gpt-image-1-mini", "gpt-image-2"])
async def test_gpt_image_reads_every_number_of_the_usage(server, model):
    wish = {"model": model, "prompt": "a red apple", "n": 1, "size": "128x128", "quality": "low", "background": "auto"}
    async with client(server) as dify:
        answer = await dify.post("/v1/images/generations", wish, Content_Type="application/json")
        assert opened(answer["data"][0]["b64_json"]).size == (128, 128)
        usage = answer["usage"]
        numbers = [usage["total_tokens"], usage["input_tokens"], usage["output_tokens"]]
        numbers += [usage["input_tokens_details"]["text_tokens"], usage["input_tokens_details"]["image_tokens"]]
        assert all(isinstance(number, int) for number in numbers)
        form = aiohttp.FormData({"model": model, "prompt": "a green apple", "size": "128x128", "quality": "low"})
        for _ in range(2):
            form.add_field("image[]", red(), filename="upload", content_type="application/octet-stream")
        async with dify.session.post("/v1/images/edits", data=form) as reply:
            answer = await reply.json()
        assert opened(answer["data"][0]["b64_json"]).size == (128, 128)


async def test_dall_e_reads_an_address(server):
    wish = {"model": "dall-e-3", "prompt": "a red apple", "size": "128x128", "quality": "standard", "style": "vivid"}
    async with client(server) as dify:
        answer = await dify.post("/v1/images/generations", wish, Content_Type="application/json")
        async with dify.session.get(answer["data"][0]["url"]) as reply:
            assert reply.headers["Content-Type"] == "image/png"


async def test_azure_s_seed_is_a_word(server):
    seed = "".join(random.choices(string.ascii_letters, k=8))
    wish = {"prompt": "a red apple", "n": 1, "size": "128x128", "response_format": "b64_json", "seed": seed, "steps": 3}
    path = "/openai/deployments/dall-e-3/images/generations?api-version=2024-02-01"
    async with client(server, **{"api-key": "anything"}) as dify:
        first, second = [await dify.post(path, wish, Content_Type="application/json") for _ in range(2)]
    assert opened(first["data"][0]["b64_json"]).tobytes() == opened(second["data"][0]["b64_json"]).tobytes()


async def test_gpustack_asks_for_no_form_and_reads_base64(server):
    walk = {"sample_method": "euler", "sampling_steps": 3, "schedule_method": "normal", "cfg_scale": 5, "guidance": 3.5}
    wish = {"model": MODEL, "prompt": "a red apple", "negative_prompt": "dark", "size": "128x128", "seed": None, **walk}
    async with client(server) as dify:
        answer = await dify.post("/v1/images/generations", wish, Content_Type="application/json")
        assert opened(answer["data"][0]["b64_json"]).size == (128, 128)


def code_node(body):
    """The node after the request, as people write it: a picture in Markdown."""
    data = json.loads(body)
    return f"![{data['filename']}]({data['etag']})"


async def test_the_request_that_people_put_before_bizyair(server):
    form = aiohttp.FormData({"prompt": "a red apple", "seed": "7", "idx": "1"})
    form.add_field("workflowfile", json.dumps(painting(1)), filename="w.json", content_type="application/json")
    async with client(server) as dify:
        async with dify.session.post("/comfyui_bizyairapi/", data=form) as reply:
            body = await reply.text()
        assert reply.status == 200, body
        name, address = re.fullmatch(r"!\[(1_7_\d{14}\.png)\]\((.+)\)", code_node(body)).groups()
        async with dify.session.get(address) as reply:
            assert reply.status == 200
            assert Image.open(io.BytesIO(await reply.read())).size == (128, 128)
    assert name in body
