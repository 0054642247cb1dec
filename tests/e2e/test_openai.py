"""OpenAI's Images API, as its clients send it, against a whole server that draws with its built-in model."""

import base64
import io
import json
import urllib.error
import urllib.request

import numpy as np
import pytest
from PIL import Image
from tests.e2e.client_play import blank
from tests.e2e.conftest import READY_SECONDS, ROOT, LiveServer
from tests.golden.openai.exchange import exchanges, told

from limner.dialects.pictures import PictureWish
from limner.graph.api_document import to_document

SMALL = {"size": "128x128", "steps": 2, "seed": 3}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One server for all."""
    server = LiveServer(
        tmp_path_factory.mktemp("openai") / "data", "--threads", "1", "--model-alias", "by-alias=app/poster"
    )
    try:
        server.submit(blank())
        yield server
    finally:
        server.close()


def ask(server, path, body, headers=(), method="POST"):
    """Status and body of an answer; bodies are sent without a content type, as some clients do."""
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    request = urllib.request.Request(server.url + path, data, dict(headers), method=method)
    try:
        with urllib.request.urlopen(request, timeout=READY_SECONDS) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def form(fields, files):
    """A multipart body and its header."""
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{text}'.encode() for name, text in fields.items()]
    for name, data in files:
        head = f'Content-Disposition: form-data; name="{name}"; filename="upload"\r\n'
        parts.append(head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + data)
    body = b"".join(b"--edge\r\n" + part + b"\r\n" for part in parts) + b"--edge--\r\n"
    return body, {"Content-Type": "multipart/form-data; boundary=edge"}


def png(picture):
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def opened(entry):
    return Image.open(io.BytesIO(base64.b64decode(entry["b64_json"])))


def test_a_picture_of_the_asked_size_with_all_of_its_usage(server):
    status, body = ask(server, "/v1/images/generations", {"prompt": "a red apple", **SMALL, "size": "256x128"})
    told = json.loads(body)
    assert status == 200, told
    assert opened(told["data"][0]).size == (256, 128)
    assert told["usage"]["total_tokens"] == told["usage"]["input_tokens"] + told["usage"]["output_tokens"]
    assert set(told["usage"]["input_tokens_details"]) == {"text_tokens", "image_tokens"}


def test_each_of_several_pictures_is_what_it_would_be_alone(server):
    _, body = ask(server, "/v1/images/generations", {"prompt": "a frog", **SMALL, "n": 2})
    pair = [np.asarray(opened(entry)) for entry in json.loads(body)["data"]]
    _, body = ask(server, "/openai/v1/images/generations", {"prompt": "a frog", **SMALL, "seed": 4})
    assert np.array_equal(pair[1], np.asarray(opened(json.loads(body)["data"][0])))
    assert not np.array_equal(pair[0], pair[1])


def test_an_address_that_opens_in_the_asked_form(server):
    wanted = {"prompt": "a cat", **SMALL, "model": "dall-e-3", "output_format": "webp"}
    _, body = ask(server, "/v1/images/generations", wanted)
    address = json.loads(body)["data"][0]["url"]
    with urllib.request.urlopen(address) as answer:
        assert answer.headers["Content-Type"] == "image/webp"
        assert Image.open(io.BytesIO(answer.read())).size == (128, 128)


def test_a_stream_ends_with_the_picture_that_a_plain_answer_holds(server):
    wanted = {"prompt": "a tree", **SMALL, "steps": 4}
    _, body = ask(server, "/v1/images/generations", {**wanted, "stream": True, "partial_images": 1})
    events = [json.loads(line[6:]) for line in body.decode().splitlines() if line.startswith("data: ")]
    assert [event["type"] for event in events[-1:]] == ["image_generation.completed"]
    assert all(event["type"] == "image_generation.partial_image" for event in events[:-1])
    assert events[-1]["usage"]["output_tokens"] == 16
    _, plain = ask(server, "/v1/images/generations", wanted)
    assert np.array_equal(np.asarray(opened(events[-1])), np.asarray(opened(json.loads(plain)["data"][0])))


def test_what_a_mask_keeps_stays_to_the_pixel(server):
    origin = Image.fromarray(np.random.default_rng(1).integers(0, 255, (128, 128, 3), dtype=np.uint8))
    mask = Image.new("RGBA", (128, 128), (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (64, 0, 128, 128))
    body, headers = form({"prompt": "a lemon", "steps": "2"}, [("image[]", png(origin)), ("mask", png(mask))])
    status, answer = ask(server, "/v1/images/edits", body, headers.items())
    assert status == 200, answer
    painted = np.asarray(opened(json.loads(answer)["data"][0]))
    assert np.abs(painted[:, :60].astype(int) - np.asarray(origin)[:, :60]).max() <= 1
    assert np.abs(painted[:, 70:].astype(int) - np.asarray(origin)[:, 70:]).mean() > 20


def test_variations(server):
    body, headers = form({"n": "1", "steps": "2"}, [("image", png(Image.new("RGB", (128, 128), (200, 30, 30))))])
    status, answer = ask(server, "/v1/images/variations", body, headers.items())
    assert (status, opened(json.loads(answer)["data"][0]).size) == (200, (128, 128))


def test_models(server):
    _, body = ask(server, "/v1/models", None, method="GET")
    assert [entry["id"] for entry in json.loads(body)["data"]] == ["limner-mini"]
    for modality, count in (("image", 1), ("text", 0)):
        _, body = ask(server, f"/v1/models?output_modalities={modality}", None, method="GET")
        assert len(json.loads(body)["data"]) == count
    assert ask(server, "/v1/models/limner-mini", None, method="GET")[0] == 200
    status, body = ask(server, "/v1/models/vendor/other", None, method="GET")
    assert (status, json.loads(body)["error"]["code"]) == (404, "model_not_found")


RED = "data:image/png;base64," + base64.b64encode(png(Image.new("RGB", (128, 64), (200, 30, 30)))).decode()
MASK = "data:image/png;base64," + base64.b64encode(png(Image.new("RGBA", (128, 64)))).decode()


def test_edits_in_json_and_further_pictures(server):
    wanted = {"prompt": "a rose", "seed": 1, "steps": 2, "images": [{"image_url": RED}, {"image_url": RED}]}
    status, body = ask(server, "/v1/images/edits", wanted)
    assert (status, opened(json.loads(body)["data"][0]).size) == (200, (128, 64)), body
    assert json.loads(body)["usage"]["input_tokens_details"]["image_tokens"] == 16


def test_what_was_made_is_taken_by_its_address(server):
    _, body = ask(server, "/v1/images/generations", {"prompt": "a cat", **SMALL, "response_format": "url"})
    address = json.loads(body)["data"][0]["url"]
    status, body = ask(server, "/v1/images/edits", {"prompt": "a dog", "steps": 2, "image": address})
    assert (status, opened(json.loads(body)["data"][0]).size) == (200, (128, 128)), body


def test_siliconflows_clients(server):
    wanted = {
        "prompt": "a bus",
        "image_size": "128x128",
        "batch_size": 2,
        "num_inference_steps": 2,
        "cfg": 4,
        "seed": 5,
    }
    told = json.loads(ask(server, "/v1/images/generations", wanted)[1])
    assert told["seed"] == 5
    assert told["timings"]["inference"] > 0
    assert len(told["images"]) == len(told["data"]) == 2
    with urllib.request.urlopen(told["images"][1]["url"]) as answer:
        drawn = Image.open(io.BytesIO(answer.read()))
    assert np.array_equal(np.asarray(drawn), np.asarray(opened(told["data"][1])))
    status, body = ask(server, "/v1/images/generations", {**wanted, "batch_size": 1, "image": RED})
    assert (status, opened(json.loads(body)["data"][0]).size) == (200, (128, 128)), body


def test_open_webui(server):
    """Its engine "openai": a picture, one by its address, and one that several are shown to, all with its headers."""
    headers = {"Authorization": "Bearer ", "X-OpenWebUI-User-Name": "ann", "Content-Type": "application/json"}
    asked = {"model": "gpt-image-1", "prompt": "a cat", "n": 1, "size": "64x64", "steps": 2}
    _, body = ask(server, "/v1/images/generations", asked, headers.items())
    shown = base64.b64decode(json.loads(body)["data"][0]["b64_json"])
    _, body = ask(server, "/v1/images/generations", {**asked, "model": "dall-e-2"}, headers.items())
    with urllib.request.urlopen(json.loads(body)["data"][0]["url"]) as answer:
        assert answer.headers["Content-Type"].startswith("image/")
    body, kind = form({"model": "gpt-image-1", "prompt": "a dog", "n": "1", "size": "64x64", "steps": "2"},
                      [("image[]", shown), ("image[]", shown)])  # fmt: skip
    status, body = ask(server, "/v1/images/edits", body, {**headers, **kind}.items())
    assert (status, opened(json.loads(body)["data"][0]).size) == (200, (64, 64)), body


def chat(**more):
    return {"model": "limner-mini", "messages": [{"role": "user", "content": "a red apple"}], **more}


DRAWN = {"image_config": {"image_size": "128x128"}, "seed": 3, "steps": 2}


def test_a_chat_draws_what_the_images_api_draws(server):
    told = json.loads(ask(server, "/v1/chat/completions", chat(modalities=["image", "text"], **DRAWN))[1])
    message = told["choices"][0]["message"]
    picture = message["images"][0]["image_url"]["url"].removeprefix("data:image/png;base64,")
    _, body = ask(server, "/v1/images/generations", {"prompt": "a red apple", **SMALL})
    assert np.array_equal(np.asarray(opened({"b64_json": picture})), np.asarray(opened(json.loads(body)["data"][0])))
    assert message["content"] == "A picture of 128 x 128 pixels by limner-mini, seed 3."
    assert (told["model"], told["provider"], told["usage"]["completion_tokens"]) == ("limner-mini", "Limner", 16)


def test_a_client_that_knows_only_words_is_shown_the_picture(server):
    told = json.loads(ask(server, "/v1/chat/completions", chat(models=["limner-mini"], **DRAWN, model="gone"))[1])
    address = told["choices"][0]["message"]["content"].partition("](")[2].removesuffix(")")
    with urllib.request.urlopen(address) as answer:
        assert Image.open(io.BytesIO(answer.read())).size == (128, 128)


def test_a_chat_paints_over_what_it_is_shown_and_streams(server):
    parts = [{"type": "text", "text": "a rose"}, {"type": "image_url", "image_url": {"url": RED}}]
    body = chat(messages=[{"role": "user", "content": parts}], modalities=["image"], stream=True, steps=2,
                stream_options={"include_usage": True})  # fmt: skip
    _, answer = ask(server, "/v1/chat/completions", body)
    lines = [line[6:] for line in answer.decode().splitlines() if line.startswith("data: ")]
    chunks = [json.loads(line) for line in lines[:-1]]
    assert lines[-1] == "[DONE]"
    (picture,) = [chunk["choices"][0]["delta"]["images"][0] for chunk in chunks if "images" in str(chunk["choices"])]
    address = picture["image_url"]["url"].removeprefix("data:image/png;base64,")
    assert opened({"b64_json": address}).size == (128, 64)
    assert chunks[-1]["usage"]["prompt_tokens_details"]["image_tokens"] == 8


BLACK = png(Image.new("RGB", (64, 64)))
NO_ALPHA = form({"prompt": "x"}, [("image", BLACK), ("mask", BLACK)])


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "code"),
    [
        ("/v1/images/generations", b"{", {}, 400, "invalid_json"),
        ("/v1/images/generations", {"prompt": "x", "model": "none"}, {}, 404, "model_not_found"),
        ("/v1/images/generations", {"prompt": "x", "sampler": "none"}, {}, 400, "value_not_in_list"),
        ("/v1/images/edits", {"prompt": "x"}, {}, 400, "missing_required_parameter"),
        ("/v1/images/edits", *form({"prompt": "x"}, []), 400, "missing_required_parameter"),
        ("/v1/images/edits", *form({"prompt": "x"}, [("image", b"nothing")]), 400, "invalid_image"),
        ("/v1/images/edits", *NO_ALPHA, 400, "invalid_image"),
        ("/v1/images/edits", {"prompt": "x", "image": "http://127.0.0.1:1/x.png"}, {}, 400, "invalid_image"),
        ("/v1/images/edits", {"prompt": "x", "image": "AAAA"}, {}, 400, "invalid_image"),
        ("/v1/images/generations", {"prompt": "x", "background": "transparent"}, {}, 400, "invalid_value"),
        ("/v1/chat/completions", {"messages": []}, {}, 400, "missing_required_parameter"),
        ("/v1/chat/completions", chat(model="none", models=["nobody"]), {}, 404, "model_not_found"),
        ("/v1/models", {}, {}, 405, "method_not_supported"),
        ("/v1/embeddings", {}, {}, 404, "unknown_url"),
        ("/images/generations", {"prompt": "x"}, {}, 404, "unknown_url"),
    ],
)
def test_what_cannot_be_done_is_told_in_their_shape(server, path, body, headers, status, code):
    found, answer = ask(server, path, body, headers.items())
    error = json.loads(answer)["error"]
    assert (found, error["code"]) == (status, code)
    assert error["message"]


@pytest.mark.parametrize("case", exchanges(), ids=lambda case: case["name"])
def test_exchanges_are_answered_as_recorded(server, case):
    assert told(server.url, case) == case["answer"]


@pytest.fixture
def poster(server):
    """An app that draws 128 x 128 pixels in two steps, and has no other size."""
    workflow = json.loads((ROOT / "examples/text-to-image.json").read_text())
    workflow["5"]["inputs"]["steps"] = 2
    server.call("/apps/poster", workflow, method="PUT")
    yield "app/poster"
    server.call("/apps/poster", method="DELETE")


@pytest.fixture
def painted(server):
    """An app that paints pictures over, with inputs for the prompt and the steps."""
    wish = PictureWish(model="limner-mini.safetensors", prompt="{{prompt}}", origin="none.png", width=128, height=128)
    workflow = to_document(wish.graph())
    workflow["walk 1"]["inputs"]["steps"] = "{{steps=2}}"
    server.call("/apps/painted", workflow, method="PUT")
    yield "app/painted"
    server.call("/apps/painted", method="DELETE")


def test_an_app_draws_as_a_model(server, poster):
    models = json.loads(ask(server, "/v1/models", None, method="GET")[1])["data"]
    assert [(entry["id"], entry["owned_by"]) for entry in models[1:]] == [(poster, "app")]
    assert ask(server, f"/v1/models/{poster}", None, method="GET")[0] == 200
    wanted = {"prompt": "a red apple", "seed": 3}
    status, body = ask(server, "/v1/images/generations", {**wanted, "model": poster, "n": 2})
    told = json.loads(body)
    assert (status, told.get("size"), told["usage"]["output_tokens"]) == (200, "128x128", 32)
    pair = [np.asarray(opened(entry)) for entry in told["data"]]
    alone = {**wanted, "model": "by-alias", "seed": 4, "size": "64x128", "quality": "high"}
    _, body = ask(server, "/v1/images/generations", {**alone, "size": "128x128"})
    assert np.array_equal(pair[1], np.asarray(opened(json.loads(body)["data"][0])))
    assert not np.array_equal(pair[0], pair[1])
    _, body = ask(server, "/v1/images/generations", alone)
    assert opened(json.loads(body)["data"][0]).size == (64, 128)


def test_a_repeated_request_to_an_app_gets_the_same_job(server, poster):
    def job():
        data, headers = json.dumps({"prompt": "a hat", "model": poster}).encode(), {"Idempotency-Key": "hat"}
        request = urllib.request.Request(f"{server.url}/v1/images/generations", data, headers)
        with urllib.request.urlopen(request, timeout=READY_SECONDS) as answer:
            return answer.headers["X-Limner-Job"], json.load(answer)["data"]

    assert job() == job()


def test_an_app_draws_in_chats_and_streams(server, poster):
    body = chat(model=poster, modalities=["image", "text"], stream=True, stream_options={"include_usage": True})
    _, answer = ask(server, "/v1/chat/completions", body)
    chunks = [json.loads(line[6:]) for line in answer.decode().splitlines() if line.startswith("data: {")]
    words = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks if chunk["choices"])
    assert words.startswith("A picture of 128 x 128 pixels by app/poster")
    assert (chunks[-1]["model"], chunks[-1]["usage"]["completion_tokens"]) == (poster, 16)
    wanted = {"prompt": "a tree", "model": poster, "stream": True, "partial_images": 1, "output_format": "webp"}
    _, answer = ask(server, "/v1/images/generations", wanted)
    last = [json.loads(line[6:]) for line in answer.decode().splitlines() if line.startswith("data: ")][-1]
    assert (last["type"], last["size"], opened(last).format) == ("image_generation.completed", "128x128", "WEBP")


def test_an_app_paints_what_it_is_shown(server, painted):
    wanted = {"prompt": "a rose", "model": painted, "seed": 1, "steps": 2, "image": RED}
    status, body = ask(server, "/v1/images/edits", wanted)
    told = json.loads(body)
    assert (status, opened(told["data"][0]).size) == (200, (128, 128)), told
    assert told["usage"]["input_tokens_details"]["image_tokens"] == 8
    _, other = ask(server, "/v1/images/edits", {**wanted, "steps": 3})
    assert not np.array_equal(np.asarray(opened(told["data"][0])), np.asarray(opened(json.loads(other)["data"][0])))


@pytest.mark.parametrize(
    ("path", "body", "code", "param"),
    [
        ("generations", {}, "required_input_missing", "image"),
        ("generations", {"image": RED, "steps": 2, "prompt": " "}, "required_input_missing", "prompt"),
        ("edits", {"images": [RED, RED]}, "unknown_input", "image"),
        ("edits", {"image": RED, "mask": MASK}, "unknown_input", "mask"),
    ],
)
def test_what_an_app_cannot_do_is_told_in_their_shape(server, painted, path, body, code, param):
    status, answer = ask(server, f"/v1/images/{path}", {"prompt": "x", "model": painted, **body})
    error = json.loads(answer)["error"]
    assert (status, error["code"], error["param"]) == (400, code, param)
    assert "'painted'" in error["message"]


def test_an_app_without_pictures_takes_none(server, poster):
    status, answer = ask(server, "/v1/images/edits", {"prompt": "x", "model": poster, "image": RED})
    assert (status, json.loads(answer)["error"]["param"]) == (400, "image")
