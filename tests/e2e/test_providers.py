"""Other services behind a whole server: three of them behind one name, and another Limner behind every door."""

import base64
import concurrent.futures
import io
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from PIL import Image
from prometheus_client.parser import text_string_to_metric_families
from tests.e2e.conftest import ROOT, LiveServer
from tests.picture_service import PictureService, until

CANARY = "sk-canary-3141592653589793"
"""A key that must be found nowhere but in what the service receives."""

PROVIDERS = """
providers:
  slow: {{kind: openai_images, base_url: "{slow}", models: [sketch], timeout: 0.3, price: {{image: 0.01}}}}
  bad: {{kind: openai_images, base_url: "{bad}", models: [sketch], price: {{image: 0.02}}}}
  fine:
    kind: openai_images
    base_url: "{fine}"
    key: FINE_KEY
    models: {{sketch: {{price: {{image: 0.04}}}}, photo: }}
  chat: {{kind: openai_chat, base_url: "{fine}", models: [painter]}}
  near: {{preset: limner, base_url: "{near}", price: {{second: 0.001, currency: EUR}}}}
  automatic: {{kind: a1111, base_url: "{near}"}}
models:
  any-sketch: {{route: order, targets: [slow/sketch, bad/sketch, fine/sketch]}}
"""


@pytest.fixture(scope="module")
def service():
    with PictureService() as service:
        yield service


@pytest.fixture(scope="module")
def near(tmp_path_factory):
    """Another Limner."""
    server = LiveServer(tmp_path_factory.mktemp("near") / "data")
    yield server
    server.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory, service, near):
    """The server that has all of them behind it."""
    data = tmp_path_factory.mktemp("front") / "data"
    data.mkdir()
    urls = {way: service.url(way) for way in ("slow", "bad", "fine")}
    (data / "providers.yaml").write_text(PROVIDERS.format(**urls, near=near.url))
    os.environ["FINE_KEY"] = CANARY
    try:
        server = LiveServer(data, "--concurrency", "8")
    finally:
        del os.environ["FINE_KEY"]
    server.submit({"1": {"class_type": "PreviewAny", "inputs": {"source": "up"}}})
    until(lambda: {"near/limner-mini.safetensors"} <= set(server.call("/providers/models")), 60)
    yield server
    server.close()


def drawn(server, model, **fields):
    """A picture by OpenAI's API."""
    body = {"model": model, "prompt": "a red cube", "size": "128x128", "steps": 2, **fields}
    return server.call("/v1/images/generations", body)


def pixels_of(text):
    """The pixels of a picture that came as Base64."""
    return Image.open(io.BytesIO(base64.b64decode(text))).convert("RGB").tobytes()


def figure(server, name, **labels):
    """A figure of ``/metrics``."""
    with urllib.request.urlopen(f"{server.url}/metrics") as answer:
        families = text_string_to_metric_families(answer.read().decode())
    samples = [sample for family in families for sample in family.samples if sample.name == name]
    return sum(sample.value for sample in samples if labels.items() <= sample.labels.items())


def test_a_hundred_requests_succeed_though_one_service_is_slow_and_one_broken(server, service):
    began, before = time.monotonic(), service.asked["fine"]
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda seed: drawn(server, "any-sketch", seed=seed), range(100)))
    assert time.monotonic() - began < 60
    assert all(len(answer["data"]) == 1 for answer in answers)
    assert service.asked["fine"] - before == 100
    assert {answer["usage"]["cost"] for answer in answers} == {0.04}
    assert 1 <= service.asked["slow"] < 30, "a slow service is left alone after a while"
    assert 1 <= service.asked["bad"] < 30, "and so is a broken one"

    assert figure(server, "limner_provider_requests_total", provider="fine", model="sketch", outcome="ok") == 100
    assert figure(server, "limner_provider_requests_total", provider="slow", outcome="failed") >= 1
    assert figure(server, "limner_provider_requests_total", provider="bad", outcome="failed") >= 1
    assert figure(server, "limner_provider_seconds_count", provider="fine", model="sketch") == 100
    assert figure(server, "limner_provider_cost_total", provider="fine", model="sketch") == pytest.approx(4.0)

    command = [sys.executable, "-m", "limner", "usage", "--data", str(server.data), "--by", "model", "--json"]
    told = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT / "src")}
    )
    usage = {entry["name"]: entry for entry in json.loads(told.stdout)}
    fine = usage["fine/sketch"]
    assert (fine["requests"], fine["images"], fine["failures"]) == (100, 100, 0)
    assert fine["cost"] == {"USD": pytest.approx(4.0)}
    assert fine["latency"]["p50"] > 0
    assert usage["bad/sketch"]["failures"] == usage["bad/sketch"]["requests"] > 0
    assert {entry["name"] for entry in server.call("/usage?by=model")["usage"]} >= {"fine/sketch", "bad/sketch"}
    assert [entry["name"] for entry in server.call("/usage?by=owner&since=1h")["usage"]] == ["default"]


def test_what_cannot_be_summed_is_refused(server):
    for query in ("by=colour", "since=yesterday"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            server.call(f"/usage?{query}")
        assert refused.value.code == 400
        refused.value.close()


def test_keys_reach_the_service_and_nothing_else(server, service):
    answer = drawn(server, "fine/photo", seed=5)
    assert any(CANARY in headers.get("Authorization", "") for _, headers, _ in service.bodies)
    job = server.call("/history?max_items=1")
    image = next(iter(next(iter(job.values()))["outputs"].values()))["images"][0]
    written = [server.view(image), json.dumps(answer).encode(), json.dumps(server.call("/history")).encode()]
    written += [json.dumps(server.call(path)).encode() for path in ("/object_info", "/usage", "/v1/models")]
    written += [path.read_bytes() for path in server.data.rglob("*") if path.is_file()]
    written.append((server.data.parent / f"{server.data.name}.log").read_bytes())
    written.append(json.dumps(server.call("/internal/logs/raw")).encode())
    assert not any(CANARY.encode() in content for content in written)


def test_every_door_lists_the_models_of_services(server):
    checkpoints = server.call("/object_info/CheckpointLoaderSimple")["CheckpointLoaderSimple"]
    listed = checkpoints["input"]["required"]["ckpt_name"][0]
    assert {"any-sketch", "fine/photo", "near/limner-mini.safetensors", "chat/painter"} <= set(listed)
    assert {"any-sketch", "fine/photo"} <= {model["id"] for model in server.call("/v1/models")["data"]}
    assert {"any-sketch", "fine/photo"} <= {model["title"] for model in server.call("/sdapi/v1/sd-models")}


def test_a1111s_door_draws_with_services(server, service):
    asked = {"prompt": "a cube", "width": 128, "height": 64, "steps": 3, "seed": 1, "cfg_scale": 4}
    body = asked | {"override_settings": {"sd_model_checkpoint": "fine/photo"}}
    assert len(server.call("/sdapi/v1/txt2img", body)["images"]) == 1
    path, _, sent = service.bodies[-1]
    assert path == "/fine/v1/images/generations"
    assert json.loads(sent) == {"model": "photo", "prompt": "a cube", "n": 1, "size": "128x64"}
    body = asked | {"override_settings": {"sd_model_checkpoint": "near/limner-mini"}}
    there, here = (server.call("/sdapi/v1/txt2img", sent)["images"][0] for sent in (body, asked))
    assert pixels_of(there) == pixels_of(here)


def test_a_plain_workflow_with_a_services_model_is_drawn_there(server, service, workflow):
    for node in workflow.values():
        match node["class_type"]:
            case "CheckpointLoaderSimple":
                node["inputs"]["ckpt_name"] = "chat/painter"
            case "EmptyLatentImage":
                node["inputs"] |= {"width": 128, "height": 128, "batch_size": 2}
            case _:
                pass
    images = next(iter(server.wait(server.submit(workflow))["outputs"].values()))["images"]
    assert len(images) == 2
    assert Image.open(io.BytesIO(server.view(images[0]))).size == (48, 32)
    path, _, sent = service.bodies[-1]
    assert path == "/fine/v1/chat/completions"
    assert json.loads(sent)["modalities"] == ["image", "text"]
    usage = {entry["name"]: entry for entry in server.call("/usage")["usage"]}
    assert usage["chat"]["cost"] == {"USD": pytest.approx(0.025)}
    assert usage["chat"]["tokens"] == 18


def test_the_picture_of_another_limner_is_the_one_that_is_drawn_here(server):
    def pixels(model):
        return pixels_of(drawn(server, model, seed=7, response_format="b64_json")["data"][0]["b64_json"])

    here = pixels("limner-mini")
    assert pixels("near/limner-mini") == here, "the whole graph runs there"
    assert pixels("automatic/limner-mini") != b""


def test_a_whole_graph_runs_elsewhere_under_the_same_node_ids(server, near, quick):
    before = len(near.call("/history"))
    entry = server.wait(server.submit(quick, extra_data={"provider": "near"}))
    (image,) = entry["outputs"]["2"]["images"]
    assert entry["status"]["status_str"] == "success"
    assert entry["prompt"][2] == quick
    assert Image.open(io.BytesIO(server.view(image))).size == (64, 48)
    assert len(near.call("/history")) == before + 1


def test_a_graph_that_the_service_cannot_run_is_refused_before_it_is_queued(server, quick):
    quick["1"]["class_type"] = "NobodyHasThis"
    with pytest.raises(RuntimeError, match="missing_node_type"):
        server.submit(quick, extra_data={"provider": "near"})
    with pytest.raises(RuntimeError, match="services that do: near"):
        server.submit(quick, extra_data={"provider": "fine"})


def test_input_pictures_are_sent_along(server):
    picture = io.BytesIO()
    Image.new("RGB", (40, 24), (10, 200, 30)).save(picture, "PNG")
    (server.data / "input" / "green.png").write_bytes(picture.getvalue())
    graph = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "green.png"}},
        "2": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}},
        "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "inverted"}},
    }
    entry = server.wait(server.submit(graph, extra_data={"provider": "near"}))
    found = Image.open(io.BytesIO(server.view(entry["outputs"]["3"]["images"][0]))).convert("RGB")
    assert found.getpixel((3, 3)) == pytest.approx((245, 55, 225), abs=1)


def walked(**changed):
    """A picture by the built-in model, with some of its nodes replaced."""
    model = "limner-mini.safetensors"
    walk = {"seed": 3, "steps": 2, "cfg": 2.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0}
    texts = {"positive": ["text", 0], "negative": ["text", 0]}
    return {
        "model": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": model}},
        "text": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["model", 1], "text": "a red cube"}},
        "latent": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
        "walk": {
            "class_type": "KSampler",
            "inputs": {"model": ["model", 0], "latent_image": ["latent", 0]} | texts | walk,
        },
        "decoded": {"class_type": "VAEDecode", "inputs": {"samples": ["walk", 0], "vae": ["model", 2]}},
        "saved": {"class_type": "SaveImage", "inputs": {"images": ["decoded", 0], "filename_prefix": "step"}},
    } | changed


def test_single_steps_that_another_limner_computes_give_what_they_would_here(server):
    def pixels(**changed):
        outputs = server.wait(server.submit(walked(**changed)))["outputs"]
        return Image.open(io.BytesIO(server.view(outputs["saved"]["images"][0]))).convert("RGB").tobytes()

    there = {"provider": "near", "model": "limner-mini.safetensors"}
    text = {"class_type": "EncodeTextElsewhere", "inputs": there | {"text": "a red cube"}}
    decoded = {"class_type": "DecodeElsewhere", "inputs": there | {"samples": ["walk", 0]}}
    here = pixels()
    assert pixels(text=text) == here
    assert pixels(decoded=decoded) == here
    again = {"class_type": "EncodeElsewhere", "inputs": there | {"pixels": ["decoded", 0]}}
    last = {"class_type": "VAEDecode", "inputs": {"samples": ["again", 0], "vae": ["model", 2]}}
    saved = walked()["saved"]["inputs"] | {"images": ["last", 0]}
    ours = {"class_type": "VAEEncode", "inputs": {"pixels": ["decoded", 0], "vae": ["model", 2]}}
    ends = {"last": last, "saved": {"class_type": "SaveImage", "inputs": saved}}
    assert pixels(again=again, **ends) == pixels(again=ours, **ends)


def test_a_graph_that_runs_elsewhere_can_be_stopped(server, near):
    waits = {
        "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "near/limner-mini.safetensors"}},
        "2": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["1", 1], "text": "x"}},
        "3": {"class_type": "EmptyLatentImage", "inputs": {"width": 256, "height": 256, "batch_size": 1}},
        "4": {
            "class_type": "KSampler",
            "inputs": {
                "model": ["1", 0], "positive": ["2", 0], "negative": ["2", 0], "latent_image": ["3", 0], "seed": 1,
                "steps": 5000, "cfg": 2.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0,
            },
        },
        "5": {"class_type": "VAEDecode", "inputs": {"samples": ["4", 0], "vae": ["1", 2]}},
        "6": {"class_type": "SaveImage", "inputs": {"images": ["5", 0], "filename_prefix": "never"}},
    }  # fmt: skip
    job = server.submit(waits)
    until(lambda: near.call("/queue")["queue_running"], 60)
    server.call("/interrupt", {"prompt_id": job})
    entry = server.wait(job, 30)
    assert entry["status"]["messages"][-1][0] == "execution_interrupted"
    until(lambda: not near.call("/queue")["queue_running"], 30)
