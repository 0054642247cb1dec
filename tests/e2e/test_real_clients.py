"""What clients in the field send, byte for byte where it matters, against one running server.

Each test plays one client: the order of its calls, its odd headers and bodies, and what it reads of the answers. The
clients themselves run in ``third_party/``.
"""

import asyncio
import io
import json
import time
import uuid

import aiohttp
import psutil
import pytest
from PIL import Image
from tests.e2e.client_play import SECONDS, blank, client, failing, painting, red, types, until_null
from tests.e2e.conftest import ROOT, LiveServer

FORM = "application/x-www-form-urlencoded"
NOTHING: dict[str, str] = {}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = LiveServer(tmp_path_factory.mktemp("clients") / "data", "--substitute", "--threads", "1")
    try:
        running.wait(running.submit(blank()))
        yield running
    finally:
        running.close()


# client, method, path, headers, body, status, what the JSON holds (a key, or None: not looked at)
REQUESTS = [
    ("scripts", "POST", "/prompt", {"Content-Type": FORM}, {"prompt": blank()}, 200, "prompt_id"),
    ("SillyTavern", "POST", "/prompt", {"Content-Type": "text/plain"}, {"prompt": blank()}, 200, "prompt_id"),
    ("Dify", "POST", "/prompt", NOTHING, {"prompt": blank(), "extra_data": {"api_key_comfy_org": None}}, 200, "number"),
    ("Dify", "POST", "/prompt", NOTHING, {"prompt": blank(), "extra_data": {"api_key_comfy_org": ""}}, 200, "number"),
    ("Open WebUI", "GET", "/object_info", {"Authorization": "Bearer "}, None, 200, "SaveImage"),
    ("Dify", "GET", "/models", {"Authorization": "Bearer None"}, None, 200, "loras"),
    ("webuiapi", "GET", "/system_stats", {"Authorization": "Basic "}, None, 200, "devices"),
    ("webuiapi", "GET", "/system_stats", {"Authorization": "Basic Og=="}, None, 200, "devices"),
    ("any", "GET", "/system_stats", {"Authorization": ""}, None, 200, "system"),
    ("comfyui-sdk", "GET", "/object_info/", {"Comfy-User": "someone"}, None, 200, "KSampler"),
    ("comfyui-sdk", "GET", "/prompt", NOTHING, None, 200, "exec_info"),
    ("comfyui-sdk", "POST", "/prompt", NOTHING, {"prompt": blank(), "front": True, "number": -1}, 200, "number"),
    ("MCP", "GET", "/object_info/CheckpointLoaderSimple", NOTHING, None, 200, "CheckpointLoaderSimple"),
    ("MCP", "GET", "/object_info/NobodyKnowsIt", NOTHING, None, 200, None),
    ("comfy-pack", "GET", "/api/object_info", NOTHING, None, 200, "KSampler"),
    ("comfy-cli", "GET", "/history", NOTHING, None, 200, None),
    ("RunPod", "GET", "/", NOTHING, None, 200, None),
    ("SwarmUI", "GET", "/features", NOTHING, None, 200, "supports_preview_metadata"),
    ("SwarmUI", "POST", "/interrupt", {"Content-Type": "text/plain"}, {}, 200, None),
    ("SwarmUI", "POST", "/free", {"Content-Type": "text/plain"}, {"unload_models": False}, 200, None),
    ("cog", "POST", "/interrupt", NOTHING, b"", 200, None),
    ("cog", "POST", "/queue", {"Content-Type": FORM}, {"clear": True}, 200, None),
    ("krita", "GET", "/api/etn/languages", NOTHING, None, 404, None),
    ("krita", "GET", "/api/etn/model_info/checkpoints?offset=0&limit=100", NOTHING, None, 404, None),
    ("krita", "GET", "/api/etn/model_info", NOTHING, None, 404, None),
    ("seed 4", "GET", "/embeddings", NOTHING, None, 200, None),
    ("seed 4", "GET", "/extensions", NOTHING, None, 200, None),
    ("seed 4", "GET", "/users", NOTHING, None, 200, "storage"),
    ("seed 4", "GET", "/settings", NOTHING, None, 200, None),
    ("seed 4", "POST", "/settings/A.b", {"Content-Type": "application/json"}, True, 200, None),
    ("seed 4", "GET", "/settings/A.b", NOTHING, None, 200, None),
    ("seed 4", "POST", "/userdata/workflows%2Fa.json", NOTHING, {"a": 1}, 200, None),
    ("seed 4", "GET", "/userdata/workflows%2Fa.json", NOTHING, None, 200, "a"),
    ("seed 4", "GET", "/view_metadata/checkpoints?filename=nothing.safetensors", NOTHING, None, 404, None),
]


async def test_requests_as_clients_word_them(server):
    async with client(server) as asking:
        for who, method, path, headers, body, status, key in REQUESTS:
            data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
            skipped = () if "Content-Type" in headers else ("Content-Type",)
            url = asking.session._build_url(path) if "%" not in path else server.url + path
            async with (
                aiohttp.ClientSession() as plain,
                plain.request(method, url, data=data, headers=headers, skip_auto_headers=skipped) as answer,
            ):
                content = await answer.read()
            assert answer.status == status, (who, method, path, answer.status, content[:300])
            assert key is None or key in json.loads(content), (who, method, path, content[:300])


async def test_dify_today(server):
    async with client(server) as dify:
        async with dify.session.ws_connect("/ws?clientId=test123"):
            pass  # its check of the credentials closes at once
        lists = {folder: await dify.get(f"/models/{folder}") for folder in await dify.get("/models")}
        assert all(isinstance(name, str) for names in lists.values() for name in names)
        assert all("input_order" in facts for facts in (await dify.get("/object_info")).values())
        sampler = (await dify.get("/object_info/KSampler"))["KSampler"]["input"]["required"]
        assert "euler" in sampler["sampler_name"][0]
        assert "karras" in sampler["scheduler"][0]
        for _ in range(2):
            form = aiohttp.FormData()
            form.add_field("image", red(), filename="dify.png", content_type="image/png")
            form.add_field("overwrite", b"true", filename="overwrite")  # a file part, not a text
            async with dify.session.post("/upload/image", data=form) as answer:
                uploaded = await answer.json()
            assert {key: uploaded[key] for key in ("name", "subfolder", "type")} == {
                "name": "dify.png",
                "subfolder": "",
                "type": "input",
            }
        graph = blank()
        graph["1"] = {"class_type": "LoadImage", "inputs": {"image": "dify.png"}}
        for wanted, outcome in ((graph, "success"), (failing(), "error")):
            name = str(uuid.uuid4())
            async with dify.session.ws_connect(f"/ws?clientId={name}") as socket:
                extra = {"api_key_comfy_org": None}
                job = (await dify.post("/prompt", {"client_id": name, "prompt": wanted, "extra_data": extra}))[
                    "prompt_id"
                ]
                frames = await until_null(socket, job)
            found = await dify.get(f"/history?prompt_id={job}")
            assert list(found) == [job]
            assert found[job]["status"]["status_str"] == outcome
            assert ("execution_error" in types(frames)) == (outcome == "error")
        refused = await dify.post("/prompt", {"prompt": {"1": {"class_type": "KSampler", "inputs": {}}}}, 400)
        assert refused["error"]


async def test_what_dify_converts(server):
    """Its conversion keeps only what it understood; what is missing is named."""
    graph = blank()
    del graph["1"]["inputs"]["height"]
    async with client(server) as dify:
        refused = await dify.post("/prompt", {"prompt": graph}, 400)
        (error,) = refused["node_errors"]["1"]["errors"]
        assert error["type"] == "required_input_missing"
        assert "height" in error["details"]
        saved = json.loads((ROOT / "tests/golden/workflows/SD1.5_text2image_vae-ft-mse-840000.json").read_text())
        for node in saved["nodes"]:
            if node["type"] == "EmptyLatentImage":
                node["widgets_values"] = [128, 128, 1]
        accepted = await dify.post("/prompt", {"prompt": saved})
        assert accepted["node_errors"] == {}
        assert (await dify.history(accepted["prompt_id"]))["status"]["completed"]


async def test_dify_of_old(server):
    """It posts first, opens its socket later, and takes a first status of 0 for the end."""
    async with client(server) as dify:
        graph = painting(seed=10**15 - 1)
        graph["6"]["inputs"]["text"] = "{{positive_prompt}}"
        for delay in (0.0, 0.3):
            name = str(uuid.uuid4())
            job = (await dify.post("/prompt", {"client_id": name, "prompt": graph}))["prompt_id"]
            await asyncio.sleep(delay)
            async with dify.session.ws_connect(f"/ws?clientId={name}") as socket:
                first = json.loads((await socket.receive(SECONDS)).data)
                assert first["data"]["sid"] == name
                if first["data"]["status"]["exec_info"]["queue_remaining"] == 0:
                    assert (await dify.get(f"/history/{job}"))[job]["status"]["completed"]
                assert "execution_success" in types(await until_null(socket, job))


async def test_scripts_with_pictures_on_the_socket(server):
    graph = painting(seed=2**64 - 1)
    del graph["9"]
    graph["save_image_websocket_node"] = {"class_type": "SaveImageWebsocket", "inputs": {"images": ["8", 0]}}
    async with client(server) as script, script.session.ws_connect("/ws?clientId=script") as socket:
        job = (await script.post("/prompt", {"client_id": "script", "prompt": graph}, Content_Type=FORM))["prompt_id"]
        frames = await until_null(socket, job)
    pictures, node = [], None
    for frame in frames:
        if isinstance(frame, bytes):
            assert node == "save_image_websocket_node"
            pictures.append(frame)
        elif frame["type"] == "executing":
            node = frame["data"]["node"]
    (picture,) = pictures
    assert picture[:8] == b"\0\0\0\1\0\0\0\2"
    assert Image.open(io.BytesIO(picture[8:])).size == (128, 128)


async def test_comfy_script(server):
    made = blank("script")  # a picture of its own: equal ones are not saved twice
    graph = {"EmptyImage.0": made["1"], "SaveImage.0": made["2"]}
    graph["SaveImage.0"]["inputs"]["images"] = ["EmptyImage.0", 0]
    extra = {"extra_pnginfo": {"workflow": {"nodes": []}, "ComfyScriptSource": "image = EmptyImage()"}}
    async with client(server) as script, script.session.ws_connect("/ws?clientId=cs") as socket:
        job = (await script.post("/prompt", {"prompt": graph, "client_id": "cs", "extra_data": extra}))["prompt_id"]
        frames = await until_null(socket, job)
        (told,) = [frame["data"] for frame in frames if frame["type"] == "executed"]
        assert told["node"] == "SaveImage.0"
        picture = await script.picture(told["output"]["images"][0])
    assert json.loads(picture.text["ComfyScriptSource"]) == "image = EmptyImage()"


async def test_open_webui(server):
    async with client(server, Authorization="Bearer ") as webui:
        form = aiohttp.FormData({"type": "input"})
        form.add_field("image", red(), filename="open webui.png", content_type="image/png")
        async with webui.session.post("/api/upload/image", data=form) as answer:
            name = (await answer.json())["name"]
        graph = blank()
        graph["1"] = {"class_type": "LoadImage", "inputs": {"image": name}}
        async with webui.session.ws_connect("/ws?clientId=owui") as socket:
            job = (await webui.post("/prompt", {"prompt": graph, "client_id": "owui"}))["prompt_id"]
            await until_null(socket, job)
        outputs = (await webui.get(f"/history/{job}"))[job]["outputs"]
        assert (await webui.picture(outputs["2"]["images"][0])).size == (64, 64)


async def test_sillytavern_reads_the_whole_history(server):
    async with client(server) as tavern:
        for number in range(60):
            await tavern.post("/prompt", {"prompt": blank(colour=number)}, Content_Type="text/plain")
        job = (await tavern.post("/prompt", {"prompt": painting(seed=1)}, Content_Type="text/plain"))["prompt_id"]
        while job not in await tavern.get("/history"):
            await asyncio.sleep(0.1)
        process = psutil.Process(server.process.pid)
        before = sum(process.cpu_times()[:2])
        for _ in range(20):
            assert len(await tavern.get("/history")) > 60
        assert (sum(process.cpu_times()[:2]) - before) / 20 < 0.05
        job = (await tavern.post("/prompt", {"prompt": failing()}, Content_Type="text/plain"))["prompt_id"]
        await tavern.history(job)
        told = dict((await tavern.get("/history"))[job]["status"]["messages"])["execution_error"]
        assert told["node_type"] == "SaveImage"
        assert {"node_id", "exception_type", "exception_message"} <= told.keys()


async def test_n8n(server):
    async with client(server) as n8n:
        for graph, completed in ((blank("n8n"), True), (failing(), False)):
            job = (await n8n.post("/prompt", {"prompt": graph}, Content_Type="application/json"))["prompt_id"]
            entry = await n8n.history(job)
            assert entry["status"]["completed"] is completed
            assert entry["status"]["status_str"] == ("success" if completed else "error")
            images = [one for output in entry["outputs"].values() for one in output.get("images", [])]
            assert all(isinstance(value, list) for output in entry["outputs"].values() for value in output.values())
            assert [(await n8n.picture(one)).size for one in images] == ([(64, 48)] if completed else [])


async def test_swarmui(server):
    async with client(server) as swarm, swarm.session.ws_connect("/ws?clientId=swarm") as socket:
        await socket.send_str('{"type": "feature_flags", "data": {"supports_preview_metadata": true}}')
        asked = {
            "prompt": painting(seed=3, steps=6),
            "client_id": "swarm",
            "extra_data": {"preview_method": "latent2rgb"},
        }
        job = (await swarm.post("/prompt", asked, Content_Type="text/plain"))["prompt_id"]
        frames = await until_null(socket, job)
        previews = [frame for frame in frames if isinstance(frame, bytes)]
        assert previews
        for frame in previews:
            assert frame[:4] == b"\0\0\0\4"
            length = int.from_bytes(frame[4:8], "big")
            assert json.loads(frame[8 : 8 + length])["prompt_id"] == job
            Image.open(io.BytesIO(frame[8 + length :])).verify()
        await swarm.post("/history", {"delete": [job]}, Content_Type="text/plain")
        assert await swarm.get(f"/history/{job}") == {}


async def test_no_pictures_that_nobody_asked_for(server):
    """Some clients take any picture for the finished one."""
    async with client(server) as plain, plain.session.ws_connect("/ws?clientId=plain") as socket:
        job = (await plain.post("/prompt", {"prompt": painting(seed=4), "client_id": "plain"}))["prompt_id"]
        assert not [frame for frame in await until_null(socket, job) if isinstance(frame, bytes)]


async def test_krita(server):
    async with client(server) as krita, krita.session.ws_connect("/ws?clientId=krita") as socket:
        device = (await krita.get("/system_stats"))["devices"][0]
        assert {"type", "name", "vram_total"} <= device.keys()
        async with krita.session.put("/api/etn/image/abc", data=red(), expect100=True) as answer:
            assert answer.status in (404, 405)
        mine, waiting = str(uuid.uuid4()), str(uuid.uuid4())
        long = {
            "prompt": painting(seed=time.time_ns(), steps=3000),
            "client_id": "krita",
            "prompt_id": mine,
            "front": True,
        }
        assert (await krita.post("/prompt", long))["prompt_id"] == mine
        while (await krita.get("/queue"))["queue_running"] == []:
            await asyncio.sleep(0.05)
        await krita.post("/queue", {"delete": [waiting]})
        await krita.post("/interrupt", b"")
        assert "execution_interrupted" in types(await until_null(socket, mine))


async def test_runpod_comes_back(server):
    """It reconnects with its id and waits for what it missed, also when the job ended meanwhile."""
    async with client(server) as worker:
        async with worker.session.ws_connect("/ws?clientId=pod") as socket:
            job = (await worker.post("/prompt", {"prompt": painting(seed=5), "client_id": "pod"}))["prompt_id"]
            await socket.receive(SECONDS)
        await worker.history(job)
        async with worker.session.ws_connect("/ws?clientId=pod") as socket:
            assert "execution_success" in types(await until_null(socket, job))


async def test_runpod_reads_errors_at_once(server):
    async with client(server) as worker, worker.session.ws_connect("/ws?clientId=pod2") as socket:
        job = (await worker.post("/prompt", {"prompt": failing(), "client_id": "pod2"}))["prompt_id"]
        while json.loads((await socket.receive(SECONDS)).data)["type"] != "execution_error":
            pass
        assert (await worker.get(f"/history/{job}"))[job]["status"]["status_str"] == "error"
        graph = painting(seed=6)
        graph["3"]["inputs"]["sampler_name"] = "nobody's"
        refused = await worker.post("/prompt", {"prompt": graph}, 400)
        (error,) = refused["node_errors"]["3"]["errors"]
        assert error["type"] == "value_not_in_list"
        assert {"message", "details", "extra_info"} <= error.keys()


async def test_one_client_id_for_everybody(server):
    """A web service around the API uses one id for all its requests, each with a socket of its own."""

    async def request(number: int) -> tuple[int, int]:
        async with client(server) as own, own.session.ws_connect("/ws?clientId=global") as socket:
            asked = {"prompt": painting(seed=100 + number), "client_id": "global"}
            job = (await own.post("/prompt", asked, Content_Type=FORM))["prompt_id"]
            await until_null(socket, job)
            outputs = (await own.get(f"/history/{job}"))[job]["outputs"]
            return (await own.picture(outputs["9"]["images"][0])).size

    assert await asyncio.gather(*(request(number) for number in range(4))) == [(128, 128)] * 4


async def test_salad_and_probes(server):
    async with client(server) as salad, salad.session.ws_connect("/ws?clientId=salad") as socket:
        graph = blank("own-id/picture", colour=1)
        job = (await salad.post("/prompt", {"prompt": graph, "client_id": "salad"}))["prompt_id"]
        told = types(await until_null(socket, job))
        steps = ["execution_start", "executing", "executed", "execution_success", "status", "executing"]
        places = [told.index("execution_start")]
        for step in steps[1:]:
            places.append(told.index(step, places[-1] + 1))
        image = (await salad.history(job))["outputs"]["2"]["images"][0]
        assert image["subfolder"] == "own-id"
        assert (server.data / "output" / "own-id" / image["filename"]).is_file()
        async with salad.session.head("/view", params=image) as answer:
            assert answer.headers["Content-Type"] == "image/png"
            assert int(answer.headers["Content-Length"]) > 0


async def test_the_builders_graph(server):
    graph = painting(seed=7)
    graph["3"]["inputs"].update(sampler_name="dpmpp_2m_sde", scheduler="karras")
    graph["6"]["inputs"]["text"] = "a (red:1.2) apple BREAK on a table AND a lamp <lora:none:0.5>"
    async with client(server) as builder:
        job = (await builder.post("/prompt", {"prompt": graph}))["prompt_id"]
        assert (await builder.history(job))["status"]["completed"]
