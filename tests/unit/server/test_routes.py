"""Paths, methods, headers, lists."""

import json
import re

import pytest


@pytest.mark.parametrize("prefix", ["", "/api"])
@pytest.mark.parametrize(
    "path",
    [
        *("/prompt", "/queue", "/history", "/object_info", "/object_info/KSampler", "/system_stats", "/embeddings"),
        *("/models", "/models/checkpoints", "/extensions", "/features"),
    ],
)
async def test_every_route_is_served_twice_and_to_head(serving, prefix, path):
    answer = await serving.client.get(prefix + path)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert (await serving.client.head(prefix + path)).status == 200


async def test_unknown_paths_and_wrong_methods(serving):
    for path in ("/nothing", "/interrupt", "/free", "/upload/image", "/api/nothing"):
        answer = await serving.client.get(path)
        assert (answer.status, answer.content_type, await answer.read()) == (404, "application/octet-stream", b"")
    wrong = await serving.client.put("/prompt")
    assert (wrong.status, wrong.headers["Allow"], await wrong.text()) == (
        405,
        "GET,HEAD,POST",
        "405: Method Not Allowed",
    )
    unknown = await serving.client.post("/nothing")
    assert (unknown.status, unknown.headers["Allow"]) == (405, "GET,HEAD")
    for path in ("/prompt", "/nothing"):
        answer = await serving.client.options(path)
        assert (answer.status, await answer.read()) == (200, b"")


async def test_ws_without_an_upgrade(serving):
    answer = await serving.client.get("/ws")
    expected = 'No WebSocket UPGRADE hdr: None\n Can "Upgrade" only to "WebSocket".'
    assert (answer.status, await answer.text()) == (400, expected)


async def test_system_stats_have_the_keys_of_the_contract(serving):
    await serving.client.get("/object_info")  # waits for the worker's first catalog; the statistics never wait
    stats = await (await serving.client.get("/system_stats")).json()
    keys = {"os", "ram_total", "ram_free", "comfyui_version", "required_frontend_version", "python_version"}
    assert keys | {"pytorch_version", "embedded_python", "argv"} <= set(stats["system"])
    assert stats["devices"] == [
        {"name": "cpu", "type": "cpu", "index": None, "vram_total": 8, "vram_free": 4, "torch_vram_total": 8,
         "torch_vram_free": 4}
    ]  # fmt: skip


async def test_object_info_is_tagged_and_compressed(serving):
    plain = await serving.client.get("/object_info", headers={"Accept-Encoding": "identity"})
    info = json.loads(await plain.read())
    sampler = info["KSampler"]
    assert sampler["input"]["required"]["sampler_name"] == [["euler", "heun"]]
    assert sampler["input_order"] == {"required": ["seed", "sampler_name", "scheduler"]}
    assert info["PreviewImage"]["input"]["hidden"] == {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"}
    assert set(sampler) == {
        *("input", "input_order", "output", "output_is_list", "output_name", "name", "display_name"),
        *("description", "python_module", "category", "output_node"),
    }
    packed = await serving.client.get("/object_info", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert await packed.json() == info
    tag = {"If-None-Match": plain.headers["ETag"]}
    assert (await serving.client.get("/object_info", headers=tag)).status == 304
    (serving.folders.input / "new.png").write_bytes(b"")
    assert (await serving.client.get("/object_info", headers=tag)).status == 200
    assert await (await serving.client.get("/object_info/Nope")).json() == {}
    assert (await serving.client.get("/object_info/")).status == 200


async def test_model_lists_follow_the_folders(serving):
    root = serving.folders.model_roots[0]

    async def listed():
        return await (await serving.client.get("/models/checkpoints")).json()

    assert await listed() == []
    (root / "checkpoints" / "a.safetensors").write_bytes(b"")
    assert await listed() == ["a.safetensors"]
    (root / "checkpoints" / "sub").mkdir()
    (root / "checkpoints" / "sub" / "b.safetensors").write_bytes(b"")
    assert await listed() == ["a.safetensors", "sub/b.safetensors"]
    (root / "embeddings" / "easy.pt").write_bytes(b"")
    assert await (await serving.client.get("/embeddings")).json() == ["easy"]
    missing = await serving.client.get("/models/nothing")
    assert (missing.status, await missing.read()) == (404, b"")
    folders = await (await serving.client.get("/models")).json()
    assert folders[:3] == ["checkpoints", "configs", "loras"]


async def test_the_front_page_tells_of_every_door_and_its_documents_open(serving):
    text = await (await serving.client.get("/doors")).text()
    assert all(f"{serving.client.make_url(door)}</code>" in text for door in ("/api/v2", "/sdapi/v1", "/v1", "/apps"))
    for path in re.findall(r'href="([^"]+)"', text):
        assert (await serving.client.get(path)).status == 200


async def test_the_front_page_says_what_runs(serving, document):
    reply = await serving.post({"prompt": document("CapSleep", "PreviewImage"), "prompt_id": "<b>x"})
    await serving.running(1)
    page = await serving.client.get("/doors")
    text = await page.text()
    assert page.content_type == "text/html"
    assert "&lt;b&gt;x" in text
    assert "<b>x" not in text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store, must-revalidate"
    assert reply["prompt_id"] == "<b>x"
    serving.worker.gate.set()


async def test_cache_headers_follow_the_path(serving):
    missing = await serving.client.get("/nothing.png")
    assert missing.headers["Cache-Control"] == "public, max-age=3600"
    script = await serving.client.get("/nothing.js")
    assert script.headers["Cache-Control"] == "no-cache"
    (serving.folders.output / "a.png").write_bytes(b"a")
    assert "Cache-Control" not in (await serving.client.get("/view?filename=a.png")).headers
